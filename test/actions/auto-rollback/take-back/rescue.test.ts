import { describe, expect, it } from '@jest/globals';
import { rescue, type TakeBack } from '../../../../actions/auto-rollback/take-back/rescue.js';
import { coded } from '../../../../shared/contracts/refusal-codes.js';
import type { GitHub, GitHubClock } from '../../../../shared/github/client.js';
import { readMarker } from '../../../../shared/ledger/incidents.js';
import { failedReport, minute, record } from '../facts.js';

/** Everything in the order it happened: log lines, the move, calls to GitHub. */
function stage(takeBack: TakeBack, github: Partial<GitHub> = {}) {
  const happened: string[] = [];
  const created: { title: string; body: string; labels: string[] }[] = [];
  const timeline: { at: string; message: string }[] = [];
  const port = {
    owner: 'acme',
    repository: 'shop',
    graphql: async () => {
      happened.push('list incidents');
      return { repository: { issues: { pageInfo: { hasNextPage: false, endCursor: null }, nodes: [] } } };
    },
    rest: async (route: string, parameters: never) => {
      happened.push(route);
      created.push(parameters);
      return { number: 7, html_url: 'https://github.example/acme/shop/issues/7' };
    },
    now: () => 30 * minute,
    ahead: () => 0,
    ...github,
  } as unknown as GitHub & GitHubClock;
  const run = (good: ReturnType<typeof record> | undefined) =>
    rescue(
      {
        github: port,
        writers: ['github-actions[bot]'],
        clock: { now: () => 30 * minute },
        timeline: {
          say: (message: string) => void timeline.push({ at: '2026-01-01T00:00:00.000Z', message }),
        } as never,
        takeBack:
          good &&
          (() => {
            happened.push('traffic moves');
            return takeBack();
          }),
        log: { info: (message) => void happened.push(message.slice(0, 8)) },
        events: () => timeline,
        records: async () => [],
      },
      failedReport(),
      {
        bad: record(2, '1.1.0', 'green'),
        reason: 'error-rate: 24 of 200 requests failed',
        severity: 'high',
      },
    );
  return { run, happened, created, timeline };
}

const restored: TakeBack = async () => ({
  result: 'restored',
  message: '1.0.0 is live again on blue',
  trafficMoved: true,
  deployment: 3,
  restoredAt: 26 * minute,
  durationMs: 40,
  timeline: [],
});
const good = record(1, '1.0.0', 'blue', ['success', 'inactive']);

describe('taking a bad release back', () => {
  it('writes the evidence down first, moves traffic next and opens the incident last', async () => {
    const { run, happened } = stage(restored);
    await run(good);
    expect(happened).toEqual([
      'Evidence',
      'traffic moves',
      'list incidents',
      'POST /repos/{owner}/{repo}/issues',
    ]);
  });

  it('counts the time to restore from the first success of the bad release, as the DORA report does', async () => {
    const { run } = stage(restored);
    expect(await run(good)).toMatchObject({
      result: 'rolled-back',
      timeToRestoreMs: 5 * minute,
      incident: { number: 7 },
    });
  });

  it('opens an incident that carries cause, fingerprint and evidence', async () => {
    const { run, created } = stage(restored);
    await run(good);
    expect(created[0]!.labels).toEqual(['incident', 'severity:high', 'service:shop']);
    expect(readMarker(created[0]!.body)).toMatchObject({
      causedBy: 2,
      fingerprint: 'rollback:production:shop:2',
    });
    expect(created[0]!.body).toContain('24 of 200');
  });

  it('stays rolled back when no incident can be opened, and says so', async () => {
    const { run, timeline } = stage(restored, {
      graphql: async () => {
        throw new Error('GitHub is down');
      },
    });
    const report = await run(good);
    expect(report).toMatchObject({ result: 'rolled-back' });
    expect(report.incident).toBeUndefined();
    expect(timeline.at(-1)!.message).toContain('GitHub is down');
    expect(report.reason).toContain('. Nobody could be paged: no incident could be opened. GitHub is down');
  });

  it.each(['held', 'refused'] as const)('that ends %s is held, with a critical incident', async (result) => {
    const { run, created } = stage(async () => ({
      result,
      message: coded('colour-not-well', 'blue is not well'),
      trafficMoved: false,
      durationMs: 1,
      timeline: [],
    }));
    expect(await run(good)).toMatchObject({
      result: 'held',
      reason: expect.stringContaining('blue is not well'),
    });
    expect(created[0]!.labels).toContain('severity:critical');
  });

  it('that breaks off is held: where traffic is, nobody knows', async () => {
    const { run } = stage(async () => {
      throw new Error('socket closed');
    });
    expect(await run(good)).toMatchObject({
      result: 'held',
      reason: expect.stringContaining('socket closed'),
    });
  });

  it('without anything to go back to moves nothing and pages', async () => {
    const { run, happened, created } = stage(restored);
    expect(await run(undefined)).toMatchObject({ result: 'held', takeBack: { result: 'refused' } });
    expect(happened).not.toContain('traffic moves');
    expect(created).toHaveLength(1);
  });
});
