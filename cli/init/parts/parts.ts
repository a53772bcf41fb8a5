import type { Answers } from '../answers.js';
import { partNames, type PartName } from './names.js';

/** One part of the suite that a team may switch on. */
export interface Part {
  /** What it brings, in one line for people. */
  brings: string;
  /** The check of its last job. `onPush`: it runs on every push to the release branch too, so the gate asks for it. */
  check?: { name: string; onPush: boolean };
  /** Whether each service has a file of its own. */
  each?: boolean;
  /** What the answers lack for it; undefined where they have all. */
  lacks?(answers: Answers): string | undefined;
}

const pythonFolder = ({ python }: Answers) =>
  python === '' ? '--python FOLDER, where the Python project is, such as --python .' : undefined;
const nodeFolder = ({ node }: Answers) =>
  node === '' ? '--node FOLDER, where the Node project is, such as --node .' : undefined;

export const parts: Readonly<Record<PartName, Part>> = {
  'ci-python': {
    brings: 'lint, types and tests with coverage of a Python project',
    check: { name: 'Python required', onPush: true },
    lacks: pythonFolder,
  },
  'ci-node': {
    brings: 'lint, types, tests with coverage and build of a Node project',
    check: { name: 'Node required', onPush: true },
    lacks: nodeFolder,
  },
  'test-pyramid': {
    brings: 'unit, integration, API, end-to-end and accessibility tests, by your ci/unit to ci/accessibility',
    check: { name: 'Tests required', onPush: true },
  },
  'security-scan': {
    brings: 'secrets, source, packages and a running service scanned on every change and every night',
    check: { name: 'Security required', onPush: true },
  },
  docs: {
    brings: 'links, code blocks and front matter of your pages',
    check: { name: 'Docs required', onPush: false },
  },
  hotfix: {
    brings:
      'a pull request of hotfix/… shows evidence, passes every scanner and an environment of its own; with ephemeral-environment',
    check: { name: 'Hotfix required', onPush: false },
  },
  'ephemeral-environment': {
    brings: 'an environment for a pull request that asks for one, removed when it is closed',
  },
  migrations: {
    brings: 'you have a PostgreSQL: its schema changes are judged, backed up and run in each stage',
  },
  infrastructure: {
    brings: 'Terraform or OpenTofu planned on the pull request, and that plan applied after an approval',
    lacks: ({ terraform }) =>
      terraform === '' ? '--terraform FOLDER, where the .tf files are, such as infrastructure' : undefined,
  },
  'incident-response': {
    brings: 'one issue for an alert, who answers by when, containment, post-mortem',
  },
  'release-candidate': {
    brings: 'a tag vX.Y.Z-rc.N for a commit that is green everywhere, which production then asks for',
    each: true,
    lacks: ({ environments }) =>
      environments.length < 2
        ? 'a stage before the users, where a candidate is proved: --environments staging,production'
        : undefined,
  },
  'go-live': {
    brings: 'several services go live together, in their order, and go back when one fails',
    lacks: ({ services, environments }) =>
      services.length < 2
        ? 'several services: --service auth,shop'
        : environments.length < 2
          ? 'a stage before the users, where each service was proved: --environments staging,production'
          : undefined,
  },
};

/** One line for each part, such as a list of what may be chosen. */
export const partLines = (names: readonly PartName[] = partNames): string[] =>
  names.map((name) => `  ${name.padEnd(22)} ${parts[name].brings}`);

/** A check that the rules of the release branch ask for. */
export interface RequiredCheck {
  name: string;
  workflow: string;
  /** Whether the released commit has it too, so that the gate `checks` may ask for it. */
  onPush: boolean;
}

/** Every check that the answers come to: those of the team's own CI, and the last job of each part. */
export const requiredChecks = (answers: Pick<Answers, 'checks' | 'ci' | 'parts'>): RequiredCheck[] => [
  ...answers.checks.map((name) => ({ name, workflow: answers.ci, onPush: true })),
  ...answers.parts.flatMap((name) => {
    const { check } = parts[name];
    return check ? [{ ...check, workflow: `.github/workflows/${name}.yml` }] : [];
  }),
];
