import * as z from 'zod';
import { duration } from '../../../shared/config/fields.js';
import { nameSchema } from '../../../shared/contracts/formats.js';
import { severitySchema, type Severity } from '../../../shared/contracts/severity.js';
import { roles } from '../../../shared/github/role.js';
import { parseDuration } from '../../../shared/time/duration.js';

/** A person or team that is mentioned: only names of this file are, never what an alert says. */
const mention = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9-]{0,38}(?:\/[A-Za-z0-9][A-Za-z0-9_-]{0,99})?$/,
    'a login such as octocat, or a team such as acme/on-call, without @',
  );
const login = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,38}$/, 'a login such as octocat, without @');

const duty = z.strictObject({
  mention: z.array(mention).max(10).prefault([]).describe('Who is mentioned when an incident is opened.'),
  assign: z.array(login).max(10).prefault([]).describe('Who the issue is assigned to.'),
  escalate: z
    .array(mention)
    .max(10)
    .prefault([])
    .describe('Who is mentioned once when nobody answered in time.'),
});

export type Duty = z.output<typeof duty>;

const within = z
  .string()
  .transform((text, ctx) => {
    if (text === 'next-cycle') return 'next-cycle' as const;
    const milliseconds = parseDuration(text);
    if (milliseconds !== undefined && milliseconds > 0) return milliseconds;
    ctx.issues.push({
      code: 'custom',
      message: 'a duration such as 15m or 24h, or next-cycle',
      input: text,
    });
    return z.NEVER;
  })
  .describe('How soon somebody answers: a duration, or next-cycle for no deadline.');

const level = (answer: string, action: string) =>
  z
    .strictObject({
      'respond-within': within.prefault(answer),
      do: z.string().max(500).default(action).describe('What to do first; it stands in the issue.'),
    })
    .prefault({})
    .describe(`How soon somebody answers and what is done first; by default ${answer}.`);

const argument = z.string().min(1).max(500);

const hook = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,39}$/, 'a name such as maintenance-mode')
    .describe('What people write in the input hook.'),
  run: z
    .array(argument)
    .min(1)
    .max(20)
    .describe(
      'The executable of the workspace and its first arguments; service, environment and, for one tenant, its name follow. No shell.',
    ),
  timeout: duration().prefault('5m').describe('How long each call may take.'),
  'on-alerts': z
    .array(z.string().min(1).max(200))
    .max(50)
    .prefault([])
    .describe('Names of alerts at which a workflow is to run it without asking a person.'),
});

export type Hook = z.output<typeof hook>;

const section = z.strictObject({
  heading: z
    .string()
    .regex(/^[^\r\n#]{1,80}$/, 'a heading of one line, at most 80 long, without #')
    .describe('The heading, exactly as it has to stand in the post-mortem.'),
  hint: z
    .string()
    .max(300)
    .default('')
    .describe('What the template says under it; left standing, it counts as empty.'),
  'names-change': z
    .boolean()
    .default(false)
    .describe('Whether it has to name a pull request, issue, link or file.'),
});

export type Section = z.output<typeof section>;

/** The sections of a post-mortem when the file names none. */
const sections: z.input<typeof section>[] = [
  { heading: 'Root cause', hint: 'What made it possible, not who. The trigger is not the cause.' },
  { heading: 'Timeline', hint: 'When it began, was noticed, answered, contained and over, in UTC.' },
  { heading: 'Lessons', hint: 'What went well, what did not, where we were lucky.' },
  {
    heading: 'What changes now',
    hint: 'Which gate, rule or test makes this impossible from now on: the pull request, issue or file.',
    'names-change': true,
  },
];

const label = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/, 'the name of a label, such as service');
const labels = (standard: string[]) => z.array(label).min(1).max(10).prefault(standard);

const alerts = z.strictObject({
  'service-labels': labels(['service']).describe(
    'Labels that name the service; the first that is there counts.',
  ),
  services: z
    .record(z.string().max(200), nameSchema)
    .prefault({})
    .describe('Value of the label → service; a value that is not here is the name of the service itself.'),
  known: z
    .array(nameSchema)
    .max(200)
    .optional()
    .describe('Services that there are; an alert of any other is untriaged. By default every name is one.'),
  'environment-labels': labels(['environment', 'env']).describe('Labels that name the environment.'),
  environments: z
    .record(z.string().max(200), nameSchema)
    .prefault({})
    .describe('Value of the label → environment.'),
  'default-environment': nameSchema
    .default('production')
    .describe('Environment of alerts without such a label.'),
  'severity-label': label.default('severity').describe('Label that says how bad it is.'),
  severities: z
    .record(z.string().max(200), severitySchema)
    .prefault({
      critical: 'critical',
      page: 'critical',
      error: 'high',
      high: 'high',
      warning: 'medium',
      medium: 'medium',
      info: 'low',
      low: 'low',
      none: 'low',
    })
    .describe('Value of that label → severity; any other value, and none, is high.'),
  'on-resolved': z
    .enum(['note', 'resolve', 'resolve-any'])
    .default('note')
    .describe(
      'What an alert that is over does to its incident. note: it is noted. resolve: the incident is resolved if an alert opened it and no person answered. resolve-any: it is resolved.',
    ),
});

export type AlertRules = z.output<typeof alerts>;

/** `.github/incidents.yml`. */
export const incidentsSchema = z.strictObject({
  version: z.literal(1).describe('Version of this form of file.'),
  severities: z
    .strictObject({
      critical: level(
        '15m',
        'Roll everything back first, then look for the cause. Open a war room: this issue.',
      ),
      high: level('60m', 'A hotfix before everything else, from the version in production.'),
      medium: level('24h', 'Plan a patch.'),
      low: level('next-cycle', 'Backlog, for one of the next releases.'),
    })
    .prefault({})
    .describe('What each severity means for people.'),
  'on-call': z
    .strictObject({
      default: duty.prefault({}).describe('For services that are not listed.'),
      services: z.record(nameSchema, duty).prefault({}).describe('By the name of the service.'),
    })
    .prefault({})
    .describe('Who is told; nobody else is ever mentioned.'),
  triage: z
    .strictObject({
      'lower-role': z
        .enum(roles)
        .exclude(['read'])
        .default('maintain')
        .describe('Least role of who may lower a severity, or call an incident a false alarm.'),
    })
    .prefault({})
    .describe('Who may say what of an incident.'),
  contain: z.array(hook).max(20).prefault([]).describe('Executables that contain an incident.'),
  alerts: alerts.prefault({}).describe('How the labels of alerts are read.'),
  'post-mortem': z
    .strictObject({
      'required-from': severitySchema
        .default('low')
        .describe(
          'The least severity that an incident needs a post-mortem for; the worst it ever had counts.',
        ),
      'remind-after': duration()
        .prefault('3d')
        .describe('When people are reminded of one that is not there.'),
      sections: z
        .array(section)
        .min(1)
        .max(20)
        .prefault(sections)
        .describe('Headings that have to be filled in.'),
    })
    .prefault({})
    .describe('Without which an incident is not closed.'),
});

export type IncidentRules = z.output<typeof incidentsSchema>;

/** What holds where there is no file: the matrix of severities, and nobody on call. */
export const standardRules: IncidentRules = incidentsSchema.parse({ version: 1 });

/** When somebody has to have answered an incident, in epoch milliseconds; undefined: in the next cycle. */
export function deadlineOf(rules: IncidentRules, severity: Severity, openedAtMs: number): number | undefined {
  const answer = rules.severities[severity]['respond-within'];
  return answer === 'next-cycle' ? undefined : openedAtMs + answer;
}

/** Who is on call for a service. */
export function dutyOf(rules: IncidentRules, service: string): Duty {
  const named = Object.entries(rules['on-call'].services).find(
    ([name]) => name.toLowerCase() === service.toLowerCase(),
  );
  return named?.[1] ?? rules['on-call'].default;
}
