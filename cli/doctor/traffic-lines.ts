import { nodeDrift } from '../../actions/blue-green-switch/drift.js';
import type { OpenTraffic } from '../../shared/traffic/open-control.js';
import { askIdentity, checkColour } from '../../shared/traffic/colour/check.js';
import { askEntryNow } from '../../shared/traffic/colour/entry-now.js';
import { askServing, describeServing } from '../../shared/traffic/colour/fit.js';
import type { Identity } from '../../shared/traffic/colour/identity.js';
import { describeWeights, liveColour, type Weights } from '../../shared/traffic/router.js';
import type { Clock } from '../../shared/time/clock.js';
import { note, ok, unknown, wrong, type Line } from './line.js';

/** What is live by the router and by the colour itself; undefined where that is not known. */
export type Live = { colour: string } & Partial<Identity>;

export interface Looked {
  lines: Line[];
  live: Live | undefined;
  /** Whether no colour answers at all, as where nothing was deployed yet. */
  silent: boolean;
}

/** Router, nodes, colours and entry, asked as a switch asks them before it begins. */
export async function lookAtTraffic(traffic: OpenTraffic, clock: Clock): Promise<Looked> {
  const { router, config, http } = traffic;
  const survey = await router.survey();
  const { weights } = survey.partial;
  const live = liveColour(weights);
  const page = `docs/routers/${config.router.type}.md`;
  const lines: Line[] = survey.nodes.map((node) =>
    node.ok
      ? ok(`node ${node.name}`, describeWeights(node.weights))
      : wrong(`node ${node.name}`, node.why, `${page}: "Who must reach what"`),
  );
  const read = survey.nodes.filter((node) => node.ok);
  for (const drift of nodeDrift({ nodes: read }))
    lines.push(wrong('nodes together', drift, 'mode reconcile, or bring the nodes in line by hand'));
  const inspection = await router.inspect?.();
  for (const obstacle of inspection?.obstacles ?? []) lines.push(wrong('router', obstacle, page));
  for (const one of inspection?.notes ?? []) lines.push(note('router', one));
  if (router.warning) lines.push(note('router', router.warning));
  if (inspection && inspection.obstacles.length === 0 && read.length === survey.nodes.length)
    lines.push(ok('router', `${router.kind}: files, commands and rights are what a switch needs`));
  const ports = { config, http, clock };
  let identity: Identity | undefined;
  let silent = true;
  for (const colour of traffic.colours) {
    const looked = await lookAtColour(traffic, clock, colour, colour === live);
    lines.push(...looked.lines);
    silent &&= looked.silent;
    if (colour === live) identity = looked.identity;
  }
  if (read.length > 0) lines.push(await lookAtEntry(ports, weights));
  return { lines, live: live === undefined ? undefined : { colour: live, ...identity }, silent };
}

/** What is not right of a service that runs, and is of one that was never released: the live colour is as empty. */
export const beforeFirstRelease = (lines: readonly Line[], { colour }: Live): Line[] =>
  lines.map((line) => {
    const isEmpty =
      (line.is === 'wrong' &&
        (line.what === `colour ${colour}` || line.what === `colour ${colour} identity`)) ||
      (line.is === 'unknown' && line.what === 'entry');
    return isEmpty ? note(line.what, line.detail) : line;
  });

async function lookAtColour(
  { config, http, router }: OpenTraffic,
  clock: Clock,
  colour: string,
  isLive: boolean,
): Promise<{ lines: Line[]; identity: Identity | undefined; silent: boolean }> {
  const what = `colour ${colour}`;
  const said = await askIdentity(http, config, colour);
  const well = await checkColour(http, config, colour, undefined, clock);
  const serving = await askServing(router, colour);
  const held = describeServing(colour, serving);
  const holds =
    serving.is === 'up'
      ? ok(what, held)
      : serving.is === 'down' && isLive
        ? wrong(
            what,
            held,
            `docs/routers/${config.router.type}.md: its own health checks must reach the colour`,
          )
        : note(what, held);
  const silent = !said.ok && !well.ok;
  if (silent && !isLive)
    return {
      lines: [
        note(
          what,
          `idle, and does not answer (${textOf(said.why)}). Right where nothing is deployed to it yet`,
        ),
        holds,
      ],
      identity: undefined,
      silent,
    };
  const lines: Line[] = [
    well.ok
      ? ok(what, `${isLive ? 'live, ' : 'idle, '}well at ${config.health.path}`)
      : wrong(what, well.why, 'let the runner reach it, or correct health in the traffic file'),
  ];
  if (!said.ok) lines.push(wrong(`${what} identity`, said.why, 'docs/traffic.md: identity'));
  else lines.push(identityLine(what, said.identity, config.identity.digest !== undefined));
  return { lines: [...lines, holds], identity: said.ok ? said.identity : undefined, silent };
}

function identityLine(what: string, { version, digest }: Identity, asksDigest: boolean): Line {
  const name = `${what} identity`;
  if (version === undefined)
    return wrong(
      name,
      'its answer has no version where identity.version looks',
      'name the field under identity.version, or add it to the answer',
    );
  if (!asksDigest)
    return wrong(
      name,
      `version ${version}, and the traffic file names no digest: another build of that version would pass`,
      'add identity.digest to the traffic file, and the digest to the answer (APP_DIGEST of deploy/deploy)',
    );
  if (digest === undefined)
    return wrong(
      name,
      `version ${version}, and no digest where identity.digest looks: a switch to it is refused`,
      'add the digest to the answer (APP_DIGEST of deploy/deploy), or correct identity.digest',
    );
  return ok(name, `version ${version}, digest ${digest.slice(0, 19)}`);
}

async function lookAtEntry(ports: Parameters<typeof askEntryNow>[0], weights: Weights): Promise<Line> {
  const entry = await askEntryNow(ports, weights);
  switch (entry.is) {
    case 'good':
      return ok('entry', entry.message);
    case 'unknown':
      return unknown('entry', entry.message, 'deploy a release to the live colour, then ask again');
    default:
      return wrong('entry', entry.message);
  }
}

const textOf = (why: string) => why.replace(/\s*\[[a-z-]+\]/g, '').replace(/\.$/, '');
