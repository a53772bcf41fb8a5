import * as z from 'zod';
import { severitySchema } from '../../shared/contracts/severity.js';
import { flag, integer, lines } from '../../shared/config/fields.js';
import { parseInstant } from '../../shared/time/instant.js';
import { environmentInput, githubToken, serviceInput, type FieldMeta } from '../../shared/runner/fields.js';

const modes = ['open', 'triage', 'contain', 'note', 'resolve', 'close', 'follow', 'sweep'] as const;

/** Names, one a line or separated by commas, as the form of a workflow has them. */
const names = () =>
  lines().transform((each) =>
    each.flatMap((line) =>
      line
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== ''),
    ),
  );

/** Tenants as a record keeps them and a hook gets them as arguments: none that a command would take for an option. */
const tenants = () =>
  names().superRefine((all, ctx) => {
    const wrong = (message: string) => ctx.addIssue({ code: 'custom', message });
    if (all.length > 50) wrong(`at most 50 tenants, and ${all.length} came: write all for everybody`);
    for (const name of all) {
      if (name.length > 100) wrong(`a tenant of at most 100 characters; ${name.slice(0, 20)}… is longer`);
      if (name.startsWith('-'))
        wrong('a tenant that does not begin with a dash: hooks get it as an argument');
      if (/\p{Cc}/u.test(name)) wrong('a tenant without control characters');
    }
  });

export const inputs = z
  .strictObject({
    mode: z
      .enum(modes)
      .default('open')
      .describe(
        'open: from title, from an alert, or from a report. triage: say where it belongs, whom it meets and how bad it is. contain: run a hook. note: add to its timeline. resolve: users are well again. close: its post-mortem is there. follow: for events of issues, what a person did by hand. sweep: for schedules, who has not answered and which post-mortem is missing.',
      ),
    issue: integer(1, Number.MAX_SAFE_INTEGER)
      .optional()
      .meta({ example: '31' } satisfies FieldMeta)
      .describe('Number of the issue; needed by triage, contain, note, resolve and close.'),
    service: serviceInput().optional().describe('open by title or report, triage: the service.'),
    environment: environmentInput()
      .optional()
      .describe(
        'open by title or report, and triage together with service: the environment. contain: the one whose login the job has; of another, nothing is run.',
      ),
    severity: severitySchema
      .optional()
      .describe('open, triage: how bad it is. Everybody who may triage can raise it.'),
    title: z
      .string()
      .max(200)
      .optional()
      .describe('open: what is wrong, in one line; used when there is neither alert nor report.'),
    text: z
      .string()
      .max(20_000)
      .optional()
      .describe('What happened, the note, or the reason; shown as text, whatever is in it.'),
    alert: z
      .string()
      .optional()
      .meta({ example: '${{ toJSON(github.event.client_payload) }}' } satisfies FieldMeta)
      .describe(
        'open: an alert as JSON, as Alertmanager sends it or in the generic form (docs/incidents.md), or the path of a file that has it.',
      ),
    'from-report': z
      .string()
      .optional()
      .meta({ example: '${{ steps.smoke.outputs.report }}' } satisfies FieldMeta)
      .describe('open: path of the report of an action of the suite. A success opens nothing.'),
    'alert-status': z
      .enum(['firing', 'resolved'])
      .default('firing')
      .describe('open: status of an alert in the generic form that says none.'),
    tenants: tenants()
      .prefault('')
      .describe(
        'triage, contain: tenants that it meets, one a line or separated by commas; all for everybody.',
      ),
    hook: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,39}$/, 'the name of a hook under contain of the file of incidents')
      .optional()
      .describe('contain: the hook to run.'),
    'pass-env': lines()
      .prefault('')
      .describe('contain: variables of this step that the hook gets, one a line.'),
    'resolved-at': z
      .string()
      .refine((text) => parseInstant(text) !== undefined, 'an instant such as 2026-01-31T12:00:00Z')
      .optional()
      .describe('resolve: since when users are well, between the opening and now; by default now.'),
    'false-alarm': flag()
      .prefault('false')
      .describe(
        'close: it was none, so it needs no post-mortem; takes the role that may lower a severity, and text.',
      ),
    config: z
      .string()
      .default('.github/incidents.yml')
      .describe('File of incidents, read from the default branch only. Without it, the defaults hold.'),
    'ledger-writers': lines()
      .prefault('github-actions[bot]')
      .describe(
        'Identities whose incidents count, one a line: github-actions[bot] or an App as <slug>[bot].',
      ),
    'github-token': githubToken(),
  })
  .superRefine((values, ctx) => {
    const { mode, issue, title, alert, hook } = values;
    const missing = (path: string, message: string) =>
      ctx.addIssue({ code: 'custom', path: [path], message });
    if (['triage', 'contain', 'note', 'resolve', 'close'].includes(mode) && issue === undefined)
      missing('issue', `mode ${mode} needs the number of the issue`);
    if (mode === 'note' && !values.text) missing('text', 'mode note needs what is to be noted');
    if (mode === 'contain' && hook === undefined) missing('hook', 'mode contain needs the name of a hook');
    if (mode !== 'open') return;
    const given = [title, alert, values['from-report']].filter((one) => one !== undefined).length;
    if (given !== 1) missing('title', 'exactly one of title, alert and from-report');
    if (alert !== undefined) return;
    if (!values.service) missing('service', 'needed where no alert names it');
    if (!values.environment) missing('environment', 'needed where no alert names it');
    if (title !== undefined && !values.severity) missing('severity', 'needed with title');
  });

export type Inputs = z.output<typeof inputs>;

export const outputs = z.strictObject({
  result: z
    .string()
    .describe(
      'opened, updated, triaged, contained, not-contained, noted, resolved, closed, reopened, refused, swept or nothing.',
    ),
  issue: z
    .string()
    .describe('Address of the issue; of several, that of the worst. Empty when there is none.'),
  number: z.string().describe('Its number.'),
  severity: z.string().describe('critical, high, medium or low.'),
  deadline: z
    .string()
    .describe('Instant (UTC) by which somebody has to have answered; empty: in the next cycle.'),
  hooks: z
    .string()
    .describe(
      'Hooks that the file wants run at these alerts, as a JSON list of hook, issue and environment; none for what is untriaged.',
    ),
  report: z.string().describe('Path of the JSON report (schemas/incident-report.json).'),
});

export type Outputs = z.output<typeof outputs>;
