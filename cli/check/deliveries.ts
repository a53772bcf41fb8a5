import type { Job, WorkflowFile } from './workflows.js';

/** A workflow of the repository that releases: by calling the suite's, or as a copy of it. */
export interface Delivery {
  path: string;
  /** Undefined where that is an expression, or a copy. */
  service: string | undefined;
  /** What a caller hands to the smoke suite; undefined of a copy, whose steps are the team's own. */
  passes: { secrets: readonly string[] } | undefined;
}

/** The secrets of the delivery workflows, by the name that the smoke suite knows them by. */
const suiteSecrets = { DATABASE_URL: 'DATABASE_URL', PASSWORD: 'SMOKE_PASSWORD' };

/** Every workflow of a repository that releases. */
export const deliveriesOf = (workflows: readonly WorkflowFile[]): Delivery[] =>
  workflows.flatMap(({ path, jobs }) =>
    Object.values(jobs).flatMap((job): Delivery[] => {
      if (typeof job.uses === 'string' && /\/\.github\/workflows\/(cd|promote)\.ya?ml@/.test(job.uses))
        return [{ path, service: plain(job.with?.['service']), passes: { secrets: passedBy(job.secrets) } }];
      const switches = (Array.isArray(job.steps) ? job.steps : []).some(
        ({ uses, with: given }) =>
          /\/blue-green(-switch)?@/.test(String(uses)) && given?.['mode'] === 'switch',
      );
      return switches ? [{ path, service: undefined, passes: undefined }] : [];
    }),
  );

const passedBy = (secrets: Job['secrets']): string[] =>
  Object.entries(suiteSecrets).flatMap(([known, passed]) =>
    secrets === 'inherit' || (typeof secrets === 'object' && Object.hasOwn(secrets, passed)) ? [known] : [],
  );

const plain = (value: unknown) => (typeof value === 'string' && !value.includes('${{') ? value : undefined);

/** The suite that a release of a service is tested by: its own where there is one. */
export function suiteOf(service: string | undefined, suites: readonly string[]): string {
  const own = `.github/smoke-${service}.yml`;
  return service !== undefined && suites.includes(own) ? own : '.github/smoke.yml';
}

/** What every release that a suite tests hands to it; undefined where no caller runs it, or a copy does. */
export function handedTo(
  suite: string,
  deliveries: readonly Delivery[],
  suites: readonly string[],
): { secrets: readonly string[]; by: Delivery } | undefined {
  const mine = deliveries.filter(({ service }) => suiteOf(service, suites) === suite);
  if (mine.length === 0 || mine.some(({ passes }) => passes === undefined)) return undefined;
  const [by, ...others] = mine as (Delivery & { passes: { secrets: readonly string[] } })[];
  const secrets = by!.passes.secrets.filter((name) =>
    others.every(({ passes }) => passes.secrets.includes(name)),
  );
  return { secrets, by: mine.find(({ passes }) => passes!.secrets.length === secrets.length) ?? by! };
}
