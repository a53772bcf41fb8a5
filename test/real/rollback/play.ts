import { expect } from '@jest/globals';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { replay } from '../../../shared/analysis/course/course.js';
import {
  analysisReportSchema,
  type AnalysisReport,
} from '../../../shared/contracts/reports/analysis-report.js';
import { releaseStage, type ReleaseStage } from '../../actions/auto-rollback/stage.js';
import type { TestRunner } from '../../support/runner/port.js';
import { until } from '../../support/until.js';
import { lateness, scrapeMs, startMetronome, type Prometheus } from './stand.js';

export const second = 1_000;
const pollMs = 1_000;

/** What a scenario can name: its release, who scrapes it, and the target that is green. */
export interface Scene {
  stage: ReleaseStage;
  prometheus: Prometheus;
  green: string;
}

/** What a scenario needs beside its release: further targets to scrape, and how to end it. */
interface Prepared {
  targets?: readonly string[];
  stop(): Promise<void>;
}

/** A fault of a release under load, and how soon it must be rolled back. */
export interface Scenario {
  name: string;
  source(scene: Scene): string;
  criterion: string;
  /** Further requests, every so many milliseconds, beside those to /api/products. */
  alsoLoad?: { path: string; everyMs: number };
  prepare?(scene: Scene): Promise<Prepared>;
  /** Begins the fault; gives how to end it where it goes on by itself. */
  fault(scene: Scene): void | Promise<void> | { stop(): Promise<void> };
  /** Of the criterion, and of what the source looks back on; milliseconds. */
  windowMs: number;
  rangeMs: number | (() => number);
  /** Whether a scrape stands between the fault and its sample. */
  isScraped: boolean;
  /** What a query that looks back further shows red afterwards. */
  red?(scene: Scene): { query: string; above: number };
}

export interface Played {
  scene: Scene;
  runner: TestRunner;
  report: AnalysisReport;
  faultAt: number;
  /** Time from the fault until the router had gone back, what it may be, and how late the machine was meanwhile. */
  tookMs: number;
  boundMs: number;
  lateMs: number;
  red?: { value: number; above: number };
  live: string | undefined;
}

const criteriaOf = ({ source, criterion }: Scenario, scene: Scene) => `version: 1
environments:
  production:
    watch: 90s
    interval: 1s
    sources:
      app: { ${source(scene)} }
    criteria:
      - { name: judged, source: app, ${criterion} }
`;

export const reportOf = (runner: TestRunner): AnalysisReport =>
  analysisReportSchema.parse(JSON.parse(runner.files.get(runner.outputs.get('report') ?? '') ?? '{}'));

/** A request every so often, until stopped. */
function trickle(url: string, everyMs: number): () => void {
  const timer = setInterval(() => {
    fetch(url)
      .then((response) => response.arrayBuffer())
      .catch(() => undefined);
  }, everyMs);
  return () => clearInterval(timer);
}

/** Plays scenarios side by side, each a release of its own; gives for each what came of it. */
export async function playAll(
  scenarios: readonly Scenario[],
  prometheus: Prometheus,
): Promise<ReadonlyMap<string, PromiseSettledResult<Played>>> {
  const scenes = await Promise.all(
    scenarios.map(async (): Promise<Scene> => {
      const stage = await releaseStage();
      return { stage, prometheus, green: `127.0.0.1:${stage.shops.green.port}` };
    }),
  );
  const prepared = await Promise.all(
    scenarios.map(
      async ({ prepare }, index): Promise<Prepared> =>
        (await prepare?.(scenes[index]!)) ?? { stop: () => Promise.resolve() },
    ),
  );
  const loads = scenarios.map(({ alsoLoad }, index) => {
    const { stage } = scenes[index]!;
    const main = stage.load(40);
    const stop = alsoLoad && trickle(new URL(alsoLoad.path, stage.router.url).href, alsoLoad.everyMs);
    return () => {
      stop?.();
      return main.stop();
    };
  });
  prometheus.scrapes([
    ...scenes.map(({ green }) => green),
    ...prepared.flatMap(({ targets = [] }) => targets),
  ]);
  const metronome = startMetronome();
  try {
    const played = await Promise.allSettled(
      scenarios.map((scenario, index) => play(scenario, scenes[index]!, metronome)),
    );
    return new Map(scenarios.map(({ name }, index) => [name, played[index]!]));
  } finally {
    metronome.stop();
    await Promise.all(loads.map((stop) => stop()));
    await Promise.all(prepared.map(({ stop }) => stop()));
    await Promise.all(scenes.map(({ stage }) => stage.close()));
  }
}

async function play(
  scenario: Scenario,
  scene: Scene,
  metronome: { everyMs: number; beats: readonly number[] },
): Promise<Played> {
  const { stage, prometheus, green } = scene;
  await until(async () => (await prometheus.number(`up{instance="${green}"}`)) === 1, 'the first scrape');
  stage.criteria(criteriaOf(scenario, scene));
  stage.executable('deploy/rollback', 'touch fired');
  let watching: TestRunner | undefined;
  const running = stage.run(
    { strategy: 'traffic, command' },
    { speed: 1, started: (runner) => (watching = runner) },
  );
  // It is judged well for some looks before anything is wrong.
  const wellTwice = () => watching!.printed.filter((line) => /judged: successful/.test(line)).length >= 2;
  await until(wellTwice, `${scenario.name} to be well at first`).catch((error: unknown) => {
    throw new Error(watching?.printed.slice(-5).join('\n'), { cause: error });
  });
  const faultAt = Date.now();
  const going = scenario.fault(scene);
  if (going instanceof Promise) await going;
  const runner = await running;
  if (going && 'stop' in going) await going.stop();
  const red = scenario.red?.(scene);
  const value = red && (await prometheus.number(red.query));
  const report = reportOf(runner);
  const restoredAt = report.takeBack?.restoredAt ?? NaN;
  const verdictAt = report.ticks.at(-1)?.at ?? NaN;
  const { windowMs, rangeMs, isScraped } = scenario;
  const scrapes = isScraped ? await prometheus.scrapesOf(green) : [];
  return {
    scene,
    runner,
    report,
    faultAt,
    tookMs: restoredAt - faultAt,
    boundMs:
      windowMs +
      (typeof rangeMs === 'function' ? rangeMs() : rangeMs) +
      (isScraped ? scrapeMs : 0) +
      pollMs +
      second,
    lateMs:
      lateness(
        report.ticks.map(({ at }) => at),
        pollMs,
        faultAt,
        verdictAt,
      ) +
      (isScraped ? lateness(scrapes, scrapeMs, faultAt, verdictAt) : 0) +
      lateness(metronome.beats, metronome.everyMs, verdictAt, restoredAt),
    ...(red && value !== undefined ? { red: { value, above: red.above } } : {}),
    live: stage.router.stats().live,
  };
}

/** Rolled back, in time, once, and the report says the same again. */
export function expectRolledBack(settled: PromiseSettledResult<Played> | undefined): void {
  if (settled?.status !== 'fulfilled') throw settled?.reason;
  const { runner, report, tookMs, boundMs, lateMs, red, live } = settled.value;
  expect([runner.outputs.get('result'), live, report.reason]).toEqual([
    'rolled-back',
    'blue',
    expect.stringMatching(/^judged: /),
  ]);
  expect(tookMs).toBeGreaterThan(0);
  expect(tookMs).toBeLessThanOrEqual(boundMs + lateMs);
  expect(replay(report.plan!, report.startedAt!, report.ticks).decision).toEqual(report.verdict);
  // What a query looks back on is red still, and no second strategy has come of it.
  if (red !== undefined) expect(red.value).toBeGreaterThan(red.above);
  expect(existsSync(join(runner.env['GITHUB_WORKSPACE']!, 'fired'))).toBe(false);
  expect(report.timeline.filter(({ message }) => message.startsWith('Taking 1.1.0 back'))).toHaveLength(1);
}
