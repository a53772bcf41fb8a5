import { suggest } from '../../shared/text/suggest.js';
import { partNames, withNeeded, type PartName } from './parts/names.js';

export const places = ['kubernetes', 'ecs', 'vm'] as const;
export type Place = (typeof places)[number];

export const channels = ['slack', 'teams', 'pagerduty', 'webhook'] as const;
export type Channel = (typeof channels)[number];

export const shapes = ['caller', 'inline'] as const;
export type Shape = (typeof shapes)[number];

/** Where each kind of router can stand; one that moves pods needs a cluster. */
export const routerPlaces = {
  haproxy: places,
  nginx: places,
  caddy: places,
  traefik: places,
  envoy: places,
  'kubernetes-service': ['kubernetes'],
  'gateway-api': ['kubernetes'],
  'ingress-nginx': ['kubernetes'],
  istio: ['kubernetes'],
  'aws-alb': places,
  command: places,
} as const satisfies Record<string, readonly Place[]>;
export type RouterName = keyof typeof routerPlaces;
export const routers = Object.keys(routerPlaces) as RouterName[];

/** What init was told; everything it writes follows from this and the templates. */
export interface Answers {
  /** Where the suite comes from: `acme/devops-actions`, a full commit of it, and the version that this commit is. */
  suite: { repository: string; ref: string; version: string };
  /** The team's own repository. */
  repository: string;
  services: readonly string[];
  /** From the first stage to the users', one to three. */
  environments: readonly string[];
  router: RouterName;
  place: Place;
  notify: readonly Channel[];
  shape: Shape;
  /** Labels of runs-on, where it is not GitHub's own runner; only in the inline shape. */
  runner: readonly string[];
  policy: string;
  /** Who owns the files of the suite, and reviews deployments to the users. */
  owners: readonly string[];
  branch: string;
  ci: string;
  checks: readonly string[];
  /** What is switched on beside delivery, watch and rollback, in the order of the list. */
  parts: readonly PartName[];
  /** Folders of projects; empty where there is none. */
  python: string;
  node: string;
  terraform: string;
  /** Inputs of the workflows that the team set itself, as `hotfix.target-minutes=30`. */
  settings: readonly string[];
}

/** What was given for each option, in order; empty where it was not. */
export type Given = (option: string) => readonly string[];

export type ReadAnswers = { ok: true; answers: Answers } | { ok: false; problems: string[] };

/** Also of what a proposal says of itself: it stands in a title and a commit. */
export const versionPattern = /^v?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/;

const form = {
  repository: [/^[A-Za-z0-9-]+\/[A-Za-z0-9._-]+$/, 'OWNER/NAME, such as acme/shop'],
  ref: [/^[0-9a-f]{40}$/, 'a full commit of 40 hex digits'],
  version: [versionPattern, 'a version, such as v1.4.0'],
  service: [/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/, 'lower-case letters, digits and dashes, at most 40'],
  environment: [/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/, 'lower-case letters, digits and dashes, at most 40'],
  owner: [/^@[A-Za-z0-9-]+(\/[A-Za-z0-9_.-]+)?$/, 'a user or team of GitHub, such as @acme/release or @mona'],
  branch: [/^[A-Za-z0-9][A-Za-z0-9._/-]{0,100}$/, 'the name of a branch'],
  ci: [/^\.github\/workflows\/[A-Za-z0-9._-]+\.ya?ml$/, 'a file such as .github/workflows/ci.yml'],
  check: [/^[^\p{Cc}]{1,100}$/u, 'the name of a job as GitHub shows it'],
  runner: [/^[A-Za-z0-9][A-Za-z0-9._-]{0,60}$/, 'a label of runs-on, such as self-hosted'],
  folder: [
    /^(\.|\w[\w.-]*(\/\w[\w.-]*)*)$/,
    'a folder of the repository without spaces, such as api, or . for its root; none: there is none',
  ],
} as const;

/** Whether a folder may stand in a workflow and in CODEOWNERS as it is. */
export const isFolder = (name: string): boolean => form.folder[0].test(name);

/** Commas between names; those in brackets belong to one: GitHub calls a job of a matrix "build (20, ubuntu)". */
const between = /,(?![^()]*\))/;

/** Reads options into answers; everything that is wrong with them comes at once. */
export function readAnswers(given: Given, policies: readonly string[]): ReadAnswers {
  const problems: string[] = [];
  const list = (option: string, kind: keyof typeof form, missing: readonly string[] = []) => {
    const values = given(option).flatMap((text) => text.split(between).map((one) => one.trim()));
    for (const value of values)
      if (!form[kind][0].test(value))
        problems.push(`--${option} ${value || '""'}: expected ${form[kind][1]}.`);
    if (new Set(values).size !== values.length)
      problems.push(`--${option}: ${values.join(', ')}: one is there twice.`);
    return values.length > 0 ? values : [...missing];
  };
  const one = (option: string, kind: keyof typeof form, missing?: string) => {
    const [value, ...more] = list(option, kind);
    if (more.length > 0) problems.push(`--${option} was given ${more.length + 1} times; it is given once.`);
    if (value === undefined && missing === undefined)
      problems.push(`--${option} is missing: expected ${form[kind][1]}.`);
    return value ?? missing ?? '';
  };
  const choices = <Choice extends string>(option: string, allowed: readonly Choice[]) => {
    const values = given(option).flatMap((text) => text.split(',').map((name) => name.trim()));
    for (const value of values.filter((name) => !allowed.includes(name as Choice))) {
      const near = suggest(value, allowed);
      const meant = near === undefined ? '' : ` Did you mean ${near}?`;
      problems.push(`--${option} ${value}: expected one of ${allowed.join(', ')}.${meant}`);
    }
    return values as Choice[];
  };
  const choice = <Choice extends string>(option: string, allowed: readonly Choice[], missing?: Choice) => {
    const [value, ...more] = choices(option, allowed);
    if (more.length > 0) problems.push(`--${option} was given ${more.length + 1} times; it is given once.`);
    if (value === undefined && missing === undefined)
      problems.push(`--${option} is missing: expected one of ${allowed.join(', ')}.`);
    return value ?? missing ?? allowed[0]!;
  };

  const folder = (option: string) => {
    const value = one(option, 'folder', '');
    return value === 'none' ? '' : value;
  };

  const asked = choices<PartName | 'none'>('with', [...partNames, 'none']).filter((name) => name !== 'none');
  const parts = withNeeded(asked);
  const makesChecks = parts.some((name) => name === 'ci-python' || name === 'ci-node');
  const place = choice('place', places);
  const runner = list('runner', 'runner').filter((label) => label !== 'none');
  const answers: Answers = {
    suite: {
      repository: one('suite', 'repository'),
      ref: one('ref', 'ref'),
      version: one('version', 'version'),
    },
    repository: one('repository', 'repository'),
    services: list('service', 'service'),
    environments: list('environments', 'environment', ['staging', 'production']),
    router: choice('router', routers),
    place,
    notify: choices<Channel | 'none'>('notify', [...channels, 'none']).filter((one) => one !== 'none'),
    shape: choice('shape', shapes, runner.length > 0 ? 'inline' : 'caller'),
    runner,
    policy: choice('policy', policies, 'standard'),
    owners: list('owners', 'owner'),
    branch: one('branch', 'branch', 'main'),
    ci: one('ci', 'ci', '.github/workflows/ci.yml'),
    checks: list('job', 'check', makesChecks ? [] : ['test']),
    parts,
    python: folder('python'),
    node: folder('node'),
    terraform: folder('terraform'),
    settings: given('set'),
  };
  if (answers.services.length === 0)
    problems.push(`--service is missing: expected ${form.service[1]}, such as shop.`);
  if (answers.owners.length === 0) problems.push(`--owners is missing: expected ${form.owner[1]}.`);
  if (answers.environments.length > 3)
    problems.push(
      `--environments: ${answers.environments.join(', ')}: a release goes through at most three, the last is the users'.`,
    );
  const recovery = answers.environments.filter((name) => name.endsWith('-recovery'));
  if (recovery.length > 0)
    problems.push(
      `--environments ${recovery.join(', ')}: names with -recovery are made by init, one for each.`,
    );
  const allowed: readonly Place[] = routerPlaces[answers.router] ?? places;
  if (problems.length === 0 && !allowed.includes(place))
    problems.push(
      `--router ${answers.router} moves traffic between pods: it needs --place ${allowed.join(' or ')}.`,
    );
  if (answers.shape === 'caller' && runner.length > 0)
    problems.push('--runner needs --shape inline: a called workflow decides about its runners itself.');
  return problems.length > 0 ? { ok: false, problems } : { ok: true, answers };
}

/** One environment of one service, as GitHub knows it. */
export interface Stage {
  service: string;
  /** What the templates call it. */
  role: 'staging' | 'uat' | 'production';
  environment: string;
  /** The stage that a release comes from. */
  before: string | undefined;
}

/** The stages of a service. With several services each has environments of its own, and so its own gates and secrets. */
export function stagesOf(answers: Answers, service: string): Stage[] {
  const named = (name: string) => (answers.services.length > 1 ? `${service}-${name}` : name);
  const roles: Record<number, readonly Stage['role'][]> = {
    1: ['production'],
    2: ['staging', 'production'],
    3: ['staging', 'uat', 'production'],
  };
  return answers.environments.map((name, index) => ({
    service,
    role: roles[answers.environments.length]![index]!,
    environment: named(name),
    before: index === 0 ? undefined : named(answers.environments[index - 1]!),
  }));
}

/** Every stage of every service. */
export const allStages = (answers: Answers): Stage[] =>
  answers.services.flatMap((service) => stagesOf(answers, service));

/** A file that init writes: its path from the root of the repository, with forward slashes. */
export interface InitFile {
  path: string;
  text: string;
  /** Whether it is executed. */
  executable?: boolean;
  /** Whether it is a part of a file that has other parts: everything between our marks. */
  part?: boolean;
  /** Whether it is only where a team begins: once it is theirs, init leaves it alone. */
  seed?: boolean;
}

/** Address of a schema, for the first line of a file; of the major version, so that an upgrade changes no such line. */
export const schemaLine = ({ suite: { repository, version } }: Answers, name: string) =>
  `# yaml-language-server: $schema=https://raw.githubusercontent.com/${repository}/v${major(version)}/schemas/${name}.json\n`;

const major = (version: string) => /\d+/.exec(version)![0];

/** What marks a line whose value init could not know. */
export const yours = '# yours';
