import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { incidentStage, type IncidentStage } from '../../actions/incident/stage.js';
import { freePorts, startServer, type RealServer } from '../../support/servers/real.js';
import { until } from '../../support/until.js';

const folder = mkdtempSync(join(tmpdir(), 'alertmanager-'));
const started: RealServer[] = [];
let at: IncidentStage;
let address: string;

const isUp = (url: string) => async () =>
  fetch(url).then(
    () => true,
    () => false,
  );

beforeAll(async () => {
  at = await incidentStage();
  const [relay, manager] = await freePorts(2);
  const { token } = at.ledger.server.control.addToken({
    actor: 'github-actions[bot]',
    permissions: { contents: 'write' },
  });
  writeFileSync(join(folder, 'token'), token);
  writeFileSync(join(folder, 'secret'), 's3cret');
  writeFileSync(
    join(folder, 'alertmanager.yml'),
    `route: { receiver: github, group_by: [alertname, service, environment], group_wait: 0s, group_interval: 1s, repeat_interval: 1h }
receivers:
  - name: github
    webhook_configs:
      - url: http://127.0.0.1:${relay}/
        send_resolved: true
        http_config: { authorization: { credentials_file: ${join(folder, 'secret')} } }
`,
  );
  const env = [
    `GITHUB_API_URL=${at.ledger.server.url}`,
    'GITHUB_REPOSITORY=acme/shop',
    `GITHUB_TOKEN_FILE=${join(folder, 'token')}`,
    `RELAY_SECRET_FILE=${join(folder, 'secret')}`,
    `RELAY_PORT=${relay}`,
  ];
  const script = 'workflows-templates/monitoring/github-relay.mjs';
  started.push(
    await startServer(['env', ...env, process.execPath, script], isUp(`http://127.0.0.1:${relay}/`)),
  );
  address = `http://127.0.0.1:${manager}`;
  started.push(
    await startServer(
      [
        'prometheus-alertmanager',
        `--config.file=${join(folder, 'alertmanager.yml')}`,
        `--storage.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${manager}`,
        '--cluster.listen-address=',
      ],
      isUp(`${address}/-/ready`),
      60_000,
    ),
  );
}, 120_000);
afterAll(async () => {
  for (const server of started) await server.stop();
  await at.close();
  rmSync(folder, { recursive: true, force: true });
});

const dispatches = () => at.ledger.server.control.dispatches();
async function alert(more: object): Promise<void> {
  const labels = {
    alertname: 'HighErrorRate',
    service: 'shop',
    environment: 'production',
    severity: 'critical',
  };
  const annotations = { summary: 'More than 5 % of the requests to shop fail' };
  const { status } = await fetch(`${address}/api/v2/alerts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify([{ labels, annotations, ...more }]),
  });
  expect(status).toBe(200);
}
/** The workflow that a dispatch starts. */
const respond = (index: number) =>
  at.step(
    {
      mode: 'open',
      alert: JSON.stringify(dispatches()[index]!.payload),
      'alert-status': dispatches()[index]!.eventType === 'alert_resolved' ? 'resolved' : 'firing',
    },
    { event: { name: 'repository_dispatch' } },
  );

it('what Alertmanager sends opens an incident, and what it says at the end is noted there', async () => {
  await alert({ startsAt: new Date().toISOString() });
  await until(() => dispatches().length === 1);
  const { outputs, first } = await respond(0);
  expect(outputs).toMatchObject({ result: 'opened', severity: 'critical' });
  expect(first).toMatchObject({ service: 'shop', environment: 'production', untriaged: [] });
  await alert({ startsAt: new Date(Date.now() - 5_000).toISOString(), endsAt: new Date().toISOString() });
  await until(() => dispatches().length === 2);
  expect(dispatches()[1]!.eventType).toBe('alert_resolved');
  expect((await respond(1)).outputs).toMatchObject({ result: 'noted', number: String(first.number) });
}, 120_000);
