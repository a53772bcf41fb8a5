import { yours, type Answers, type InitFile } from '../answers.js';

/** Stands in an executable until somebody filled it in: it fails, and says which line. */
export const unfilled = 'is as init wrote it, and does nothing yet';

/** An executable that fails, with its exit code, until the team wrote what it does. */
const stub = (path: string, calls: string, says: readonly string[], body: string): InitFile => ({
  path,
  executable: true,
  seed: true,
  text: `#!/usr/bin/env bash
# ${calls}
${says.map((line) => `# ${line}\n`).join('')}set -euo pipefail

unfilled() {
  echo "${path} ${unfilled}. Fix: in ${path} write what \\"$1\\" does, in place of the line with unfilled." >&2
  exit 1
}

${body}`,
});

/** What the workflows of the parts run of the team's own. */
export function executables({ parts }: Answers): InitFile[] {
  return [
    ...(parts.includes('ephemeral-environment') ? [ephemeral, acceptance] : []),
    ...(parts.includes('incident-response') ? [contain] : []),
  ];
}

const ephemeral = stub(
  'deploy/ephemeral',
  'deploy/ephemeral up NAME | down NAME | list: an environment for one pull request; NAME is pr- and its number.',
  [
    'up prints one line url=https://…, down ends with 0 where there is none, list prints a line "NAME INSTANT" for each.',
    'By Terraform: docs/examples/ephemeral of the suite. What each must do: docs/templates/ephemeral-environment.md there.',
  ],
  `case "\${1:-}" in
  up) unfilled "up $2" ;; ${yours}: make it, or bring it to what is checked out
  down) unfilled "down $2" ;; ${yours}: remove it with its data
  list) unfilled list ;; ${yours}: pr-12 2026-11-28T10:00:00Z
  *) echo 'usage: deploy/ephemeral up NAME | down NAME | list' >&2 && exit 2 ;;
esac
`,
);

const acceptance = stub(
  'test/acceptance',
  'test/acceptance ADDRESS: does what users do there. It has no login and no secret.',
  [],
  `unfilled "the acceptance of \${1:?an address}" ${yours}: such as BASE_URL="$1" npx playwright test
`,
);

const contain = stub(
  'deploy/contain',
  'deploy/contain HOOK SERVICE ENVIRONMENT [TENANT]: what .github/incidents.yml runs to contain an incident.',
  ['Without a tenant it is for everybody. Exit code 0 says that it worked.'],
  `case "\${1:-}" in
  maintenance) unfilled "maintenance of $2 in $3" ;; ${yours}: such as the page that says so, or a flag
  *) echo "deploy/contain does not know \${1:-}: add a line for it, and a hook to .github/incidents.yml" >&2 && exit 2 ;;
esac
`,
);
