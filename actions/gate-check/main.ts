import type * as z from 'zod';
import { describeApart } from '../../shared/github/clock.js';
import { createHttpClient } from '../../shared/http/client.js';
import { openGitHub } from '../../shared/github/client.js';
import { readTrustedFile } from '../../shared/github/trusted-file.js';
import { ownWorkflow } from '../../shared/runner/context.js';
import type { HttpClient } from '../../shared/http/types.js';
import type { Host } from '../../shared/runner/host.js';
import { maskedVariable } from '../../shared/runner/masked-variable.js';
import type { Annotation } from '../../shared/report/annotation.js';
import { defineAction } from '../../shared/runner/define-action.js';
import { isoInstant } from '../../shared/time/instant.js';
import { decide } from './decide.js';
import { collectEvidence } from './evidence/collect.js';
import { inputs, outputs } from './inputs.js';
import { readBasePolicy } from './base-policy.js';
import { extendedBy, needsOf, readPolicy } from './policy.js';
import { render } from './render.js';
import type { GateReport } from './report.js';
import { tell } from './tell.js';
import { checksState, waitForChecks } from './wait-for-checks.js';
import type { GateRequest } from '../../shared/contracts/reports/gate-report.js';

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
  const { owner, repository } = context;
  const github = await openGitHub({ token: input['github-token'], at: context, clock, random, signal });

  const file = await readTrustedFile(github, input.policy);
  const extending = extendedBy(file.text, input.policy);
  const base =
    extending &&
    (await readBasePolicy(extending, input.policy, (owner, repository) =>
      openGitHub({
        token: input['github-token'],
        at: { ...context, owner, repository },
        clock,
        random,
        signal,
      }),
    ));
  const policy = readPolicy(file.text, input.policy, input.environment, base);
  log.info(`Policy ${input.policy} at ${file.branch} ${file.commit}`);
  if (base) log.info(`It extends ${base.repository}/${base.path} at ${base.sha}`);
  for (const { gate, reason } of policy.replaced) log.info(`Otherwise than there: ${gate}, ${reason}`);

  const request: GateRequest = {
    environment: input.environment,
    service: input.service,
    sha: input.sha ?? context.sha,
    digest: input.digest,
    kind: input.kind,
    actor: context.triggeringActor,
    run: { id: context.runId, attempt: context.attempt },
    repositoryUrl: `${context.serverUrl}/${owner}/${repository}`,
    policy: { path: input.policy, commit: file.commit },
  };
  const needs = needsOf(policy, request);
  const asking = {
    github,
    request,
    writers: input['ledger-writers'],
    branch: context.refName,
    release: { workflows: input['release-workflows'] ?? [ownWorkflow(context)] },
    numbers: { http, variable: maskedVariable(host) },
    signal,
  };
  const collect = () => collectEvidence({ ...asking, now: github.now() }, needs);
  let evidence = await collect();
  const state = () => checksState(policy, { request, evidence }, github.now());
  const waited = await waitForChecks(
    state(),
    input['wait-for-checks'],
    async () => {
      const checks = needs.filter(({ kind }) => kind === 'checks');
      const again = await collectEvidence({ ...asking, now: github.now() }, checks);
      evidence = { ...evidence, ...again };
      return state();
    },
    { clock, signal, tell: (line) => log.info(line) },
  );
  // While the checks ran, all the rest may have changed.
  if (waited && !signal.aborted) evidence = await collect();

  const now = github.now();
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
      allowed: String(result === 'pass'),
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

function annotate({ gate, result, reason }: GateReport['gates'][number]): Annotation[] {
  if (result === 'pass') return [];
  return [{ level: result === 'fail' ? 'error' : 'warning', title: `Gate ${gate}`, message: reason }];
}
