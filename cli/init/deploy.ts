import { allStages, type Answers, type InitFile, type Place } from './answers.js';
import { portOf, scopeOf } from './traffic-file.js';
import { extraLogins } from './parts/github.js';
import type { Templates } from './workflow.js';

/** The scripts of the place, what they need to know, and the login. */
export function deployFiles(answers: Answers, { deploy }: Templates): InitFile[] {
  const scripts = Object.entries(deploy[answers.place] ?? {}).map(([name, { text, executable }]) => ({
    path: `deploy/${name}`,
    text,
    executable,
    // What a team calls by these names is its own; the rest are parts of that.
    seed: ['build', 'deploy', 'remove'].includes(name),
  }));
  const login = logins[answers.place](answers);
  return [
    ...scripts,
    { path: 'deploy/settings.sh', text: settings(answers), seed: true },
    ...(login ? [{ path: '.github/actions/deploy-setup/action.yml', text: login, seed: true }] : []),
  ];
}

const common: Readonly<Record<Place, (answers: Answers) => string>> = {
  kubernetes: ({ repository }) => `image="ghcr.io/${repository.split('/')[0]!.toLowerCase()}/$service" # yours
context=. # yours: the folder with the Dockerfile
port=8080 # yours: what the application listens on
replicas=2
`,
  ecs: ({ repository }) => `image="ghcr.io/${repository.split('/')[0]!.toLowerCase()}/$service" # yours
context=. # yours: the folder with the Dockerfile
container=app # yours: the container of the task definition that gets the image
tasks=2
`,
  vm: () => `root=/srv # releases lie in $root/SERVICE/COLOUR
store=local:/srv/artifacts # yours: MACHINE:FOLDER that keeps what was built; "local" is the runner itself
`,
};

function settings(answers: Answers): string {
  const cases = allStages(answers).flatMap((stage) => {
    const { service, environment } = stage;
    const scope = scopeOf(answers, stage);
    if (answers.place === 'kubernetes') return `  ${service}/${environment}/*) namespace=${scope} ;; # yours`;
    if (answers.place === 'ecs') return `  ${service}/${environment}/*) cluster=${scope} ;; # yours`;
    return (['blue', 'green'] as const).map(
      (colour) =>
        `  ${service}/${environment}/${colour}) machines=(local) port=${portOf(answers, stage, colour)} ;; # yours`,
    );
  });
  return `# What deploy/build, deploy/deploy and deploy/remove need to know. They read it with service and environment set.
# shellcheck shell=bash disable=SC2034,SC2154
${common[answers.place](answers)}
case "$service/$environment/\${colour:-}" in
${cases.join('\n')}
${answers.services.map((service) => `  ${service}//*) ;; # the build, which is for all environments`).join('\n')}
  *) echo "deploy/settings.sh does not know $service/$environment/\${colour:-}: add a line for it" >&2 && exit 1 ;;
esac
`;
}

const registryLogin = `    - name: Log in to GitHub's registry
      shell: bash
      run: docker login ghcr.io --username "$GITHUB_ACTOR" --password-stdin <<< "$TOKEN"
      env:
        TOKEN: \${{ github.token }}
`;
const awsLogin = (environment: string) => `    - name: Log in to AWS for ${environment}
      if: inputs.environment == '${environment}'
      uses: aws-actions/configure-aws-credentials@e6de054238d6b7531b4efff3b6587d9aade6a06c # v6.2.3
      with:
        role-to-assume: arn:aws:iam::123456789012:role/${environment}-deploy # yours
        aws-region: eu-west-1 # yours
`;
const action = (what: string, steps: string) => `name: Deploy setup
description: ${what}
inputs:
  environment:
    description: Where the release goes; empty for the build
    required: true
runs:
  using: composite
  steps:
${steps}`;

const logins: Readonly<Record<Place, (answers: Answers) => string | undefined>> = {
  kubernetes: ({ runner }) =>
    action(
      runner.length > 0
        ? 'Logs in to the registry. A runner that is a pod of the cluster needs no login there; any other needs a kubeconfig in ~/.kube/config.'
        : 'Logs in to the registry. Add the login to your cluster: it must leave a kubeconfig in ~/.kube/config.',
      registryLogin,
    ),
  ecs: (answers) =>
    action(
      'Logs in to the registry, and to AWS without secrets, by the role of the environment.',
      registryLogin +
        [...allStages(answers).map(({ environment }) => environment), ...extraLogins(answers)]
          .map(awsLogin)
          .join(''),
    ),
  vm: () => undefined,
};
