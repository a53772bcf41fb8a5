import type { Problem } from '../../../shared/config/problem.js';
import { suggest } from '../../../shared/text/suggest.js';
import type { Call } from '../workflows.js';
import { checkProblems } from './checks.js';
import { environmentProblems } from './environments.js';
import { executableProblem, exists, having, type PartsOf } from './repository.js';

const page = (name: string) => `docs/templates/${name}.md`;
const certificate = '.github/infrastructure.crt';

/** What the optional parts of the suite need of each other, and no file shows alone. */
export async function partProblemsOf(of: PartsOf): Promise<Problem[]> {
  return [
    ...gateProblems(of),
    ...checkProblems(of),
    ...hotfixProblems(of),
    ...environmentProblems(of),
    ...goLiveProblems(of),
    ...(await needProblems(of)),
  ];
}

/** Files, executables and secrets that a part cannot do without when it runs. */
export const needProblems = async (
  of: Pick<PartsOf, 'root' | 'incidents' | 'goLive' | 'workflows' | 'calls'>,
): Promise<Problem[]> => [
  ...secretProblems(of),
  ...(await fileProblems(of)),
  ...(await executableProblems(of)),
];

/** The workflow that proves something, and the gate that asks for the proof. */
const gated = [
  {
    part: 'hotfix',
    action: 'hotfix-check',
    mode: 'evidence',
    gate: 'hotfix',
    line: "hotfix: { tests: ['test/**'] }",
  },
  {
    part: 'release-candidate',
    action: 'release-candidate',
    mode: undefined,
    gate: 'release-candidate',
    line: 'release-candidate: { let-hotfix: true }',
  },
] as const;

function gateProblems(of: PartsOf): Problem[] {
  const { policy } = of;
  if (!policy) return [];
  const environments = Object.entries(policy.value.environments);
  const last = environments.at(-1)?.[0] ?? 'production';
  return gated.flatMap(({ part, action, mode, gate, line }): Problem[] => {
    const path = having(of, part, action, mode);
    if (path === undefined || environments.some(([, { gates }]) => Object.hasOwn(gates, gate))) return [];
    return [
      {
        file: policy.path,
        ...policy.placeOf(['environments', last, 'gates']),
        path: `environments.${last}.gates`,
        got: `no gate "${gate}" in any environment, and ${path} proves it for nobody`,
        allowed: `the gate "${gate}" before users meet a release`,
        fix: `add  ${line}`,
      },
    ];
  });
}

/** What makes an environment for a hotfix needs what removes it, and only one of them makes it. */
function hotfixProblems(of: PartsOf): Problem[] {
  const hotfix = having(of, 'hotfix', 'hotfix-check', 'evidence');
  if (hotfix === undefined) return [];
  const calls = of.calls.filter(({ called }) => called === 'ephemeral-environment');
  const removes = calls.length > 0 || having(of, 'ephemeral-environment', 'deploy/ephemeral list');
  if (!removes)
    return [
      {
        file: hotfix,
        path: '',
        got: 'an environment for each hotfix, and no workflow that removes it',
        allowed: 'ephemeral-environment.yml beside it, which removes what is closed or left',
        fix: 'init --with ephemeral-environment, or copy workflows-templates/ephemeral-environment.yml',
      },
    ];
  return calls
    .filter(({ inputs, given }) => !inputs.includes('hotfix') || given['hotfix'] === 'true')
    .map(({ path, job }) => ({
      file: path,
      path: `jobs.${job}.with.hotfix`,
      got: `an environment of hotfix/… that ${hotfix} makes too`,
      allowed: "'false' beside hotfix.yml",
      fix: `under jobs.${job}.with add  hotfix: 'false'`,
    }));
}

function goLiveProblems({ goLive, traffic, policy, workflows }: PartsOf): Problem[] {
  if (!goLive) return [];
  const { services, from, environment } = goLive.value;
  const gates = Object.keys(policy?.value.environments ?? {});
  const at = (path: string[]) => ({ file: goLive.path, ...goLive.placeOf(path), path: path.join('.') });
  const missing = (key: 'from' | 'environment', pattern: string) =>
    services.flatMap(({ name }): Problem[] => {
      const one = pattern.replaceAll('{service}', name);
      const lacks = [
        ...(traffic.includes(one) ? [] : [`no .github/traffic/${one}.yml`]),
        ...(gates.includes(one) ? [] : ['no gates in the release policy']),
      ];
      if (lacks.length === 0) return [];
      return [
        {
          ...at([key]),
          got: `${one} of ${name}, with ${lacks.join(' and ')}`,
          allowed: `environments that releases go to: ${traffic.join(', ')}`,
          fix: 'correct the name, or take the service out of "services"',
          ...meant(one, traffic),
        },
      ];
    });
  return [
    ...missing('from', from),
    ...missing('environment', environment),
    ...goLive.value['release-workflows']
      .filter((path) => !workflows.some((workflow) => workflow.path === path))
      .map((path) => ({
        ...at(['release-workflows']),
        got: `${path}, which does not exist or is no workflow`,
        allowed: 'workflows that release to "from"',
        fix: 'correct the path',
        ...meant(
          path,
          workflows.map((one) => one.path),
        ),
      })),
  ];
}

/** A secret that a call cannot do its work without, where it is not passed by name. */
function secretProblems({ calls }: Pick<PartsOf, 'calls'>): Problem[] {
  const needed = ({ called, given }: Call) =>
    called === 'infrastructure'
      ? ['PLAN_KEY']
      : called === 'migrations' || given['migrations'] === 'run'
        ? ['MIGRATION_DATABASE_URL']
        : [];
  return calls.flatMap((call) =>
    needed(call)
      .filter((name) => call.secrets !== 'inherit' && !call.secrets.includes(name))
      .map((name) => ({
        file: call.path,
        path: `jobs.${call.job}.secrets`,
        got: `no ${name}, which ${call.called}.yml cannot do without`,
        allowed: 'the secrets of the environment, each by its name',
        fix: `under jobs.${call.job}.secrets add  ${name}: \${{ secrets.${name} }}`,
      })),
  );
}

/** Files that a called workflow reads. */
async function fileProblems({ root, calls }: Pick<PartsOf, 'root' | 'calls'>): Promise<Problem[]> {
  const needed = calls.flatMap((call) =>
    filesOf(call).map(({ input, file, fix }) => ({ ...call, input, file, fix })),
  );
  const problems = await Promise.all(
    needed.map(async ({ path, job, called, input, file, fix }): Promise<Problem[]> =>
      (await exists(root, file))
        ? []
        : [
            {
              file: path,
              path: `jobs.${job}.with.${input}`,
              got: `${file}, which does not exist`,
              allowed: `a file or folder of this repository, which ${called}.yml reads`,
              fix,
            },
          ],
    ),
  );
  return problems.flat();
}

const inside = (name: string) => (folder: string) => (folder === '.' ? name : `${folder}/${name}`);

/** What a scanner reads of what its input names. */
const scanned: Readonly<Record<string, (named: string) => string>> = {
  python: (file) => file,
  'python-code': (folder) => folder,
  node: inside('package-lock.json'),
  pnpm: inside('pnpm-lock.yaml'),
  infrastructure: (folder) => folder,
};

function filesOf({ called, given, inputs }: Call): { input: string; file: string; fix: string }[] {
  /** What an input names, or its default; nothing where only a run knows it, or where it is empty. */
  const named = (input: string, usual = '') =>
    (given[input] ?? (inputs.includes(input) ? '' : usual)).split(/\s+/).filter((file) => file !== '');
  const suite = () =>
    named('suite', '.github/smoke.yml').map((file) => ({
      input: 'suite',
      file,
      fix: `write ${file} (docs/smoke-suite.md), or name yours`,
    }));
  const scans = () => [
    ...named('rules', '.github/security/semgrep.yml').map((file) => ({
      input: 'rules',
      file,
      fix: `copy workflows-templates/security/semgrep.yml to ${file}, or init --with security-scan`,
    })),
    ...named('waivers').map((file) => ({
      input: 'waivers',
      file,
      fix: `copy workflows-templates/security/waivers.yml to ${file}, or take the line out`,
    })),
    ...Object.entries(scanned).flatMap(([input, place]) =>
      named(input).map((found) => ({
        input,
        file: place(found),
        fix: `name yours, or leave it empty; where init wrote it: init --set ${called}.${input}=PATH`,
      })),
    ),
  ];
  if (called === 'hotfix') return [...suite(), ...scans()];
  if (called === 'ephemeral-environment') return suite();
  if (called === 'security-scan') return scans();
  if (called === 'infrastructure')
    return [
      ...named('folders', 'infrastructure').map((file) => ({
        input: 'folders',
        file,
        fix: 'name the folder with your .tf files',
      })),
      ...named('certificate', certificate).map((file) => ({
        input: 'certificate',
        file,
        fix: `openssl req -x509 -newkey rsa:3072 -noenc -days 3650 -subj /CN=plan -keyout plan.key -out ${file} (${page('infrastructure')})`,
      })),
    ];
  if (called === 'migrations' || ['judge', 'run'].includes(given['migrations'] ?? ''))
    return [
      {
        input: called === 'migrations' ? 'environment' : 'migrations',
        file: '.github/migrations.yml',
        fix: 'write .github/migrations.yml (docs/migrations.md)',
      },
    ];
  return [];
}

/** What the parts run of the team's own. */
async function executableProblems(
  of: Pick<PartsOf, 'root' | 'incidents' | 'goLive' | 'workflows' | 'calls'>,
): Promise<Problem[]> {
  const { root, incidents, goLive } = of;
  const ephemeral =
    having(of, 'ephemeral-environment', 'deploy/ephemeral') ??
    having(of, 'hotfix', 'hotfix-check', 'evidence');
  const hooks = (incidents?.value.contain ?? []).flatMap(({ run: [file = ''] }) =>
    file.includes('/') && !file.startsWith('/') ? [file.replace(/^\.\//, '')] : [],
  );
  const hasCdn = goLive?.value.services.some(({ cdn }) => cdn) ?? false;
  const wanted: readonly (readonly [file: string, by: string, page: string])[] = [
    ...(ephemeral === undefined
      ? []
      : ['deploy/ephemeral', 'test/acceptance'].map(
          (file) => [file, ephemeral, page('ephemeral-environment')] as const,
        )),
    ...[...new Set(hooks)].map((file) => [file, incidents!.path, page('incident-response')] as const),
    ...(hasCdn ? [['deploy/invalidate', goLive!.path, page('go-live')] as const] : []),
  ];
  return (await Promise.all(wanted.map((one) => executableProblem(root, ...one)))).flat();
}

function meant(name: string, known: readonly string[]): { didYouMean?: string } {
  const near = suggest(name, known);
  return near === undefined ? {} : { didYouMean: near };
}
