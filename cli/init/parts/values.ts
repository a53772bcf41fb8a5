import { isMap, isScalar, Scalar, visit, type Document, type YAMLMap } from 'yaml';
import { jobsOf } from '../../../scripts/inline/nodes.js';
import { allStages, stagesOf, type Answers } from '../answers.js';
import { requiredChecks } from './parts.js';

/** Where a part of a team with several services keeps the suite of all of them: none of them has the name. */
export const ephemeralSuite = '.github/ephemeral-smoke.yml';

/** What stands before a version in the tags of a service; several services do not share their tags. */
export const tagPrefix = ({ services }: Pick<Answers, 'services'>, service: string): string =>
  services.length > 1 ? `${service}-v` : 'v';

/**
 * The variable of the repository with the public address of the stage before the users. GitHub takes none that begins
 * with a digit or with GITHUB_.
 */
export function stagingUrl({ services }: Answers, service: string): string {
  if (services.length === 1) return 'STAGING_URL';
  const name = `${service.toUpperCase().replaceAll('-', '_')}_STAGING_URL`;
  return /^(\d|GITHUB_)/.test(name) ? `_${name}` : name;
}

/** The environment whose infrastructure is made. One of several services is not the others'. */
export const infrastructureEnvironment = ({ environments }: Answers): string => environments.at(-1)!;

/** The users' environment of the first service: the one where nobody says another. */
export const usersEnvironment = (answers: Answers): string =>
  stagesOf(answers, answers.services[0]!).at(-1)!.environment;

/** The workflow that releases a service. */
export const cdFile = ({ services }: Answers, service: string): string =>
  `.github/workflows/${services.length > 1 ? `cd-${service}` : 'cd'}.yml`;

/** Workflows whose Deployments say what is live of a service, one a line. */
const releaseFiles = (answers: Answers, service: string): string =>
  [
    cdFile(answers, service),
    ...(answers.parts.includes('go-live') ? ['.github/workflows/go-live.yml'] : []),
  ].join('\n');

const isSeveral = ({ services }: Answers) => services.length > 1;

/** Sets inputs of the job that calls; undefined leaves one out, so that the default of the called workflow holds. */
function give(document: Document, values: Readonly<Record<string, string | undefined>>): void {
  const node = jobsOf(document).find((job) => job.node.has('uses'))!.node;
  for (const [input, value] of Object.entries(values))
    if (value === undefined) node.deleteIn(['with', input]);
    else node.setIn(['with', input], value);
}

/** What the scanners look at, of security-scan.yml and hotfix.yml alike. */
const scanned = ({ python, node, terraform, parts }: Answers) => ({
  python: python === '' ? undefined : python === '.' ? 'requirements.txt' : `${python}/requirements.txt`,
  'python-code': python === '' ? undefined : python,
  node: node === '' ? undefined : node,
  infrastructure: terraform !== '' && parts.includes('infrastructure') ? terraform : undefined,
});

/** Languages that CodeQL looks at, where the repository has code scanning. */
function codeqlOf({ python, node }: Answers): string | undefined {
  const languages = [...(python === '' ? [] : ['python']), ...(node === '' ? [] : ['javascript-typescript'])];
  if (languages.length === 0) return undefined;
  return `\${{ vars.CODE_SCANNING == 'true' && '${JSON.stringify(languages)}' || '[]' }}`;
}

/** Branches whose pull requests may go into the release branch, where the policy wants two branches. */
const intoRelease = ({ policy }: Answers) =>
  ['develop-to-main', 'release-rules'].includes(policy) ? 'develop hotfix/* devops-actions/*' : '';

const environmentOf = (document: Document) => document.get('env') as YAMLMap;

type Fit = (document: Document, answers: Answers, service: string) => void;

const ciOf =
  (folder: (answers: Answers) => string): Fit =>
  (document, answers) => {
    environmentOf(document).set('FOLDER', folder(answers));
    environmentOf(document).set('INTO_MAIN', intoRelease(answers));
  };

const fits: Readonly<Record<string, Fit>> = {
  cd: (document, answers, service) =>
    give(document, {
      ...(answers.parts.includes('migrations') && service === answers.services[0]
        ? { migrations: 'run' }
        : {}),
      ...(answers.parts.includes('go-live') ? { 'release-workflows': releaseFiles(answers, service) } : {}),
    }),
  'ci-python': ciOf(({ python }) => python),
  'ci-node': ciOf(({ node }) => node),
  'test-pyramid': (document, { python, node }) =>
    environmentOf(document).set('FOLDER', python || node || '.'),
  docs: (document) => {
    // What nobody has yet would be red: a page more is one setting.
    const env = jobsOf(document)[0]!.node.get('env') as YAMLMap;
    env.set('PAGES', 'README.md');
    env.set('FRONT_MATTER', '');
  },
  'security-scan': (document, answers) =>
    give(document, {
      ...scanned(answers),
      codeql: codeqlOf(answers),
      images: undefined,
      openapi: undefined,
    }),
  hotfix: (document, answers, service) =>
    give(document, {
      service,
      ...(usersEnvironment(answers) === 'production' ? {} : { production: usersEnvironment(answers) }),
      ...(isSeveral(answers) || answers.parts.includes('go-live')
        ? { 'release-workflows': releaseFiles(answers, service) }
        : {}),
      ...scanned(answers),
      ...(isSeveral(answers) ? { suite: ephemeralSuite } : {}),
    }),
  'ephemeral-environment': (document, answers) =>
    give(document, {
      // hotfix.yml makes that of hotfix/…; two would make one after the other.
      ...(answers.parts.includes('hotfix') ? { hotfix: 'false' } : {}),
      ...(isSeveral(answers) ? { suite: ephemeralSuite } : {}),
    }),
  infrastructure: (document, answers) => {
    const { terraform } = answers;
    give(document, {
      environment: infrastructureEnvironment(answers),
      folders: terraform,
      scan: terraform,
      policies: '',
    });
    const paths = ['on', 'push', 'paths'];
    const kept = (document.getIn(paths) as YAMLMap).toJSON() as unknown as string[];
    document.setIn(
      paths,
      document.createNode(
        kept
          .filter((path) => path !== 'policies/**')
          .map((path) =>
            path !== 'infrastructure/**' ? path : terraform === '.' ? '**.tf' : `${terraform}/**`,
          ),
        { flow: true },
      ),
    );
  },
  'incident-response': (document, answers) => {
    const inputs = ['on', 'workflow_dispatch', 'inputs'];
    const environments = allStages(answers)
      .map(({ environment }) => environment)
      .reverse();
    const users = usersEnvironment(answers);
    const flow = (names: readonly string[]) => document.createNode(names, { flow: true });
    document.setIn([...inputs, 'service', 'options'], flow(['', ...answers.services]));
    document.setIn([...inputs, 'environment', 'options'], flow(environments));
    document.setIn([...inputs, 'environment', 'default'], users);
    give(document, { environment: `\${{ inputs.environment || '${users}' }}` });
  },
  'release-candidate': (document, answers, service) => {
    const workflows = new Set(requiredChecks(answers).flatMap((one) => (one.onPush ? one.workflow : [])));
    give(document, {
      service,
      environment: stagesOf(answers, service).at(-2)!.environment,
      url: `\${{ vars.${stagingUrl(answers, service)} }}`,
      ...(isSeveral(answers) ? { prefix: tagPrefix(answers, service) } : {}),
      workflows: [...workflows].join('\n'),
      'release-workflows': cdFile(answers, service),
    });
  },
  'go-live': (document, answers) => give(document, { environment: usersEnvironment(answers) }),
};

/** Lets a template of an optional part, and what it changes in others, fit these answers. */
export function fitPart(document: Document, name: string, answers: Answers, service: string): void {
  if (Object.hasOwn(fits, name)) fits[name]!(document, answers, service);
  if (answers.branch !== 'main') renameBase(document, answers.branch);
}

/** The release branch where an expression compares with it, and where a message names it. */
function renameBase(document: Document, branch: string): void {
  visit(document, {
    Scalar: (_, node) => {
      if (typeof node.value !== 'string' || !node.value.includes("github.base_ref == 'main'")) return;
      node.value = node.value.replaceAll("github.base_ref == 'main'", `github.base_ref == '${branch}'`);
    },
  });
}

/** What `--set NAME.KEY=VALUE` says. */
export interface Setting {
  name: string;
  key: string;
  /** Undefined: what the template has. */
  value: string | undefined;
}

/** A setting as it is written; undefined where it is none. */
export function readSetting(text: string): Setting | undefined {
  const [, name, key, value] = /^([a-z-]+)\.([A-Za-z][\w-]*)(?:=([^]*))?$/.exec(text) ?? [];
  return name === undefined || key === undefined ? undefined : { name, key, value };
}

/** Where the settings of a workflow stand: inputs of the calls, or variables of a workflow that is copied whole. */
export function settingPlaces(document: Document): { is: 'with' | 'env'; map: YAMLMap }[] {
  const calls = jobsOf(document).flatMap(({ node }) =>
    node.has('uses') ? [{ is: 'with' as const, map: node }] : [],
  );
  if (calls.length > 0) return calls;
  const env = [document.get('env'), ...jobsOf(document).map(({ node }) => node.get('env'))].find(isMap);
  return env ? [{ is: 'env', map: env }] : [];
}

/** Writes what the team set itself into its workflow. */
export function applySettings(document: Document, name: string, settings: readonly string[]): void {
  for (const text of settings) {
    const setting = readSetting(text);
    if (setting?.name !== name || setting.value === undefined) continue;
    // A text, whatever it looks like: so are all inputs of a called workflow.
    const value = new Scalar(setting.value);
    for (const { is, map } of settingPlaces(document))
      if (is === 'with') map.setIn(['with', setting.key], value);
      else replaceValue(map, setting.key, value);
  }
}

/** Keeps the comment that stands beside a variable. */
function replaceValue(map: YAMLMap, key: string, value: Scalar): void {
  const before = map.get(key, true);
  if (isScalar(before) && before.comment) value.comment = before.comment;
  map.set(key, value);
}
