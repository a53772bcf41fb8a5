import type { GitHub } from '../../../shared/github/client.js';
import { GitHubError } from '../../../shared/github/problem.js';
import { takeLock, waitUntilFree } from '../../../shared/traffic/recovery/acquire.js';
import { able, doubtToken } from './code.js';
import { awaitTraffic, hasTraffic, recordRestored } from './restored.js';
import type { Able, Releases, Strategy, StrategyPorts } from './strategy.js';

const patienceMs = 10_000;

/**
 * A tag that the team's delivery follows, such as live-production, is moved to the commit of the last good release. What
 * that does is waited for: the release counts as restored when the router and its colour say so.
 */
export const tag = {
  name: 'tag',

  preflight,

  async run(ports, request) {
    const { control, given } = ports;
    const { good, bad } = request;
    const start = control.clock.now();
    const end = <Result extends 'started' | 'refused' | 'held'>(result: Result, message: string) => ({
      result,
      message,
      trafficMoved: false,
      durationMs: control.clock.now() - start,
    });
    const could = await preflight(ports);
    if (!could.ok) return end('refused', could.why);
    const free = await waitUntilFree(control, patienceMs, { watch: true });
    if (!free.free) return end('refused', free.why);
    const github = await ports.openCode(given['code-token']!);
    const name = nameOf(ports);
    const sha = good.payload.releasedSha;
    control.timeline.say(`Moving tag ${name} to ${sha.slice(0, 12)} (${good.payload.version})`);
    const why = await move(github, name, request);
    if (why !== undefined) return end('refused', why);
    const seen = await awaitTraffic(ports, request, start + given['strategy-timeout']);
    const said = `tag ${name} is at ${sha.slice(0, 12)} (${good.payload.version})`;
    if (!seen.ok) {
      const before = await hasTraffic(ports, { good: bad });
      const message = `${said}, and it has not all traffic yet: ${seen.why}. Follow the workflow that the tag started`;
      return before.ok ? end('started', message) : { ...end('held', message), trafficMoved: true };
    }
    const restoredAt = control.clock.now();
    const restored = {
      ...end('held', `${good.payload.version} is live again on ${seen.colour}: ${said}`),
      result: 'restored' as const,
      trafficMoved: true,
      restoredAt,
      timeline: control.timeline.events,
    };
    const { colour } = bad.payload;
    const held = await takeLock(control, {
      from: colour,
      to: colour,
      deployment: bad.id,
      payload: bad.payload,
      phase: 'retiring',
    });
    // Whoever has the lock now is the delivery that the tag started, which records what it did itself.
    if (!held) return restored;
    try {
      return { ...restored, deployment: await recordRestored(ports, request, seen.colour, held.state) };
    } finally {
      await control.lock.remove(held);
    }
  },
} as const satisfies Strategy;

/** Whether there is a name, and a token that reads it. */
async function preflight(ports: StrategyPorts): Promise<Able> {
  const { given } = ports;
  if (given.tag === undefined)
    return {
      ok: false,
      why: 'the input tag is missing. Fix: name the tag that your delivery follows, such as live-production',
    };
  const doubt = doubtToken(ports);
  if (doubt !== undefined) return able(doubt);
  await read(await ports.openCode(given['code-token']!), nameOf(ports));
  return { ok: true };
}

/** The tag's name, with what stands for the place filled in. */
const nameOf = ({ given, control }: StrategyPorts) =>
  given.tag!.replace('{service}', control.service).replace('{environment}', control.environment);

/** Where a tag stands: the object that the ref names, and the commit that this is of. */
interface Standing {
  oid: string;
  commit: string;
}

const updateTag = /* GraphQL */ `
  mutation MoveTag($repository: ID!, $ref: GitRefname!, $before: GitObjectID!, $after: GitObjectID!) {
    updateRefs(
      input: {
        repositoryId: $repository
        refUpdates: [{ name: $ref, beforeOid: $before, afterOid: $after, force: true }]
      }
    ) {
      clientMutationId
    }
  }
`;

/**
 * Moves or makes the tag; why it was not. Only the bad release gives way, and only where the tag still stands as it was
 * read: whoever moved it meanwhile, to a fix perhaps, is not overwritten.
 */
async function move(github: GitHub, name: string, { good, bad }: Releases): Promise<string | undefined> {
  const [from, sha] = [bad.payload.releasedSha, good.payload.releasedSha];
  const at = (commit: string | undefined) => commit?.slice(0, 12) ?? 'nothing';
  try {
    const before = await read(github, name);
    if (before?.commit === sha) return undefined;
    if (!before) {
      await github.rest('POST /repos/{owner}/{repo}/git/refs', { ref: `refs/tags/${name}`, sha });
      return undefined;
    }
    if (before.commit !== from)
      return `tag ${name} is at ${at(before.commit)}, and not at ${at(from)} (${bad.payload.version}): somebody moved it. Fix: look who did, and move it by hand if it is to go back`;
    const { node_id: repository } = await github.rest('GET /repos/{owner}/{repo}');
    await github.graphql(updateTag, { repository, ref: `refs/tags/${name}`, before: before.oid, after: sha });
    return undefined;
  } catch (error) {
    if (!(error instanceof GitHubError)) throw error;
    const now = await read(github, name).catch(() => undefined);
    // An answer that was lost: the tag itself says what became of it.
    if (now?.commit === sha) return undefined;
    if (now && now.commit !== from)
      return `tag ${name} was moved to ${at(now.commit)} by somebody else at this moment`;
    return error.status === 403
      ? `code-token may not move the tag ${name} (403). Fix: give its App contents: write, and let it past the rules for tags`
      : error.message;
  }
}

/** Where a tag stands; undefined where there is none yet. */
async function read(github: GitHub, name: string): Promise<Standing | undefined> {
  try {
    const { object } = await github.rest('GET /repos/{owner}/{repo}/git/ref/{ref}', { ref: `tags/${name}` });
    if (object.type !== 'tag') return { oid: object.sha, commit: object.sha };
    const { sha } = await github.rest('GET /repos/{owner}/{repo}/commits/{ref}', { ref: `tags/${name}` });
    return { oid: object.sha, commit: sha };
  } catch (error) {
    if (error instanceof GitHubError && error.status === 404) return undefined;
    throw error;
  }
}
