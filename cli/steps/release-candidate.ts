import type {
  Proof,
  ReleaseCandidateReport,
} from '../../shared/contracts/reports/release-candidate-report.js';
import { openGitHub, type GitHub } from '../../shared/github/client.js';
import { GitHubError } from '../../shared/github/problem.js';
import { escapeMarkdown, table } from '../../shared/report/markdown.js';
import { ownWorkflow } from '../../shared/runner/context.js';
import { defineAction } from '../../shared/runner/define-action.js';
import { inputs, outputs } from './release-candidate-fields.js';
import { inStage, onBranch, readPosted, readRuns, readTags } from './release-candidate/facts.js';
import { greenProofs } from './release-candidate/green.js';
import { numberOf, type Numbered } from './release-candidate/number.js';

/** How often another who tags at the same time may be first. */
const mostTries = 20;

/** A commit that is green in everything and live in staging gets the tag of a release candidate, once. */
export const action = defineAction({
  name: 'release-candidate',
  title: 'Release candidate',
  description:
    'Gives a commit that is green everywhere and live in staging the tag of a release candidate, such as v1.4.0-rc.1, once.',
  branding: { icon: 'tag', color: 'green' },
  inputs,
  outputs,
  render,
  async run(given, host) {
    const { context, clock, random, signal } = host;
    const { mode, version, prefix, environment, service, 'github-token': token } = given;
    const github = await openGitHub({ token, at: context, clock, random, signal });
    const { sha } = context;
    const [branch, stage, runs, posted, tags] = await Promise.all([
      onBranch(github, sha, given.branches),
      inStage(github, {
        sha,
        service,
        environment,
        workflows: given['release-workflows'],
        writers: given['ledger-writers'],
      }),
      readRuns(github, sha, ownWorkflow(context)),
      readPosted(github, sha),
      readTags(github, prefix),
    ]);
    const numbered = numberOf(tags, version, prefix, sha);
    const proofs = [
      branch,
      stage.proof,
      ...greenProofs(runs, posted, given.workflows),
      ...numberProof(numbered),
    ];
    const end = (result: ReleaseCandidateReport['result'], tag: string, message: string) => ({
      ok: result !== 'refused',
      message,
      outputs: { result, tag, 'live-version': stage.version },
      report: {
        schema: 'devops-actions/release-candidate-report@1' as const,
        result,
        message,
        sha,
        tag,
        proofs,
      },
    });
    const wrong = proofs.filter(({ is }) => is === 'wrong');
    if (wrong.length > 0 || numbered.is === 'refused')
      return end(
        'refused',
        '',
        `${sha.slice(0, 12)} is no candidate of ${version}: ${wrong.map(({ what, detail }) => `${what}: ${detail}`).join('; ')}`,
      );
    if (numbered.is === 'exists')
      return end('exists', numbered.tag, `${sha.slice(0, 12)} is ${numbered.tag} already`);
    if (mode === 'check') return end('ready', numbered.tag, `${sha.slice(0, 12)} may become ${numbered.tag}`);
    const made = await makeTag(github, numbered.tag, sha, async () =>
      numberOf(await readTags(github, prefix), version, prefix, sha),
    );
    if (made.is === 'refused') return end('refused', '', `${sha.slice(0, 12)} is no candidate: ${made.why}`);
    return made.is === 'exists'
      ? end('exists', made.tag, `${sha.slice(0, 12)} is ${made.tag} already`)
      : end('tagged', made.tag, `${sha.slice(0, 12)} is ${made.tag}`);
  },
});

const numberProof = (numbered: Numbered): Proof[] =>
  numbered.is === 'refused'
    ? [{ what: 'version', is: 'wrong', detail: numbered.why, fix: numbered.fix }]
    : [];

/**
 * Makes the tag, which git gives to one alone: whoever comes second looks again, and finds that of the first if it
 * stands on the same commit. No tag is ever moved.
 */
async function makeTag(
  github: GitHub,
  first: string,
  sha: string,
  look: () => Promise<Numbered>,
): Promise<Numbered> {
  let tag = first;
  for (let tries = 1; tries <= mostTries; tries++) {
    try {
      await github.rest('POST /repos/{owner}/{repo}/git/refs', { ref: `refs/tags/${tag}`, sha });
      return { is: 'next', tag };
    } catch (error) {
      const taken =
        error instanceof GitHubError && error.status === 422 && /already exists/i.test(error.message);
      if (!taken) throw error;
    }
    const now = await look();
    if (now.is !== 'next') return now;
    tag = now.tag;
  }
  const why = `${mostTries} others were first`;
  return { is: 'refused', why, fix: 'start this again' };
}

/** The job summary: the answer, then what it rests on. */
function render({ result, message, proofs }: ReleaseCandidateReport): string {
  const rows = proofs.map(({ what, is, detail, fix }) => [
    is === 'ok' ? '✅' : '❌',
    escapeMarkdown(what),
    escapeMarkdown(detail),
    escapeMarkdown(fix),
  ]);
  return [
    `## ${result === 'refused' ? '❌' : '✅'} ${escapeMarkdown(message)}`,
    table(['', 'what', 'what was found', 'fix'], rows),
    '',
  ].join('\n\n');
}
