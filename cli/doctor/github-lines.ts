import { readEnvironment } from '../../actions/gate-check/evidence/environment.js';
import { environmentProblems } from '../../actions/gate-check/gates/environment.js';
import type { GitHub, GitHubClock } from '../../shared/github/client.js';
import { describeApart } from '../../shared/github/clock.js';
import { GitHubError } from '../../shared/github/problem.js';
import { describeHolder } from '../../shared/ledger/refs/holder.js';
import { lockFile } from '../../shared/ledger/refs/lock.js';
import { githubRefStore } from '../../shared/ledger/refs/refs.js';
import { UnreadableStateError } from '../../shared/ledger/refs/state.js';
import { note, ok, unknown, wrong, type Line } from './line.js';

/** What the policy asks of the environment, where it asks. */
export interface EnvironmentRules {
  reviewers: boolean;
  'admins-bypass': boolean;
  refs?: string[];
}

export interface AskedOfGitHub {
  environment: string;
  service: string;
  rules: EnvironmentRules;
}

/** Token, rights, clock, environments and lock. */
export async function lookAtGitHub(github: GitHub & GitHubClock, asked: AskedOfGitHub): Promise<Line[]> {
  const lines = await rightLines(github);
  const apart = describeApart(github.ahead());
  if (github.ahead() === undefined) lines.push(unknown('clock', 'GitHub did not answer'));
  else
    lines.push(
      apart === undefined ? ok('clock', "agrees with GitHub's to the minute") : wrong('clock', apart),
    );
  lines.push(await environmentLine(github, asked.environment, asked.rules));
  lines.push(
    await environmentLine(github, `${asked.environment}-recovery`, {
      ...asked.rules,
      reviewers: false,
    }),
  );
  lines.push(await lockLine(github, asked));
  return lines;
}

/** No such thing exists, so that nothing is changed: a token that may write is told so, one that may not is refused. */
const nothing = 0;
const zeros = '0'.repeat(40);

interface Right {
  name: string;
  /** What it is for. */
  why: string;
  ask(github: GitHub): Promise<unknown>;
}

const rights: readonly Right[] = [
  {
    name: 'contents: write',
    why: 'the lock is a ref',
    ask: (github) =>
      github.rest('PATCH /repos/{owner}/{repo}/git/refs/{ref}', {
        ref: 'heads/devops-actions/doctor/no-such-branch',
        sha: zeros,
      }),
  },
  {
    name: 'deployments: write',
    why: 'a release is a Deployment',
    ask: (github) =>
      github.rest('POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses', {
        deployment_id: nothing,
        state: 'inactive',
      }),
  },
  {
    name: 'issues: write',
    why: 'a held switch opens an incident',
    ask: (github) =>
      github.rest('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', {
        issue_number: nothing,
        body: 'nothing',
      }),
  },
  {
    name: 'actions: read',
    why: 'whether the holder of a lock still lives',
    ask: (github) => github.rest('GET /repos/{owner}/{repo}/actions/runs', { per_page: 1 }),
  },
];

async function rightLines(github: GitHub): Promise<Line[]> {
  const lines: Line[] = [];
  try {
    const { permissions } = await github.rest('GET /repos/{owner}/{repo}');
    lines.push(
      permissions && !permissions.push && permissions.pull
        ? wrong(
            'token',
            'may only read this repository',
            'use the token of a job, or of somebody who may write',
          )
        : ok('token', `knows ${github.owner}/${github.repository}`),
    );
  } catch (error) {
    if (!(error instanceof GitHubError)) throw error;
    return [
      unknown('token', error.message, 'pass GH_TOKEN, the token of the job, and --repository OWNER/NAME'),
    ];
  }
  for (const { name, why, ask } of rights) lines.push(await rightLine(github, `token ${name}`, why, ask));
  return lines;
}

async function rightLine(github: GitHub, what: string, why: string, ask: Right['ask']): Promise<Line> {
  try {
    await ask(github);
    return ok(what, why);
  } catch (error) {
    if (!(error instanceof GitHubError)) throw error;
    // There is no such thing, which only somebody who may write to it is told.
    if (error.status === 404 || error.status === 422) return ok(what, why);
    return error.because === 'permission' ? wrong(what, error.message) : unknown(what, error.message);
  }
}

async function environmentLine(github: GitHub, name: string, rules: EnvironmentRules): Promise<Line> {
  const what = `environment ${name}`;
  const fix = 'init --dry-run prints the commands';
  try {
    const found = await readEnvironment(github, name);
    if (!found) return wrong(what, 'does not exist: GitHub makes it at first use, open to everybody', fix);
    const problems = environmentProblems(found, rules, '');
    if (name.endsWith('-recovery') && found.reviewers.length > 0)
      problems.push('it has reviewers: a rescue would wait for them');
    if (problems.length > 0) return wrong(what, problems.join('; '), fix);
    return ok(what, found.reviewers.length > 0 ? 'protected, and reviewed' : 'protected, without reviewers');
  } catch (error) {
    if (!(error instanceof GitHubError)) throw error;
    return unknown(what, error.message);
  }
}

async function lockLine(github: GitHub, { environment, service }: AskedOfGitHub): Promise<Line> {
  try {
    const held = await lockFile(githubRefStore(github), environment, service).read();
    if (!held) return ok('lock', 'nobody holds it');
    const { phase, holder, since, reason } = held.state;
    const words = `phase ${phase}, ${describeHolder(holder)}, since ${since}${reason ? `: ${reason}` : ''}`;
    return phase === 'held'
      ? wrong('lock', words, 'a person decides: mode revert or resume (docs/traffic.md)')
      : note('lock', words);
  } catch (error) {
    if (error instanceof UnreadableStateError) return wrong('lock', error.message);
    if (error instanceof GitHubError) return unknown('lock', error.message);
    throw error;
  }
}
