import type { GitHub } from '../../../shared/github/client.js';
import { GitHubError } from '../../../shared/github/problem.js';
import { takeLock, waitUntilFree } from '../../../shared/traffic/recovery/acquire.js';
import { able, doubtToken } from './code.js';
import { awaitTraffic, hasTraffic, recordRestored } from './restored.js';
import type { Able, Strategy, StrategyPorts } from './strategy.js';

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
    const why = await move(github, name, sha);
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

/** Moves or makes the tag; what GitHub says where it does not. */
async function move(github: GitHub, name: string, sha: string): Promise<string | undefined> {
  try {
    if (await read(github, name))
      await github.rest('PATCH /repos/{owner}/{repo}/git/refs/{ref}', {
        ref: `tags/${name}`,
        sha,
        force: true,
      });
    else await github.rest('POST /repos/{owner}/{repo}/git/refs', { ref: `refs/tags/${name}`, sha });
    return undefined;
  } catch (error) {
    if (!(error instanceof GitHubError)) throw error;
    return error.status === 403
      ? `code-token may not move the tag ${name} (403). Fix: give its App contents: write, and let it past the rules for tags`
      : error.message;
  }
}

/** The commit of a tag; undefined where there is none yet. */
async function read(github: GitHub, name: string): Promise<string | undefined> {
  try {
    const { object } = await github.rest('GET /repos/{owner}/{repo}/git/ref/{ref}', { ref: `tags/${name}` });
    return object.sha;
  } catch (error) {
    if (error instanceof GitHubError && error.status === 404) return undefined;
    throw error;
  }
}
