import type { Problem } from '../../../shared/config/problem.js';
import { suggest } from '../../../shared/text/suggest.js';
import type { PartsOf } from './repository.js';

/** Inputs of a called workflow that name an environment which releases go to, and what each is where nobody says. */
const inputsOf: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  cd: { staging: 'staging', uat: '', production: 'production' },
  // Without a policy a hotfix has no limits: it says so by an empty name.
  hotfix: { production: 'production' },
  ...Object.fromEntries(
    ['watch', 'rollback', 'reconcile', 'retire', 'drift', 'doctor', 'migrations', 'release-candidate'].map(
      (called) => [called, { environment: '' }],
    ),
  ),
};

/** What releases to an environment, or looks after it, names one that has a traffic file. */
export function environmentProblems({ calls, traffic }: Pick<PartsOf, 'calls' | 'traffic'>): Problem[] {
  if (traffic.length === 0) return [];
  return calls.flatMap(({ path, job, called, given, inputs }) =>
    Object.entries(Object.hasOwn(inputsOf, called) ? inputsOf[called]! : {}).flatMap(
      ([input, usual]): Problem[] => {
        const name = given[input] ?? (inputs.includes(input) ? '' : usual);
        if (name === '' || traffic.includes(name)) return [];
        const near = suggest(name, traffic);
        return [
          {
            file: path,
            path: `jobs.${job}.with.${input}`,
            got: `${name}, which has no traffic file`,
            allowed: `one of ${traffic.join(', ')}`,
            fix: `correct the name, or write .github/traffic/${name}.yml`,
            ...(near === undefined ? {} : { didYouMean: near }),
          },
        ];
      },
    ),
  );
}
