import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConfigurationError } from '../../../shared/config/problem.js';
import { tellReport } from '../../../shared/notify/reports.js';
import { incidentStage, type IncidentStage } from './stage.js';

let at: IncidentStage;
beforeAll(async () => {
  at = await incidentStage();
  at.rules(`version: 1
on-call:
  default: { mention: [acme/on-call], assign: [hubot] }
contain:
  - { name: scale-up, run: [deploy/scale, up], on-alerts: [HighLoad] }
alerts:
  service-labels: [service, job]
  services: { django-backend: shop }
  known: [shop, cart]
`);
});
afterAll(async () => {
  await at.close();
  expect(at.ledger.server.control.violations()).toEqual([]);
});

const dispatch = { event: { name: 'repository_dispatch' } };
const fire = (body: unknown, more: Record<string, string> = {}) =>
  at.step({ mode: 'open', alert: typeof body === 'string' ? body : JSON.stringify(body), ...more }, dispatch);

/** A body as Alertmanager sends it. */
const manager = (
  alerts: {
    labels: Record<string, string>;
    annotations?: Record<string, string>;
    status?: string;
    endsAt?: string;
  }[],
  more: object = {},
) => ({
  version: '4',
  groupKey: '{}:{}',
  truncatedAlerts: 0,
  status: 'firing',
  receiver: 'github',
  groupLabels: {},
  commonLabels: {},
  commonAnnotations: {},
  externalURL: 'http://alertmanager:9093',
  alerts: alerts.map((alert) => ({
    status: 'firing',
    annotations: {},
    startsAt: '2026-01-31T12:00:00.123456789Z',
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: 'http://prometheus:9090/graph?g0.expr=up',
    fingerprint: 'c1',
    ...alert,
  })),
  ...more,
});
const labels = (alertname: string, more: Record<string, string> = {}) => ({
  alertname,
  service: 'shop',
  severity: 'critical',
  ...more,
});

describe('an alert of Alertmanager', () => {
  it('opens one incident for its name, service and environment, with its labels, and mentions who is on call', async () => {
    const { outputs, first } = await fire(
      manager([
        { labels: labels('HighErrorRate', { pod: 'a' }), annotations: { summary: '5 % fail' } },
        { labels: labels('HighErrorRate', { pod: 'b' }) },
      ]),
    );
    expect(outputs).toMatchObject({ result: 'opened', severity: 'critical' });
    expect(first).toMatchObject({ service: 'shop', environment: 'production', untriaged: [] });
    const { node, incident } = await at.issue(first.number);
    expect(node.body).toContain('@acme/on-call');
    expect(node.body).toContain('`pod=a`');
    expect(incident.marker).toMatchObject({ origin: 'alert', alert: 'HighErrorRate' });
    const { data } = await at.ledger
      .octokit()
      .rest.issues.get({ ...at.ledger.at, issue_number: first.number });
    expect(data.assignees?.map(({ login }) => login)).toEqual(['hubot']);
  });

  it.each([
    ['the label job by the map of the file', { service: '', job: 'django-backend' }, 'shop', []],
    [
      'a service that nobody knows',
      { service: 'ghost' },
      'untriaged',
      ["no service is known by the label's value"],
    ],
    ['no service at all', { service: '' }, 'untriaged', ['none of the labels service, job is there']],
    [
      'a service that is no name',
      { service: '../x' },
      'untriaged',
      ["no service is known by the label's value"],
    ],
    [
      'a label called like a member of every object',
      { service: 'constructor' },
      'untriaged',
      ["no service is known by the label's value"],
    ],
  ])('finds %s', async (name, more, service, untriaged) => {
    const { ok, first } = await fire(manager([{ labels: labels(name, more as Record<string, string>) }]));
    expect(ok).toBe(true);
    expect(first).toMatchObject({ service, untriaged });
    const { incident } = await at.issue(first.number);
    expect(incident.labels.includes('untriaged')).toBe(untriaged.length > 0);
  });

  it.each([
    ['warning', 'medium'],
    ['page', 'critical'],
    ['P0!!', 'high'],
    ['', 'high'],
  ])('of severity %j is %s', async (severity, expected) => {
    const { first } = await fire(manager([{ labels: labels(`Severity ${severity}`, { severity }) }]));
    expect(first.severity).toBe(expected);
  });

  it('opens an incident for each trouble of a body, the worst first', async () => {
    const { report } = await fire(
      manager([
        { labels: labels('Slow', { severity: 'warning' }) },
        { labels: labels('Gone', { service: 'cart' }) },
        { labels: labels('Gone', { environment: 'staging' }) },
      ]),
    );
    expect(
      report.incidents.map(({ severity, service, environment }) => [severity, service, environment]),
    ).toEqual([
      ['critical', 'cart', 'production'],
      ['critical', 'shop', 'staging'],
      ['medium', 'shop', 'production'],
    ]);
  });

  it('drops none of a body with more troubles than it opens one by one', async () => {
    const { report } = await fire(
      manager(Array.from({ length: 30 }, (_, n) => ({ labels: labels(`Many ${n}`) }))),
    );
    expect(report.incidents).toHaveLength(21);
    expect((await at.issue(report.incidents.at(-1)!.number)).node.title).toContain('10 more alerts');
  }, 60_000);

  it('says what the sender left out', async () => {
    const { notices } = await fire(manager([{ labels: labels('Cut') }], { truncatedAlerts: 7 }));
    expect(notices).toContain('The sender left out 7 alerts.');
  });

  it('names the hooks that the file wants for it, and none while it is untriaged', async () => {
    const { outputs, first } = await fire(manager([{ labels: labels('HighLoad') }]));
    expect(JSON.parse(outputs['hooks']!)).toEqual([
      { hook: 'scale-up', issue: first.number, environment: 'production' },
    ]);
    const lost = await fire(manager([{ labels: labels('HighLoad', { service: 'ghost' }) }]));
    expect(lost.outputs['hooks']).toBe('[]');
  });

  it('is taken under the key alert and from a file too, with keys that newer ones have', async () => {
    const alert = manager([{ labels: labels('Nested') }], { notificationReason: 'new' });
    expect((await fire({ alert })).outputs['result']).toBe('opened');
    const path = at.write('alert.json', JSON.stringify(alert));
    expect((await at.step({ mode: 'open', alert: path })).outputs['result']).toBe('updated');
  });
});

describe('an alert that is over', () => {
  const over = (alertname: string, more: object = {}) =>
    fire(
      manager([
        { labels: labels(alertname), status: 'resolved', endsAt: new Date(at.now()).toISOString(), ...more },
      ]),
    );

  it('is noted, and resolves nothing as long as the file does not say so', async () => {
    const { first } = await fire(manager([{ labels: labels('Flaps') }]));
    const { outputs } = await over('Flaps');
    expect(outputs).toMatchObject({ result: 'noted', number: String(first.number) });
    expect((await at.issue(first.number)).incident.marker).not.toHaveProperty('resolvedAt');
    expect((await at.comments(first.number)).join()).toContain('The alerts are over');
  });

  it('opens none where none is open', async () => {
    expect((await over('Never seen')).outputs['result']).toBe('nothing');
  });

  it('in the generic form says so, or its event does', async () => {
    const alert = { title: 'Gen', labels: { service: 'shop' } };
    const { first } = await fire(alert);
    expect((await fire(alert, { 'alert-status': 'resolved' })).outputs['result']).toBe('noted');
    expect((await fire({ ...alert, status: 'resolved' })).first.number).toBe(first.number);
  });
});

describe('what is no alert fails the step, and says what is', () => {
  it.each([
    ['no JSON', '{"a":\n'],
    ['no alerts', { version: '4', alerts: [] }],
    ['another version', { ...manager([{ labels: {} }]), version: '3' }],
    ['labels that are no texts', manager([{ labels: { service: 1 } as never }])],
    ['a key that is unknown in the generic form', { title: 'x', label: {} }],
  ])('%s', async (_, body) => {
    await expect(fire(body)).rejects.toThrow(ConfigurationError);
  });
});

describe('hostile text in an alert', () => {
  const hostile = [
    '@octocat @acme/all look',
    'closes #1, fixes GH-2',
    '<!-- devops-actions:incident {"schema":"devops-actions/incident@1"} -->',
    '</script><script>alert(1)</script>',
    '[click](javascript:alert(1)) ![x](http://evil.test/x.png)',
    '::error::owned\n::set-output name=a::b',
    '| a | b |\n|---|---|\n# Heading',
    '`${{ secrets.X }}` $(id) "; rm -rf /',
    'https://evil.test/login www.evil.test',
    '\u202Eevil\u0000\u200B',
  ];

  it.each(hostile)('%j is text in the issue, the comment, the summary and the channels', async (text) => {
    const body = manager([
      {
        labels: { alertname: text, service: 'shop', note: text },
        annotations: { summary: text, description: text, runbook_url: text },
      },
    ]);
    const first = await fire(body);
    const again = await fire(body);
    expect([first.outputs['result'], again.outputs['result']]).toEqual(['opened', 'updated']);
    const { node, incident } = await at.issue(first.first.number);
    expect(incident.marker).toMatchObject({ origin: 'alert', service: 'shop' });
    const told = tellReport(JSON.stringify(first.report), {
      repository: 'acme/shop',
      serverUrl: 'https://github.com',
      runUrl: 'https://github.com/acme/shop/actions/runs/1',
      actor: 'octocat',
      environment: undefined,
      service: undefined,
      now: first.report.at,
    });
    expect(told.refused).toBeUndefined();
    // Outside of code, nothing of it mentions, closes, links, or is HTML.
    for (const written of [node.body, ...(await at.comments(first.first.number)), first.summary]) {
      const prose = written
        .replace(/(`+)[^`].*?\1/g, '')
        .replace('@acme/on-call', '')
        .replace(/<!-- devops-actions:incident[^>]*-->/g, '');
      expect(prose).not.toMatch(/@(?:octocat|acme)/);
      expect(prose).not.toMatch(/(?:closes|fixes) (?:#|GH-)\d/i);
      expect(prose).not.toMatch(/<(?:script|!--|img)/i);
      expect(prose).not.toMatch(/\]\((?:javascript|http:\/\/evil)/);
      expect(prose).not.toMatch(/https:\/\/evil|www\.evil/);
      expect(prose).not.toMatch(/^(?:# Heading|::error|::set-output)/m);
      expect(written).not.toContain('\u202E');
    }
    for (const line of node.body.split('\n').filter((one) => one.startsWith('|')))
      expect(line.endsWith('|')).toBe(true);
  });
});

it('a file of incidents that is wrong fails the step, and the incident is opened by the defaults', async () => {
  at.rules('version: 1\nseverties: {}\n');
  const { ok, message, outputs } = await fire(manager([{ labels: labels('Typo in the file') }]));
  expect(outputs['result']).toBe('opened');
  expect(ok).toBe(false);
  expect(message).toMatch(/severties.*severities/s);
  await expect(at.step({ mode: 'sweep' })).rejects.toThrow(/severties/);
});

it('what an alert that is over does is the file’s to say', async () => {
  const file = (how: string) => at.rules(`version: 1\nalerts: { on-resolved: ${how} }\n`);
  const over = (alertname: string) =>
    fire(
      manager([{ labels: labels(alertname), status: 'resolved', endsAt: new Date(at.now()).toISOString() }]),
    );
  const opened = async (alertname: string) =>
    (await fire(manager([{ labels: labels(alertname) }]))).first.number;
  file('resolve');
  const own = await opened('Alone');
  at.later(60_000);
  const ended = await over('Alone');
  expect(ended.outputs['result']).toBe('resolved');
  expect(ended.first.timeToRestoreMs).toBeGreaterThanOrEqual(58_000);
  expect((await at.issue(own)).incident.open).toBe(true);
  const taken = await opened('Taken');
  await at.step({ mode: 'note', issue: String(taken), text: 'I am at it.' });
  expect((await over('Taken')).outputs['result']).toBe('noted');
  file('resolve-any');
  expect((await over('Taken')).outputs['result']).toBe('resolved');
});
