import type * as z from 'zod';
import {
  nothingBuilt,
  type BasePolicy,
  type GateRequest,
} from '../../shared/contracts/reports/gate-report.js';
import { openGitHub } from '../../shared/github/client.js';
import { readTrustedFile, type TrustedFile } from '../../shared/github/trusted-file.js';
import type { HttpClient } from '../../shared/http/types.js';
import { ownWorkflow } from '../../shared/runner/context.js';
import type { Host } from '../../shared/runner/host.js';
import { maskedVariable } from '../../shared/runner/masked-variable.js';
import { asMerged, beforeMerge } from './before-merge.js';
import { readBasePolicy } from './base-policy.js';
import { readTestMerge } from './evidence/code/test-merge.js';
import { collectEvidence } from './evidence/collect.js';
import type { EvidenceKind, GateEvidence } from './evidence/registry.js';
import type { inputs } from './inputs.js';
import { extendedBy, needsOf, readPolicy, type EnvironmentPolicy } from './policy.js';

/** What is asked, by which policy, and how its evidence is looked up. */
export interface Question {
  file: TrustedFile;
  base: BasePolicy | undefined;
  policy: EnvironmentPolicy;
  request: GateRequest;
  /** Looks up everything, or some kinds alone. */
  collect(only?: readonly EvidenceKind[]): Promise<GateEvidence>;
}

interface Asked {
  input: z.output<typeof inputs>;
  host: Host;
  http: HttpClient;
  github: Awaited<ReturnType<typeof openGitHub>>;
}

/** How a pull request that is judged before its merge would go out. */
export type Way = NonNullable<GateRequest['ahead']>['way'];

/** Reads the policy of the default branch as it stands now, and what it extends. */
export async function readQuestion(
  { input, host, http, github }: Asked,
  way: Way = 'merge',
): Promise<Question> {
  const { context, clock, log, random, signal } = host;
  const { owner, repository } = context;
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
  const whole = readPolicy(file.text, input.policy, input.environment, base);
  log.info(`Policy ${input.policy} at ${file.branch} ${file.commit}`);
  if (base) log.info(`It extends ${base.repository}/${base.path} at ${base.sha}`);
  for (const { gate, reason } of whole.replaced) log.info(`Otherwise than there: ${gate}, ${reason}`);

  const number = input['pull-request'];
  const head = input.sha ?? context.sha;
  const tried =
    number === undefined ? undefined : await readTestMerge(github, number, head, { clock, signal });
  const request: GateRequest = {
    environment: input.environment,
    service: input.service,
    sha: tried && way === 'merge' ? tried.merge : head,
    digest: input.digest ?? nothingBuilt,
    kind: input.kind,
    actor: context.triggeringActor,
    run: { id: context.runId, attempt: context.attempt },
    repositoryUrl: `${context.serverUrl}/${owner}/${repository}`,
    policy: { path: input.policy, commit: file.commit },
    ...(tried && { ahead: { ...tried.ahead, way } }),
  };
  const policy = tried ? beforeMerge(whole, request) : whole;
  const needs = needsOf(policy, request);
  const asking = {
    github,
    tokenFrom: context.tokenFrom,
    request,
    writers: input['ledger-writers'],
    branch: tried?.ahead.branch ?? context.refName,
    defaultBranch: file.branch,
    release: { workflows: input['release-workflows'] ?? [ownWorkflow(context)] },
    firstRelease: policy.firstRelease,
    numbers: { http, variable: maskedVariable(host) },
    signal,
  };
  return {
    file,
    base,
    policy,
    request,
    collect: async (only) => {
      const asked = only === undefined ? needs : needs.filter(({ kind }) => only.includes(kind));
      return asMerged(await collectEvidence({ ...asking, now: github.now() }, asked), request);
    },
  };
}
