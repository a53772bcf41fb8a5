import type * as z from 'zod';
import { describeApart } from '../../shared/github/clock.js';
import { createHttpClient } from '../../shared/http/client.js';
import { openGitHub } from '../../shared/github/client.js';
import { GitHubError } from '../../shared/github/problem.js';
import type { HttpClient } from '../../shared/http/types.js';
import type { Host } from '../../shared/runner/host.js';
import type { Annotation } from '../../shared/report/annotation.js';
import { defineAction } from '../../shared/runner/define-action.js';
import { isoInstant } from '../../shared/time/instant.js';
import { checks } from './gates/checks/checks.js';
import { decide } from './decide.js';
import { inputs, outputs } from './inputs.js';
import { readQuestion } from './question.js';
import { render } from './render.js';
import type { GateReport } from './report.js';
import { tell } from './tell.js';
import { waitUntilSettled, worthWaiting } from './waiting.js';

/** May this release go out now? Reads the policy of the default branch, collects what its gates need, and decides. */
export const action = defineAction({
  name: 'gate-check',
  title: 'Gate check',
  description:
    'Says whether a release may go to an environment now: pass, hold or fail, each gate explained.',
  branding: { icon: 'shield', color: 'green' },
  inputs,
  outputs,
  render,
  run: async (input, host) => {
    const http = createHttpClient({ userAgent: 'devops-actions-gate' });
    try {
      return await check(input, host, http);
    } finally {
      http.close();
    }
  },
});

async function check(input: z.output<typeof inputs>, host: Host, http: HttpClient) {
  const { context, clock, log, random, signal } = host;
  const github = await openGitHub({ token: input['github-token'], at: context, clock, random, signal });

  const asked = { input, host, http, github };
  const seen = input['pull-request'] === undefined ? await lookUntilSettled(asked) : await lookAhead(asked);
  const { question, evidence, seenAt } = seen;

  const { file, base, policy, request } = question;
  const now = seenAt;
  const apart = describeApart(github.ahead());
  const decision = decide(policy, request, evidence, now);
  for (const { gate, result, reason } of decision.gates) log.info(`${result.padEnd(4)}  ${gate}: ${reason}`);

  const { result, message, verdict, opensAt } = decision;
  const report: GateReport = {
    schema: 'devops-actions/gate-report@1',
    request,
    now: isoInstant(now),
    policy: file.text,
    ...(base && { base: { ...base, replaced: [...policy.replaced] } }),
    evidence,
    ...decision,
  };
  const untold = await tell(github, report, {
    status: input['commit-status'],
    comment: input['comment-on'],
    writers: input['ledger-writers'],
  });
  return {
    ok: result === 'pass',
    message,
    report,
    outputs: {
      result,
      allowed: String(result === 'pass' && request.ahead === undefined),
      waived: (verdict?.waivers ?? [])
        .map(({ gate, reason, by }) => `${gate}: ${reason}, by ${by}`)
        .join('\n'),
      verdict: verdict ? JSON.stringify(verdict) : '',
      'opens-at': opensAt ?? '',
      'failed-gates': decision.gates
        .filter((gate) => gate.result === 'fail')
        .map(({ gate }) => gate)
        .join('\n'),
    },
    annotations: [
      ...decision.gates.flatMap(annotate),
      ...untold.map((line) => ({ level: 'warning' as const, title: 'Not shown', message: line })),
      ...(apart === undefined
        ? []
        : [{ level: 'warning' as const, title: 'Clock of the runner', message: apart }]),
    ],
  };
}

type Asked = Parameters<typeof readQuestion>[0];

/** Looks until waiting changes nothing more, or patience ends. */
async function lookUntilSettled(asked: Asked) {
  const { input, github } = asked;
  const { clock, log, signal } = asked.host;
  let question = await readQuestion(asked);
  let evidence = await question.collect();
  let seenAt = github.now();
  const patience = { wait: input.wait, checks: input['wait-for-checks'] };
  const stand = () =>
    worthWaiting(question.policy, { request: question.request, evidence }, seenAt, patience);
  let standing = stand();
  let unanswered: unknown;
  const look = async () => {
    unanswered = undefined;
    try {
      if (standing.checksAlone) {
        evidence = { ...evidence, ...(await question.collect(checks.kinds)) };
        seenAt = github.now();
        standing = stand();
        if (standing.state.is !== 'settled') return standing;
      }
      // While it waited, all the rest may have changed, the policy too.
      question = await readQuestion(asked);
      evidence = await question.collect();
      seenAt = github.now();
      standing = stand();
    } catch (error) {
      if (!(error instanceof GitHubError) || error.permission !== undefined || signal.aborted) throw error;
      unanswered = error;
      standing = { ...standing, checksAlone: false, state: { is: 'running', why: error.message } };
    }
    return standing;
  };
  await waitUntilSettled(standing, look, { clock, signal, tell: (line) => log.info(line) });
  // What was seen before the last look is too old to judge by.
  if (unanswered !== undefined) throw unanswered;
  return { question, evidence, seenAt };
}

/**
 * What would be released by its merge; where the gates refuse that, and not its branch by itself, that is the way: a
 * branch that waits with other work must not hold a fix.
 */
async function lookAhead(asked: Asked) {
  const ways = ['merge', 'branch'] as const;
  const found = [];
  for (const way of ways) {
    const question = await readQuestion(asked, way);
    const evidence = await question.collect();
    const seen = { question, evidence, seenAt: asked.github.now() };
    found.push(seen);
    if (decide(question.policy, question.request, evidence, seen.seenAt).result === 'pass') return seen;
  }
  return found[0]!;
}

function annotate({ gate, result, reason, advisory }: GateReport['gates'][number]): Annotation[] {
  if (result === 'pass') return [];
  return [
    { level: result === 'fail' && !advisory ? 'error' : 'warning', title: `Gate ${gate}`, message: reason },
  ];
}
