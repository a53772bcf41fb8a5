import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { readWorkflow } from '../../rehearsal/runner/read/workflow-file.js';
import { isCall } from '../../rehearsal/runner/read/workflow.js';
import { defaultThirdParty } from '../../rehearsal/runner/run-workflow.js';

const files = ['.github/workflows', 'workflows-templates', 'workflows-templates/inline'].flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.yml'))
    .map((name) => `${folder}/${name}`),
);

/** They publish and attest releases and rate the repository, which no rehearsal does. */
const neverPlayed = ['actions/attest', 'actions/create-github-app-token', 'ossf/scorecard-action'];

describe('the local runner', () => {
  it.each(files)('reads %s, and has an equivalent for each action in it', (file) => {
    const { jobs } = readWorkflow(file, readFileSync(file, 'utf8'));
    const foreign = jobs
      .flatMap((job) => (isCall(job) ? [] : job.steps))
      .flatMap(({ action }) => ('uses' in action ? [action.uses.replace(/@.*$/, '')] : []))
      .filter((name) => !/^([.$]\/|org\/devops-actions\/)/.test(name) && !neverPlayed.includes(name));
    expect(foreign.filter((name) => !(name in defaultThirdParty))).toEqual([]);
  });
});
