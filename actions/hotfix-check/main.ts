import type * as z from 'zod';
import type { HotfixReport } from '../../shared/contracts/reports/hotfix-report.js';
import { openGitHub, type GitHub, type GitHubClock } from '../../shared/github/client.js';
import { defineAction } from '../../shared/runner/define-action.js';
import { ownWorkflow } from '../../shared/runner/context.js';
import type { Host } from '../../shared/runner/host.js';
import { isoInstant } from '../../shared/time/instant.js';
import { findMissing, readDelivered } from './delivered.js';
import { judgeEvidence, judgeIncident, judgeLink, namedIn, type Named } from './evidence.js';
import { readIncidentFacts, readMoments, readPull } from './facts.js';
import { inputs, outputs } from './inputs.js';
import { findHotfix, kindOf } from './kind.js';
import { minutesOf } from './minutes.js';
import { render } from './render.js';

/** What the pull request of a hotfix must bring, and how long it takes until production has it. */
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
    const github = await openGitHub({ token: given['github-token'], at: context, clock, random, signal });
    const answer = await answers[given.mode](given, github, host);
    const { ok = true, ...report } = answer;
    return {
      ok,
      message: report.message,
      outputs: {
        result: report.result,
        ...(report.result === 'hotfix' || report.result === 'release' ? { kind: report.result } : {}),
      },
      report: {
        schema: 'devops-actions/hotfix-report@1' as const,
        evidence: [],
        stages: [],
        missing: [],
        ...report,
      },
      annotations: (report.missing ?? []).map(({ branch, what }) => ({
        level: 'warning' as const,
        title: `${branch} does not have the fix`,
        message: `Next: ${what}. The address stands in the summary.`,
      })),
    };
  },
});

type Given = z.output<typeof inputs>;
type Answer = Pick<HotfixReport, 'result' | 'message'> & Partial<HotfixReport> & { ok?: boolean };
type Asked = (given: Given, github: GitHub & GitHubClock, host: Host) => Promise<Answer>;

/** What each mode does. */
const answers: Record<Given['mode'], Asked> = {
  evidence: async (given, github) => {
    const pull = await readPull(github, given['pull-request']!);
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
    return { ok, result: ok ? 'proved' : 'refused', message, pull: pull.number, evidence };
  },

  minutes: async (given, github, { context }) => {
    const pull = await readPull(github, given['pull-request']!);
    const moments = await readMoments(github, pull, context.runId);
    const { late, message, stages } = minutesOf(moments, given['target-minutes']);
    return { result: late ? 'late' : 'in-time', message, pull: pull.number, stages };
  },

  kind: async ({ service, environment, 'ledger-writers': writers }, github, { context: { sha } }) => {
    const { kind, ...found } = await kindOf(github, { sha, service, environment: environment!, writers });
    return { result: kind, ...found };
  },

  delivered: async (given, github, { context }) => {
    const { service, 'ledger-writers': writers, 'target-minutes': target } = given;
    const environment = given.environment!;
    const { sha, runId, serverUrl, owner, repository } = context;
    const number = await findHotfix(github, sha);
    if (number === undefined)
      return {
        result: 'not-delivered',
        message: `${sha.slice(0, 12)} came by no pull request from a branch hotfix/…, so its minutes are not known`,
      };
    const found = await readDelivered(github, number, {
      ...{ sha, service, environment, runId, writers },
      workflow: ownWorkflow(context),
    });
    if (!found)
      return {
        result: 'not-delivered',
        message: `No Deployment of this run says that ${environment} got #${number}, so its minutes are not known`,
        pull: number,
      };
    const { pull, moments } = found;
    const { late, message, stages, spent } = minutesOf(moments, target);
    const repositoryUrl = `${serverUrl}/${owner}/${repository}`;
    const missing = await findMissing(github, { pull, sha, also: given['also-into'], repositoryUrl });
    const delivered = { service, environment, at: isoInstant(moments.live), minutes: spent, target };
    return { result: late ? 'late' : 'in-time', message, pull: number, stages, delivered, missing };
  },
};
