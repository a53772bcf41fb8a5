import type { Problem } from '../../../shared/config/problem.js';
import { suggest } from '../../../shared/text/suggest.js';
import { fits, jobNames } from '../workflows.js';
import type { PartsOf } from './repository.js';

/** The App of GitHub Actions. A check of any other is made elsewhere, which no file shows. */
const actionsApp = 15_368;

/** Last jobs of the templates, which are there to be required. */
const madeToBeRequired = [
  'Python required',
  'Node required',
  'Tests required',
  'Security required',
  'Docs required',
  'Hotfix required',
];

/** Each check that a ruleset asks for is reported by a pull request, and each that is there to be required is asked for. */
export function checkProblems({ rulesets, workflows }: PartsOf): Problem[] {
  const ofPulls = workflows.filter(({ events }) => events.includes('pull_request'));
  const jobs = ofPulls.flatMap(jobNames);
  const asked = rulesets.flatMap((file) =>
    file.value.rules.flatMap(({ type, parameters }, rule) =>
      type === 'required_status_checks'
        ? (parameters?.required_status_checks ?? []).map((check, index) => ({ file, rule, check, index }))
        : [],
    ),
  );
  const unmade = asked
    .filter(
      ({ check }) => check.integration_id === actionsApp && !jobs.some((job) => fits(check.context, job)),
    )
    .map(({ file, rule, check, index }): Problem => {
      const path = ['rules', rule, 'parameters', 'required_status_checks', index];
      const elsewhere = workflows.find((one) => jobNames(one).some((job) => fits(check.context, job)));
      const near = suggest(check.context, jobs);
      return {
        file: file.path,
        ...file.placeOf(path),
        path: path.join('.'),
        got: elsewhere
          ? `"${check.context}", which ${elsewhere.path} makes, but not for a pull request: it would wait for ever`
          : `"${check.context}", which no workflow makes: every pull request would wait for it for ever`,
        allowed: `a job of a workflow with "pull_request": ${[...new Set(jobs)].join(', ')}`,
        fix: elsewhere
          ? `add  pull_request:  under "on" of ${elsewhere.path}`
          : 'correct the name, or take it out',
        ...(near === undefined ? {} : { didYouMean: near }),
      };
    });
  const off = rulesets
    .filter(({ value: { enforcement = 'active' } }) => enforcement !== 'active')
    .map((file): Problem => ({
      file: file.path,
      ...file.placeOf(['enforcement']),
      path: 'enforcement',
      got: `"${file.value.enforcement}": GitHub holds nobody to these rules`,
      allowed: 'active',
      fix: 'write  "enforcement": "active"',
    }));
  const branches = rulesets.filter(({ value }) => value.target === 'branch');
  if (branches.length === 0) return [...off, ...unmade];
  const idle = ofPulls.flatMap((workflow) =>
    jobNames(workflow)
      .filter((job) => madeToBeRequired.includes(job) && !asked.some(({ check }) => check.context === job))
      .map((job): Problem => ({
        file: branches[0]!.path,
        path: 'rules',
        got: `no required check "${job}", which ${workflow.path} reports: red, it would hold nothing`,
        allowed: 'the last job of each template among the required checks',
        fix: `under required_status_checks add  { "context": "${job}", "integration_id": ${actionsApp} }`,
      })),
  );
  return [...off, ...unmade, ...idle];
}
