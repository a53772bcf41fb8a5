import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { action } from '../../../actions/dora-report/main.js';
import { dispatch } from '../../../cli/dispatch.js';
import { inputVariable, readInputs } from '../../../shared/runner/read-inputs.js';
import { inFolder, testShell } from '../../cli/terminal.js';
import { testHost } from '../../support/runner/host.js';
import { historyPlace, type Place } from './history/place.js';
import { epoch } from './ledger-facts.js';

const minute = 60_000;
const now = epoch('03-20 10:00');

describe('dora-report on a runner whose clock is wrong', () => {
  let place: Place;
  beforeAll(async () => {
    place = await historyPlace();
    // One at each edge of four weeks: a window that is moved by half an hour loses one of them.
    const first = place.on('02-20 10:00').commit([]);
    await place.on('02-20 10:10').deploy('production', first);
    const second = place.on('03-20 08:00').commit([first]);
    const bad = await place.on('03-20 09:40').deploy('production', second);
    await place.on('03-20 09:50').status(bad, 'failure');
    place.on('03-20 10:00');
  });
  afterAll(async () => {
    const violations = place.server.control.violations();
    await place.close();
    expect(violations).toEqual([]);
  });

  const clockOff = (minutes: number) => ({ now: () => now + minutes * minute, sleep: async () => {} });

  async function measured(minutes: number, given: Record<string, string> = {}) {
    const all = Object.entries({ 'github-token': place.token, window: '4w', ...given });
    const raw = Object.fromEntries(all.map(([name, value]) => [inputVariable(name), value]));
    const context = { apiUrl: place.server.url, serverUrl: place.server.url };
    const host = testHost({ clock: clockOff(minutes), context });
    const { report } = await action.run(readInputs(action.inputs, raw), host);
    return { report, warnings: host.printed.filter((line) => line.startsWith('warning: ')) };
  }

  it.each([
    [30, '30 min ahead of'],
    [-30, '30 min behind'],
  ])('that is %i minutes off measures what the right one does, and says so', async (minutes, words) => {
    const right = await measured(0);
    expect(right.warnings).toEqual([]);
    expect(right.report.question).toMatchObject({
      from: '2026-02-20T10:00:01.000Z',
      to: '2026-03-20T10:00:01.000Z',
    });
    expect([right.report.total.frequency.n, right.report.total.changeFailRate.hits]).toEqual([2, 1]);

    const { report, warnings } = await measured(minutes);
    expect(report).toEqual(right.report);
    expect(warnings).toEqual([expect.stringContaining(words)]);
  });

  it('by half an hour ahead cannot measure until a time that has not come', async () => {
    const { report } = await measured(30, { to: '2026-03-20T10:20:00Z' });
    expect(report.question.to).toBe('2026-03-20T10:00:01.000Z');
    expect(report.notes.join('\n')).toContain('which has not come yet');
  });

  it('reads the time from a refusal too: what is named is the repository that cannot be read', async () => {
    await expect(measured(30, { repositories: 'acme/gone' })).rejects.toThrow('acme/gone');
  });

  it.each([30, -30])('on a laptop, %i minutes off, 28 days end when GitHub says', (minutes) =>
    inFolder({}, async (folder) => {
      const env = { GITHUB_TOKEN: place.token, GITHUB_API_URL: place.server.url };
      const shell = testShell(folder, { env, clock: clockOff(minutes) });
      const asked = ['dora', '--repo', 'acme/shop', '--since', '28d', '--format', 'json'];
      expect(await dispatch(asked, shell)).toBe(0);
      expect(JSON.parse(shell.written.join('\n'))).toMatchObject({
        question: { from: '2026-02-20T10:00:01.000Z', to: '2026-03-20T10:00:01.000Z' },
        total: { frequency: { n: 2 } },
      });
    }),
  );

  it('counts what happened in the very second in which it is made', async () => {
    const third = place.on('03-20 10:00').commit([]);
    await place.deploy('production', third);
    expect((await measured(0)).report.total.frequency.n).toBe(3);
  });
});
