import type { HotfixReport } from '../../shared/contracts/reports/hotfix-report.js';
import { openGitHub } from '../../shared/github/client.js';
import { defineAction } from '../../shared/runner/define-action.js';
import { judgeEvidence, judgeIncident, judgeLink, namedIn, type Named } from './evidence.js';
import { readIncidentFacts, readMoments, readPull } from './facts.js';
import { inputs, outputs } from './inputs.js';
import { minutesOf } from './minutes.js';
import { render } from './render.js';

/** What the pull request of a hotfix must bring, and how long it takes. */
export const action = defineAction({
  name: 'hotfix-check',
  title: 'Hotfix',
  description:
    'Asks the pull request of a hotfix for evidence instead of a guess, and shows the minutes of each stage against a target.',
  branding: { icon: 'zap', color: 'orange' },
  inputs,
  outputs,
  render,
  async run(given, host) {
    const { context, clock, random, signal } = host;
    const github = await openGitHub({
      token: given['github-token'],
      at: context,
      clock,
      random,
      signal,
    });
    const pull = await readPull(github, given['pull-request']);
    const end = (ok: boolean, answer: Omit<HotfixReport, 'schema' | 'pull'>) => ({
      ok,
      message: answer.message,
      outputs: { result: answer.result },
      report: { schema: 'devops-actions/hotfix-report@1' as const, pull: pull.number, ...answer },
    });

    if (given.mode === 'minutes') {
      const moments = await readMoments(github, pull, context.runId);
      const { late, message, stages } = minutesOf(moments, given['target-minutes']);
      return end(true, { result: late ? 'late' : 'in-time', message, evidence: [], stages });
    }

    const rules = { hosts: given['evidence-hosts'], own: pull.url };
    const judge = async (named: Named) =>
      named.is === 'link'
        ? judgeLink(named.text, rules)
        : judgeIncident(
            named.text,
            await readIncidentFacts(github, named.number, given.service, given['ledger-writers']),
          );
    const evidence = await Promise.all(namedIn(pull.description).map(judge));
    const { ok, message } = judgeEvidence(evidence);
    return end(ok, { result: ok ? 'proved' : 'refused', message, evidence, stages: [] });
  },
});
