import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  doraReport,
  errorReport,
  gateReport,
  hotfixReport,
  rollbackReport,
  smokeReport,
  switchReport,
} from './reports.js';
import { notifyStage, type NotifyStage } from './stage.js';

let stage: NotifyStage;
beforeAll(async () => void (stage = await notifyStage()));
afterEach(() => stage.server.reset());
afterAll(() => stage.close());

/** All strings anywhere in a value. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(textsIn) : [];
}

const attacks = [
  'half \uD800 of a \u061Ccharacter\u206F \uDC00',
  '<!channel> <!here> <!subteam^S123> <@U123> <#C123>',
  '@here @channel @everyone',
  '<https://evil.example|Approve the release>',
  'https://evil.example/login and www.evil.example',
  '[click](https://evil.example) ![](https://evil.example/pixel.png) [x](javascript:alert(1))',
  '<at>Everyone</at> <img src=x onerror=alert(1)>',
  '**bold** _it_ `code` ~~gone~~ # title',
  '&lt;!channel&gt; &amp;',
  'left \u202Egnp.exe\u202C right\u0000\u001B[31m',
];

describe('text of others does nothing in any channel', () => {
  it.each(attacks)('%s', async (attack) => {
    const report = switchReport({
      service: attack,
      environment: attack,
      version: attack,
      message: attack,
      reasons: [`! ${attack}`],
      ok: false,
      result: 'refused',
    });
    const { outputs } = await stage.run(report);
    expect(outputs.result).toBe('delivered');
    await stage.run(
      smokeReport('fail', { suite: { name: attack, file: 'f' }, message: attack, target: attack }),
      { environment: 'production', service: 'shop' },
    );
    const gates = [{ gate: attack, result: 'fail', reason: attack, notes: [], evidence: [] }];
    for (const other of [
      gateReport('fail', { gates }),
      hotfixReport(attack),
      rollbackReport('rolled-back', { reason: attack }),
      { ...doraReport(), result: 'measured', notes: [attack] },
      { ...errorReport('blue-green-switch', 'error'), action: attack, message: attack },
      { schema: attack },
      attack,
    ]) {
      const { outputs } = await stage.run(other, { result: attack.slice(0, 100) });
      expect(outputs.result).toBe('delivered');
    }
    expect(stage.server.received('slack')).toHaveLength(9);

    const slack = stage.server.received('slack');
    expect(slack.flatMap(({ problems }) => problems)).toEqual([]);
    for (const text of slack.flatMap(({ body }) => textsIn(body))) {
      const left = text.replace(/<https:\/\/github\.com\/[^<>|]*\|[^<>|]*>/g, '');
      expect(left).not.toMatch(/[<>]|@(?=\w)|:\/\/|www\./);
    }
    const teams = stage.server.received('teams');
    expect(teams.flatMap(({ problems }) => problems)).toEqual([]);
    for (const { body } of teams) {
      const { content } = (
        body as { attachments: { content: { body: object[]; actions: { url: string }[] } }[] }
      ).attachments[0]!;
      for (const text of textsIn(content.body)) expect(text).not.toMatch(/@(?=\w)|:\/\//);
      for (const { url } of content.actions) expect(url).toMatch(/^https:\/\/github\.com\//);
    }
    const pages = stage.server.received('pagerduty');
    expect(pages.flatMap(({ problems }) => problems)).toEqual([]);
    for (const { body } of pages) {
      const { payload } = body as { payload: object };
      for (const text of textsIn(payload)) expect(text).not.toMatch(/:\/\/|@(?=\w)/);
    }
    for (const { text } of [...slack, ...teams, ...pages, ...stage.server.received('webhook')])
      expect(text).not.toMatch(/\u202E|\u061C|\u206F|\\u0000|\\u001b|\\ud[89a-f]/i);
  });

  it.each([
    'http://github.com/acme/shop/issues/1',
    'https://evil.example/acme/shop',
    'https://github.com@evil.example/',
    'https://user:pw@github.com/',
    'javascript:alert(1)',
    'data:text/html,x',
    'not a link',
  ])('a report cannot make %s a link', async (url) => {
    const { report } = await stage.run(
      rollbackReport('rolled-back', { run: url, incident: { number: 1, url } }),
    );
    expect(report.notification.links).toEqual([
      { text: 'Run', url: 'https://github.com/acme/shop/actions/runs/4200/attempts/1' },
    ]);
  });

  it.each([
    ['plain', 'x'],
    ['that grow when escaped', '&<*'],
    ['of several bytes', '界'],
    ['of pairs', '💥'],
    ['of lines', 'a\n'],
  ])('a megabyte of characters %s is cut to what each service takes', async (_, one) => {
    const long = one.repeat(300_000);
    const { outputs } = await stage.run(
      switchReport({
        service: long,
        environment: long,
        version: long,
        message: long,
        ok: false,
        result: 'held',
        wayOut: long,
        reasons: [long],
      }),
    );
    expect(outputs.result).toBe('delivered');
    for (const channel of ['slack', 'teams', 'pagerduty', 'webhook'] as const) {
      const [received] = stage.server.received(channel);
      expect([channel, received!.problems]).toEqual([channel, []]);
      expect(received!.text).not.toMatch(/\\ud[89a-f]/i);
    }
  });
});
