import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadReport } from '../../rehearsal/load/tally.js';
import { createHttpClient } from '../../shared/http/client.js';
import { systemClock } from '../../shared/runner/port.js';
import { checkFit } from '../../shared/traffic/colour/fit.js';
import { resolveHeaders } from '../../shared/traffic/config/headers.js';
import { trafficSchema } from '../../shared/traffic/config/schema.js';
import { openRouter } from '../../shared/traffic/registry.js';
import { allTo } from '../../shared/traffic/router.js';
import { Timeline } from '../../shared/traffic/timeline.js';
import { startChild } from '../../test/support/runner/child.js';
import { freePorts } from '../../test/support/servers/real.js';
import type { Row } from '../row.js';
import { lastReport, stop } from './load.js';
import type { Mechanism } from './subjects.js';

const rounds = 3;

/**
 * How long the idle colour is away before it starts, so that every health check has seen it, and the load after a
 * switch, in milliseconds.
 */
const coldFor = 2_500;
const loadAfter = 1_500;

/**
 * The new colour starts only when the router has long held it down, and is switched to as the action does: as soon as
 * it answers and the router itself holds it up. Requests that failed then, on kept and on new connections, over all
 * rounds.
 */
export async function coldColour(mechanism: Mechanism): Promise<Row> {
  let failed = 0;
  let sent = 0;
  for (let round = 0; round < rounds; round++) {
    const report = await oneRound(mechanism);
    failed += report.failedTransport + report.failedRouter;
    sent += report.sent;
  }
  const { product: subject } = mechanism;
  return { subject, metric: 'failed requests, cold colour', value: failed, unit: 'requests', of: sent };
}

async function oneRound(mechanism: Mechanism): Promise<LoadReport> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-cold-'));
  const closing: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
  try {
    const data = join(folder, 'data');
    mkdirSync(data);
    const [bluePort, greenPort] = await freePorts(2);
    const addresses = { blue: `127.0.0.1:${bluePort}`, green: `127.0.0.1:${greenPort}` };
    const startShop = async (colour: 'blue' | 'green', version: string, port = 0) => {
      const what = ['--version', version, '--colour', colour, '--port', String(port), '--data', data];
      const child = await startChild('rehearsal/shop/main.ts', ...what);
      closing.push(() => stop(child));
    };
    await startShop('blue', '1.0.0', bluePort);
    const running = await mechanism.start(folder, addresses);
    closing.push(() => running.server.stop());
    const http = createHttpClient();
    closing.push(() => http.close());
    const file = trafficSchema.parse({
      version: 1,
      router: running.section,
      colours: { blue: { url: `http://${addresses.blue}` }, green: { url: `http://${addresses.green}` } },
      identity: { version: { json: '$.version' }, digest: { json: '$.digest' } },
      entry: { url: `${running.url}/health` },
    });
    const { config } = resolveHeaders(file, () => undefined);
    const router = await openRouter(config.router, {
      http,
      clock: systemClock,
      workspace: folder,
      variable: () => undefined,
    });
    const load = await startChild('rehearsal/load/main.ts', '--url', running.url, '--rps', '300');
    closing.push(() => stop(load));
    await sleep(coldFor);
    await startShop('green', '2.0.0', greenPort);
    const signal = new AbortController().signal;
    const timeline = new Timeline(systemClock, () => undefined);
    const ports = { router, config, http, clock: systemClock, signal, timeline };
    const fit = await checkFit(ports, 'green', undefined);
    if (!fit.ok) throw new Error(`${router.kind}: ${fit.why}`);
    for (const call of router.plan(await router.read(), allTo('green', ['blue', 'green'])))
      await router.apply(call);
    await sleep(loadAfter);
    await stop(load);
    const report = lastReport(load);
    if (!report.byVersion['2.0.0']) throw new Error(`${router.kind}: the new colour was never reached`);
    return report;
  } finally {
    for (const close of closing.reverse()) await close();
  }
}
