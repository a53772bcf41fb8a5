import { allStages, stagesOf, type Answers } from '../answers.js';
import { infrastructureEnvironment, stagingUrl, usersEnvironment } from './values.js';

/** An environment beside those that releases go to. */
export interface ExtraEnvironment {
  name: string;
  /** Why it is there, for people. */
  why: string;
  reviewed: boolean;
  /** Branches that may use it; undefined for all, where nothing in it is worth taking. */
  refs: readonly string[] | undefined;
}

const stageNames = (answers: Answers) => allStages(answers).map(({ environment }) => environment);

/** Environments of the parts, and of the workflow that keeps the files of the suite up to date. */
export function extraEnvironments(answers: Answers): ExtraEnvironment[] {
  const { parts, branch } = answers;
  const infrastructure = infrastructureEnvironment(answers);
  return [
    {
      name: 'fleet-update',
      why: 'has the key of the App that proposes newer files: fleet-update.yml',
      reviewed: false,
      refs: [branch],
    },
    ...(parts.includes('ephemeral-environment')
      ? [
          {
            name: 'ephemeral',
            why: 'its login is for an account with nothing worth taking: any branch gets it',
            reviewed: false,
            refs: undefined,
          },
        ]
      : []),
    ...(parts.includes('infrastructure')
      ? [
          {
            name: `${infrastructure}-plan`,
            why: 'its login may read what is planned, and nothing else: any branch gets it',
            reviewed: false,
            refs: undefined,
          },
          // Of several services each has environments of its own, and this one is nobody's yet.
          ...(stageNames(answers).includes(infrastructure)
            ? []
            : [
                {
                  name: infrastructure,
                  why: 'infrastructure is applied after its approval',
                  reviewed: true,
                  refs: [branch],
                },
              ]),
        ]
      : []),
  ];
}

/** Environments of the parts that log in to a cloud, beside those that releases go to. */
export const extraLogins = (answers: Answers): string[] =>
  extraEnvironments(answers).flatMap(({ name }) => (name === 'fleet-update' ? [] : [name]));

/** Paths that decide what runs with a login, beside those of every team. */
export const ownedByParts = ({ parts, terraform }: Answers): string[] => [
  ...(parts.includes('ephemeral-environment') ? ['/test/acceptance'] : []),
  ...(parts.includes('infrastructure') && terraform !== '.' ? [`/${terraform}/`, '/policies/'] : []),
];

/** A secret or variable of a part: the lines that set it. */
export function partValues(answers: Answers): string[] {
  const { parts, repository, services } = answers;
  const infrastructure = infrastructureEnvironment(answers);
  return [
    ...(parts.includes('migrations')
      ? stagesOf(answers, services[0]!).map(
          ({ environment }) =>
            `gh secret set MIGRATION_DATABASE_URL --repo ${repository} --env ${environment}`,
        )
      : []),
    ...(parts.includes('ephemeral-environment')
      ? [
          `gh secret set SMOKE_PASSWORD --repo ${repository} --env ephemeral`,
          `gh label create ephemeral --repo ${repository} --description 'This pull request gets an environment of its own'`,
        ]
      : []),
    ...(parts.includes('infrastructure')
      ? [
          '# The plan is closed for this certificate, which is committed; its key stays in the approved environment:',
          `openssl req -x509 -newkey rsa:3072 -noenc -days 3650 -subj /CN=plan -keyout plan.key -out ${certificate}`,
          `gh secret set PLAN_KEY --repo ${repository} --env ${infrastructure} < plan.key && rm plan.key`,
        ]
      : []),
    ...(parts.includes('release-candidate')
      ? services.map(
          (service) =>
            `gh variable set ${stagingUrl(answers, service)} --repo ${repository} # public address of ${service} before production`,
        )
      : parts.includes('security-scan')
        ? [
            `gh variable set STAGING_URL --repo ${repository} # where every night is looked at; leave it out for none`,
          ]
        : []),
    ...(parts.includes('security-scan')
      ? [
          `gh variable set CODE_SCANNING --body true --repo ${repository} # only where GitHub offers it to you`,
        ]
      : []),
    ...(parts.includes('go-live')
      ? ['DATABASE_URL', 'SMOKE_PASSWORD'].map(
          (secret) =>
            `gh secret set ${secret} --repo ${repository} --env ${usersEnvironment(answers)}-recovery # the verification`,
        )
      : []),
    '# A GitHub App of yours with contents, pull requests and workflows: write; leave it out where nobody wants proposals of newer files:',
    `gh variable set FLEET_APP_ID --repo ${repository}`,
    `gh secret set FLEET_APP_KEY --repo ${repository} --env fleet-update`,
  ];
}

/** The certificate for which a plan of infrastructure is encrypted. */
export const certificate = '.github/infrastructure.crt';

/** Secrets that no branch may read: they belong to an environment, never to the repository. */
export const guardedSecrets = [
  'DATABASE_URL',
  'MIGRATION_DATABASE_URL',
  'SMOKE_PASSWORD',
  'PLAN_KEY',
  'FLEET_APP_KEY',
];
