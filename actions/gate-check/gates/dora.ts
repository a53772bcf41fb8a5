import * as z from 'zod';
import { duration } from '../../../shared/config/fields.js';
import { nameSchema } from '../../../shared/contracts/formats.js';
import { hasSomeOf, withJsonForm } from '../../../shared/schema/json-form.js';
import { formatDuration } from '../../../shared/time/duration.js';
import { parseInstant } from '../../../shared/time/instant.js';
import { doraFigures, type DoraRead } from '../evidence/dora-figures.js';
import { defineGate, type GateResult } from '../gate/gate.js';
import { letHotfix } from '../gate/hotfix-proof.js';

const bound = z
  .strictObject({
    figure: z.enum(doraFigures).describe('Named as the output of dora-report is.'),
    min: z.number().optional().describe('The least it may be.'),
    max: z.number().optional().describe('The most it may be.'),
    'without-data': z
      .enum(['fail', 'pass'])
      .default('fail')
      .describe('What a figure means that was not measured, as while nothing was deployed.'),
  })
  .refine(
    withJsonForm(
      ({ min, max }: { min?: number | undefined; max?: number | undefined }) =>
        min !== undefined || max !== undefined,
      () => [hasSomeOf(['min', 'max'])],
    ),
    { message: 'min, max or both', params: { fix: 'add for example max: 0.15' } },
  )
  .refine(({ min = -Infinity, max = Infinity }) => min <= max, {
    message: 'a max that is not below min: no figure would pass',
    path: ['max'],
    when: ({ issues }) => issues.length === 0,
  });

const schema = z
  .strictObject({
    workflow: z
      .string()
      .regex(
        /^\.github\/workflows\/[^/]+\.ya?ml$/,
        'the path of a workflow, such as .github/workflows/dora-report.yml',
      )
      .describe('The workflow that runs dora-report.'),
    events: z
      .array(z.enum(['schedule', 'workflow_dispatch', 'push']))
      .min(1)
      .default(['schedule'])
      .describe('Events whose runs count. Who starts one by hand chooses its inputs.'),
    environment: nameSchema
      .optional()
      .describe('The environment that was measured; by default the one that is asked for.'),
    artifact: nameSchema
      .optional()
      .describe('Its artifact with the report; by default dora-report-<environment>.'),
    'max-age': duration().prefault('8d').describe('How old the end of the measured window may be.'),
    bounds: z
      .array(bound)
      .min(1)
      .refine((bounds) => new Set(bounds.map(({ figure }) => figure)).size === bounds.length, {
        message: 'each figure once',
        params: { fix: 'keep one entry for each figure, with min, max or both' },
      })
      .describe('Figures of the service, and what each may be at the release.'),
    'let-hotfix': letHotfix('a figure outside its bounds'),
  })
  .describe('Figures of the newest DORA report are within their bounds.');

type Config = z.output<typeof schema>;

const fail = (reason: string): GateResult => ({ is: 'fail', reason });

/**
 * Figures of the newest DORA report of the service are within their bounds. Like a metric it may be let through, since
 * it says how the team delivers and not how the release is.
 */
export const dora = defineGate({
  name: 'dora',
  byPeople: true,
  schema,
  needs: {
    dora: ({ workflow, events, artifact, environment }, request) => ({
      workflow,
      events,
      artifact: artifact ?? `dora-report-${environment ?? request.environment}`,
    }),
  },
  hotfixLevels: (config) => [config['let-hotfix']],
  judge: (
    config,
    {
      request,
      evidence: {
        dora: { run, report },
      },
    },
    now,
  ) => {
    const { workflow, events } = config;
    const where = `${workflow} (${events.join(', ')})`;
    if (!run) return fail(`no complete run of ${where} was found: nobody measured`);
    const what = `run #${run.number} (${run.event})`;
    if (run.path !== workflow || !events.some((event) => event === run.event))
      return fail(`${what} is no run of ${where}`);
    if (!run.onDefaultBranch)
      return fail(
        `${what} ran at ${run.headSha.slice(0, 12)}, which is not on the default branch: it may measure anything`,
      );
    if (run.conclusion !== 'success')
      return fail(`the newest run that measured, #${run.number}, ended as ${run.conclusion ?? 'nothing'}`);
    const evidence = [{ text: `DORA report of ${what}`, url: run.url }];
    const read = readable(config, report, request, now);
    if ('is' in read) return { ...read, evidence };
    const judged = config.bounds.map((one) => judgeBound(one, read.figures[one.figure] ?? null));
    const texts = (is: string) => judged.filter((one) => one.is === is).map(({ text }) => text);
    const [within, outside, unknown] = ['within', 'outside', 'unknown'].map(texts) as [
      string[],
      string[],
      string[],
    ];
    if (outside.length + unknown.length === 0) return { is: 'pass', reason: within.join('; '), evidence };
    return {
      is: 'fail',
      reason: [...outside, ...unknown].join('; '),
      despite: unknown.length === 0 ? outside.join('; ') : undefined,
      notes: within,
      evidence,
    };
  },
});

/** The figures of the service in a report that is about this environment and new enough. */
function readable(
  config: Config,
  report: DoraRead,
  { environment, service }: { environment: string; service: string },
  now: number,
) {
  if (report.is === 'unreadable') return fail(`the report could not be read: ${report.reason}`);
  const measured = config.environment ?? environment;
  if (report.environment !== measured)
    return fail(`the report measured ${report.environment}, not ${measured}`);
  const age = now - (parseInstant(report.to) ?? NaN);
  if (!(age <= config['max-age']))
    return fail(
      `the report ends at ${report.to}, ${formatDuration(age)} ago; allowed are ${formatDuration(config['max-age'])}`,
    );
  if (age < -3_600_000) return fail(`the report ends at ${report.to}, which has not come yet`);
  const own = report.services.filter((one) => one.service === service);
  if (own.length !== 1)
    return fail(
      `the report does not measure ${service}; it has ${report.services.map((one) => one.service).join(', ') || 'no service'}`,
    );
  return { figures: own[0]!.figures };
}

function judgeBound(
  { figure, min = -Infinity, max = Infinity, 'without-data': withoutData }: Config['bounds'][number],
  value: number | null,
) {
  if (value === null)
    return withoutData === 'pass'
      ? { is: 'within', text: `${figure} was not measured, which the policy lets pass` }
      : { is: 'unknown', text: `${figure} was not measured: nothing to judge by` };
  if (value >= min && value <= max) return { is: 'within', text: `${figure} is ${rounded(value)}` };
  return {
    is: 'outside',
    text: `${figure} is ${rounded(value)}, allowed is ${value < min ? `at least ${min}` : `at most ${max}`}`,
  };
}

/** For people; what is compared is the value itself. */
const rounded = (value: number) => Number(value.toPrecision(4));
