import { readPlan } from '../../shared/analysis/criteria/criteria-file.js';
import { openSources } from '../../shared/analysis/registry.js';
import { ConfigurationError } from '../../shared/config/problem.js';
import type { Clock } from '../../shared/time/clock.js';
import type { OpenTraffic } from '../../shared/traffic/open-control.js';
import { note, ok, problemLines, wrong, type Line } from './line.js';
import type { Live } from './traffic-lines.js';

export interface Asked {
  traffic: OpenTraffic;
  live: Live | undefined;
  environment: string;
  service: string;
  clock: Clock;
  variable: (name: string) => string | undefined;
}

/** How long back a source is asked, in milliseconds. */
const lookBack = 60_000;

/** Every source of the criteria, asked about the live release as the watch asks it. */
export async function lookAtMetrics(
  file: string,
  text: string | undefined,
  { traffic, live, environment, service, clock, variable }: Asked,
): Promise<Line[]> {
  if (text === undefined)
    return [
      note('metrics', `${file} is not there: nothing is watched, and nothing is rolled back by itself`),
    ];
  let rules;
  try {
    rules = readPlan(text, file, environment);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const unwatched = error.problems.every(({ path }) => path === 'environments');
    return unwatched
      ? [note('metrics', `${file} has no criteria for ${environment}: nothing is watched there`)]
      : problemLines('metrics', error.problems);
  }
  if (live?.version === undefined)
    return [note('metrics', 'not asked, since no live release says its version')];
  const { colour, version } = live;
  const { http, config } = traffic;
  const subject = {
    environment,
    service,
    version,
    colour,
    sha: '',
    colourUrl: config.colours[colour]!.url,
    entryUrl: config.entry.url,
  };
  const sources = openSources(rules.sources, rules.plan, { http, clock, subject, variable });
  const lines: Line[] = [];
  for (const [name, source] of Object.entries(sources)) {
    const to = clock.now();
    const reading = await source.query({ from: to - lookBack, to });
    const what = `metrics ${name}`;
    const fix = `docs/rollback-criteria.md: sources.${name} of ${file}`;
    lines.push(
      reading.is === 'data'
        ? ok(what, `answers for version ${version}`)
        : wrong(what, `${reading.is}: ${reading.message}`, fix),
    );
  }
  return lines;
}
