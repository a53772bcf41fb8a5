import { Buffer } from 'node:buffer';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { action, runSmokeTest } from '../../../actions/smoke-test/main.js';
import type { SmokeReport } from '../../../shared/contracts/reports/smoke-report.js';
import type { HttpClient, HttpResult } from '../../../shared/http/types.js';
import type { ActionDefinition } from '../../../shared/runner/define-action.js';
import { runAction } from '../../../shared/runner/run-action.js';
import { testRunner } from '../../support/runner/port.js';

/** What a server says. */
export interface Answer {
  status: number;
  headers: Record<string, string[]>;
  body: string;
}

type Server = (request: Parameters<HttpClient['send']>[0]) => Answer | undefined;

/** Runs the whole action with a client that answers at once; undefined is no answer. */
export async function runOffline(suite: unknown, server: Server, given: Record<string, string> = {}) {
  const workspace = await mkdtemp(join(tmpdir(), 'smoke-offline-'));
  await writeFile(join(workspace, 'smoke.yml'), typeof suite === 'string' ? suite : JSON.stringify(suite));
  const send = async (request: Parameters<HttpClient['send']>[0]): Promise<HttpResult> => {
    const answer = server(request);
    if (!answer)
      return { ok: false, fault: { kind: 'reset', message: `${request.url} closed the connection` } };
    const body = Buffer.from(answer.body);
    return { ok: true, response: { ...answer, url: request.url, body, durationMs: 1 } };
  };
  const client: HttpClient = { send, close: () => undefined };
  const offline = {
    ...action,
    run: (inputs: Parameters<typeof action.run>[0], host: Parameters<typeof action.run>[1]) =>
      runSmokeTest(inputs, host, () => client),
  };
  const inputs = Object.entries({ suite: 'smoke.yml', 'base-url': 'http://shop.test', ...given });
  const runner = testRunner({
    GITHUB_WORKSPACE: workspace,
    ...Object.fromEntries(inputs.map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])),
  });
  await runAction(offline as unknown as ActionDefinition, 'main', runner);
  await rm(workspace, { recursive: true });
  const file = runner.files.get(runner.outputs.get('report') ?? '') ?? '{}';
  const report = JSON.parse(file) as SmokeReport;
  return { runner, report: report.schema === 'devops-actions/smoke-report@1' ? report : undefined };
}
