import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadReport } from '../../rehearsal/load/tally.js';
import { createHttpClient } from '../../shared/http/client.js';
import { systemClock } from '../../shared/runner/port.js';
import { openRouter } from '../../shared/traffic/registry.js';
import { allTo, type Router } from '../../shared/traffic/router.js';
import { routerSchema } from '../../shared/traffic/routers/schemas.js';
import { startChild, type Child } from '../../test/support/runner/child.js';
import { installed } from '../../test/support/servers/real.js';
import type { Benched, Row } from '../row.js';
import { coldColour } from './cold.js';
import { lastReport, stop } from './load.js';
import { mechanisms, type Mechanism } from './subjects.js';

const switches = 100;
const wantedRequests = 50_000;

/** Between two switches, in milliseconds: at least, and at most while the load is behind. */
const pause = { least: 100, most: 600 };

/** After the last switch, the longest wait for the load to reach its number, in milliseconds. */
const catchUpMs = 90_000;

const versions = { blue: '1.0.0', green: '2.0.0' } as const;

/**
 * 100 switches of each mechanism under load at full speed on keep-alive and on new connections, without client retries:
 * requests that failed because of the router, and milliseconds from the first call to the first answer of the new
 * colour on a new connection.
 */
export async function switching(): Promise<Benched> {
  const found = productVersions();
  const rows: Row[] = [];
  const notes: string[] = [];
  for (const mechanism of mechanisms) {
    const { report, firstAnswers, warning } = await measure(mechanism);
    const subject = mechanism.isDefault ? mechanism.product : `${mechanism.product} (${mechanism.mode})`;
    rows.push(...rowsOf(subject, report, firstAnswers));
    if (mechanism.isDefault) rows.push(await coldColour(mechanism));
    const answered = Object.values(report.appErrors).reduce((sum, count) => sum + count, report.ok);
    if (answered + report.failedTransport + report.failedRouter !== report.sent)
      throw new Error(
        `${subject}: the load does not know what became of all its requests: ${JSON.stringify(report)}`,
      );
    if (report.sent < wantedRequests)
      notes.push(`${subject}: only ${report.sent} requests were made in the time given.`);
    if (Object.keys(report.appErrors).length > 0)
      notes.push(`${subject}: the application itself failed: ${JSON.stringify(report.appErrors)}.`);
    if (warning) notes.push(`${subject}: the action warns: ${warning}`);
  }
  return { rows, versions: found, notes };
}

/** What each product says it is; throws with what is missing and how to get it. */
function productVersions(): Record<string, string> {
  const missing = ['haproxy', 'nginx'].filter((name) => spawnSync(name, ['-v']).error !== undefined);
  if (missing.length > 0)
    throw new Error(
      `${missing.join(' and ')} not found on the PATH; install with "apt-get install ${missing.join(' ')}"`,
    );
  const first = (file: string, ...args: string[]) => {
    const { stdout, stderr } = spawnSync(file, args, { encoding: 'utf8' });
    return /\d+(\.\d+)+/.exec(stdout || stderr)?.[0] ?? 'unknown';
  };
  return {
    haproxy: first('haproxy', '-v'),
    nginx: first('nginx', '-v'),
    // A Caddy built from its module does not know its own version; the folder it is kept in does.
    caddy: /caddy-(\d+(\.\d+)+)/.exec(installed('caddy'))?.[1] ?? 'unknown',
  };
}

interface Measurement {
  report: LoadReport;
  /** Milliseconds, one a switch. */
  firstAnswers: number[];
  warning: string | undefined;
}

async function measure(mechanism: Mechanism): Promise<Measurement> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-switch-'));
  const closing: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
  try {
    const data = join(folder, 'data');
    mkdirSync(data);
    const shop = async (colour: keyof typeof versions) => {
      const version = ['--version', versions[colour], '--colour', colour];
      const child = await startChild('rehearsal/shop/main.ts', ...version, '--data', data);
      closing.push(() => stop(child));
      return `127.0.0.1:${child.ready['port']}`;
    };
    const running = await mechanism.start(folder, { blue: await shop('blue'), green: await shop('green') });
    closing.push(() => running.server.stop());
    const http = createHttpClient();
    closing.push(() => http.close());
    const router = await openRouter(routerSchema.parse(running.section), {
      http,
      clock: systemClock,
      workspace: folder,
      variable: () => undefined,
    });
    const load = await startChild('rehearsal/load/main.ts', '--url', running.url, '--rps', '0');
    closing.push(() => stop(load));
    const firstAnswers = await switchUnderLoad(router, running.url, () => sentBy(load));
    await stop(load);
    return { report: lastReport(load), firstAnswers, warning: router.warning };
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

async function switchUnderLoad(router: Router, url: string, sent: () => number): Promise<number[]> {
  const firstAnswers: number[] = [];
  for (let made = 0; made < switches; made++) {
    const due = (wantedRequests * made) / switches;
    const start = Date.now();
    do await sleep(pause.least);
    while (sent() < due && Date.now() - start < pause.most);
    firstAnswers.push(await switchTo(router, url, made % 2 === 0 ? 'green' : 'blue'));
  }
  const start = Date.now();
  while (sent() < wantedRequests && Date.now() - start < catchUpMs) await sleep(pause.least);
  return firstAnswers;
}

/** Milliseconds from the first call to the first answer of the colour on a new connection. */
async function switchTo(router: Router, url: string, colour: keyof typeof versions): Promise<number> {
  const calls = router.plan(await router.read(), allTo(colour, Object.keys(versions)));
  const start = performance.now();
  const seen = firstSeen(url, versions[colour]);
  for (const call of calls) await router.apply(call);
  return (await seen) - start;
}

async function firstSeen(url: string, version: string): Promise<number> {
  for (const start = Date.now(); Date.now() - start < 30_000;)
    if ((await versionAt(url)) === version) return performance.now();
  throw new Error(`${url} did not serve ${version} within 30 s of the switch`);
}

/** The version that a new connection reaches; undefined when it fails, which the load counts. */
function versionAt(url: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    get(`${url}/health`, { agent: false }, (answer) => {
      const version = answer.headers['x-app-version'];
      answer.once('close', () => resolve(typeof version === 'string' ? version : undefined)).resume();
    }).once('error', () => resolve(undefined));
  });
}

const sentBy = (load: Child) => lastReport(load).sent;

function rowsOf(subject: string, report: LoadReport, firstAnswers: readonly number[]): Row[] {
  const requests = { unit: 'requests', of: report.sent };
  const sorted = [...firstAnswers].sort((a, b) => a - b);
  const percentile = (share: number) => Number(sorted[Math.ceil(sorted.length * share) - 1]!.toFixed(1));
  const failed = report.failedTransport + report.failedRouter;
  return [
    { subject, metric: 'failed requests', value: failed, ...requests },
    // A mechanism that takes long has more requests to fail among, so only this can be compared between mechanisms.
    { subject, metric: 'failed requests a switch', value: failed / switches, unit: 'requests' },
    { subject, metric: 'time under load', value: Math.round(report.elapsedMs / 1_000), unit: 's' },
    {
      subject,
      metric: 'failed requests on reused connections',
      value: report.reusedFailures,
      unit: 'requests',
    },
    { subject, metric: 'failed requests on new connections', value: report.freshFailures, unit: 'requests' },
    { subject, metric: 'first answer of the new colour, p50', value: percentile(0.5), unit: 'ms' },
    { subject, metric: 'first answer of the new colour, p95', value: percentile(0.95), unit: 'ms' },
  ];
}
