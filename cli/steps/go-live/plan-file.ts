import * as z from 'zod';
import { nameSchema } from '../../../shared/contracts/formats.js';
import { suggest } from '../../../shared/text/suggest.js';

/** Ranks that the workflow has jobs for: GitHub makes no jobs out of data but the legs of a matrix. */
export const ranks = [1, 2, 3, 4, 5] as const;

/** Names of jobs are taken apart at " / " and ": ", so a name has neither. */
const serviceName = () =>
  z
    .string()
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9._-]{0,49}$/,
      'a name of letters, digits, dot, dash and underscore, at most 50 long',
    );

/** An environment of a service as the plan names it. */
export const placeOf = (pattern: string, name: string): string => pattern.replaceAll('{service}', name);

const place = (what: string) =>
  nameSchemaWithService().describe(`${what} "{service}" stands for the name of the service.`);
const nameSchemaWithService = () =>
  z.string().refine((text) => nameSchema.safeParse(text.replaceAll('{service}', 'x')).success, {
    message: 'the name of an environment, such as production or {service}-production',
  });
const address = () => z.url({ protocol: /^https?$/, error: 'an address such as https://shop.example' });

const service = z.strictObject({
  name: serviceName().describe('The service, as its traffic, suite and Deployments name it.'),
  rank: z
    .int()
    .min(1)
    .max(ranks.length)
    .describe(
      'When it is its turn: services of one rank side by side, the next rank when all of it is green.',
    ),
  backup: z.boolean().default(true).describe('false: deploy/backup is not run before it.'),
  cdn: z
    .boolean()
    .default(false)
    .describe(
      'true: deploy/invalidate SERVICE ENVIRONMENT is run once it is live, then its smoke suite against "url". Only in the last rank.',
    ),
  url: address().optional().describe('Its public address. Needed with "cdn".'),
  'back-with': z
    .array(serviceName())
    .default([])
    .describe('Services whose contract it needs: where one of them goes back, it goes back too.'),
});

/** `.github/go-live.yml`: several services in a declared order. */
export const goLiveFileSchema = z
  .strictObject({
    version: z.literal(1).describe('Format of this file.'),
    from: place(
      'Environment where each service was proved: version and digest are what is live there.',
    ).default('staging'),
    environment: place('Environment they go to.').default('production'),
    'release-workflows': z
      .array(
        z.string().regex(/^\.github\/workflows\/[\w.-]+\.ya?ml$/, 'a path such as .github/workflows/cd.yml'),
      )
      .min(1)
      .default(['.github/workflows/cd.yml'])
      .describe('Workflows whose Deployments count, beside the go-live itself.'),
    'take-back': z
      .enum(['failed', 'all'])
      .default('failed')
      .describe(
        'failed: a failure takes back that service, and those whose "back-with" names it. all: everything of this go-live, the last first.',
      ),
    database: z
      .strictObject({
        service: serviceName().describe('Service of this plan that .github/migrations.yml is run for.'),
        'reversible-schema': z
          .string()
          .min(1)
          .optional()
          .describe(
            'The schema that a person says can be reversed without losing data. Without it no migration is reversed.',
          ),
      })
      .optional()
      .describe('Migrations, before every service.'),
    services: z.array(service).min(1).describe('The services in their order.'),
    verify: z
      .strictObject({
        suite: z
          .string()
          .regex(/^[\w./-]+\.ya?ml$/, 'a path such as .github/smoke-go-live.yml')
          .default('.github/smoke-go-live.yml')
          .describe('Smoke suite of flows through several services.'),
        url: address().describe('Public address it is run against.'),
      })
      .optional()
      .describe('What is looked at once all of them are live.'),
    'watch-hours': z
      .number()
      .min(1)
      .max(168)
      .default(48)
      .describe('Hours without a major incident after which it is a success. The workflow watch.yml looks.'),
  })
  .superRefine((plan, ctx) => {
    const wrong = (path: PropertyKey[], message: string, fix: string, input: unknown) =>
      ctx.addIssue({ code: 'custom', path, message, params: { fix }, input });
    const names = plan.services.map(({ name }) => name);
    const last = Math.max(...plan.services.map(({ rank }) => rank));
    const unknown = (path: PropertyKey[], name: string, allowed: readonly string[]) => {
      const near = suggest(name, allowed);
      const message = `a service of this plan: ${allowed.join(', ')}`;
      wrong(path, message, near ? `write  ${near}` : 'name one of them', name);
    };
    for (const [at, { name, rank, cdn, url, 'back-with': backWith }] of plan.services.entries()) {
      const here = (key: string) => ['services', at, key];
      if (names.findIndex((one) => one.toLowerCase() === name.toLowerCase()) !== at)
        wrong(here('name'), 'each service once', 'remove one of the two entries', name);
      if (cdn && url === undefined)
        wrong(here('cdn'), 'with "cdn" also "url"', 'add  url: https://… , its public address', cdn);
      if (cdn && rank !== last)
        wrong(here('rank'), `the last rank, ${last}, for a service with "cdn"`, `write  rank: ${last}`, rank);
      const others = names.filter((one) => one !== name);
      for (const [index, other] of backWith.entries())
        if (!others.includes(other)) unknown([...here('back-with'), index], other, others);
    }
    if (plan.database && !names.includes(plan.database.service))
      unknown(['database', 'service'], plan.database.service, names);
    const placed = (pattern: string, name: string) => placeOf(pattern, name).toLowerCase();
    if (names.some((name) => placed(plan.from, name) === placed(plan.environment, name)))
      wrong(['from'], 'another environment than "environment"', 'name the stage before', plan.from);
  });

export type GoLiveFile = z.output<typeof goLiveFileSchema>;
export type GoLiveEntry = GoLiveFile['services'][number];
