import { resolve } from 'node:path';
import { breakGlassSchema, type BreakGlass } from '../../shared/contracts/break-glass.js';
import { isoInstant } from '../../shared/time/instant.js';
import { askIdentity } from '../../shared/traffic/colour/check.js';
import { checkFit } from '../../shared/traffic/colour/fit.js';
import { openTraffic, type OpenTraffic } from '../../shared/traffic/open-control.js';
import { describeSurvey, liveColour, readable } from '../../shared/traffic/router.js';
import type { Arguments } from '../arguments.js';
import { laptopHost, type LaptopHost } from '../laptop/laptop-host.js';
import { exitCodes, UsageError, type Shell } from '../shell.js';
import { journalFile, journalName } from './journal.js';
import { moveAlone, planAlone } from './move.js';

interface Asked {
  environment: string;
  service: string;
  reason: string;
  by: string;
}

/** Gives all traffic to a colour with the router alone, and writes down what it does; the exit code. */
export async function breakGlass(given: Arguments, shell: Shell): Promise<number> {
  const asked = askedOf(given, shell);
  const host = laptopHost(shell, shell.err);
  try {
    const trafficFile = given.one('traffic') ?? `.github/traffic/${asked.environment}.yml`;
    const traffic = await openTraffic(host, { trafficFile });
    try {
      return await rollBack(traffic, given, asked, { host, shell });
    } finally {
      traffic.http.close();
    }
  } finally {
    host.close();
  }
}

async function rollBack(
  traffic: OpenTraffic,
  given: Arguments,
  asked: Asked,
  { host, shell }: { host: LaptopHost; shell: Shell },
): Promise<number> {
  const { router } = traffic;
  const say = host.log.info;
  const survey = await router.survey();
  const { seen, lost } = readable(survey);
  lost.forEach(say);
  if (Object.keys(seen).length === 0)
    return nothing(shell, 'no node of the router can be read, so where traffic is cannot be told');
  const live = liveColour(survey.partial.weights);
  const to = targetOf(given.one('to'), traffic.colours, live);
  say(`Traffic now: ${describeSurvey(survey)}`);

  const found = await sideOf(traffic, to);
  const wanted = given.one('version');
  if (wanted !== undefined && found.version !== wanted)
    return nothing(
      shell,
      `${to} says it runs ${found.version ?? 'no version'}, and --version says ${wanted}`,
    );
  const fit = await checkFit(
    { ...traffic, clock: shell.clock, signal: host.signal, timeline: { say } },
    to,
    undefined,
    { partly: true },
  );
  if (!fit.ok) return nothing(shell, `${to} must get no traffic: ${fit.why}`);

  const calls = planAlone(traffic, survey, to, live);
  const runs = found.version ?? 'a version that it does not say';
  say(`All traffic goes to ${to}, which runs ${runs}:`);
  for (const { node, say: what } of calls) say(`  ${node}: ${what}`);
  if (calls.length === 0) say('  nothing is to be called: it has all of it already');
  say(
    `Whether the database schema lets ${runs} work is written in GitHub alone: make sure that no migration since then forbids it.`,
  );
  if (given.flag('dry-run')) return exitCodes.pass;
  if (!given.flag('yes') && (await shell.ask?.(`Type the colour to go on (${to}): `)) !== to)
    return nothing(shell, shell.ask ? 'the colour was not typed' : 'nobody is there to ask: write --yes');

  const at = isoInstant(shell.clock.now());
  const journal = journalFile(resolve(shell.cwd, given.one('journal') ?? journalName({ ...asked, at })));
  const from = live === undefined ? undefined : await sideOf(traffic, live);
  const start: BreakGlass = breakGlassSchema.parse({
    schema: 'devops-actions/break-glass@1',
    ...asked,
    at,
    ...(from ? { from } : {}),
    to: found,
    calls,
    done: [],
    state: 'moving',
  });
  const end = await moveAlone(traffic, start, {
    clock: shell.clock,
    say,
    write: (one) => journal.write(one),
  });
  shell.out(host.secrets.redact(`${end.state.toUpperCase()}  ${end.message}`));
  shell.out(`Written down in ${journal.path}.`);
  shell.out(
    'Now: tell people. Once GitHub answers, let the ledger know before anything is released:\n' +
      `  gh workflow run reconcile.yml -f break-glass="$(cat '${journal.path}')"`,
  );
  return end.state === 'restored' ? exitCodes.pass : exitCodes.error;
}

function nothing(shell: Shell, why: string): number {
  shell.err(`Nothing was moved: ${why}.`);
  return exitCodes.fail;
}

/** A colour, and what it says that it runs. */
async function sideOf({ http, config }: OpenTraffic, colour: string): Promise<BreakGlass['to']> {
  const said = await askIdentity(http, config, colour);
  if (!said.ok) return { colour };
  const { version, digest } = said.identity;
  return {
    colour,
    ...(version === undefined ? {} : { version }),
    ...(digest === undefined ? {} : { digest }),
  };
}

function targetOf(wanted: string | undefined, colours: readonly string[], live: string | undefined): string {
  if (wanted !== undefined && !colours.includes(wanted))
    throw new UsageError(`--to ${wanted}: the traffic file has ${colours.join(', ')}.`);
  const others = colours.filter((colour) => colour !== live);
  const to = wanted ?? (live !== undefined && others.length === 1 ? others[0] : undefined);
  if (to === undefined)
    throw new UsageError(
      `--to is missing: ${live === undefined ? 'traffic is on several colours' : `there are ${others.join(', ')}`}.`,
    );
  return to;
}

function askedOf(given: Arguments, shell: Shell): Asked {
  const needed = (name: 'environment' | 'service' | 'reason') => {
    const value = given.one(name);
    if (value === undefined) throw new UsageError(`--${name} is missing.`);
    return value;
  };
  const asked = {
    environment: needed('environment'),
    service: needed('service'),
    reason: needed('reason'),
    by: shell.env['USER'] ?? shell.env['LOGNAME'] ?? shell.env['USERNAME'] ?? 'unknown',
  };
  const { environment, service, reason, by } = breakGlassSchema.shape;
  for (const [name, schema] of Object.entries({ environment, service, reason, by })) {
    const parsed = schema.safeParse(asked[name as keyof Asked]);
    if (!parsed.success)
      throw new UsageError(`--${name} "${asked[name as keyof Asked]}": ${parsed.error.issues[0]!.message}.`);
  }
  return asked;
}
