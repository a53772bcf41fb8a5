import { describe, expect, it } from '@jest/globals';
import { minutesOf, type Moments } from '../../../actions/hotfix-check/minutes.js';

const minute = 60_000;
const at = (minutes: number) => 1_760_000_000_000 + minutes * minute;
const moments = (more: Partial<Moments> = {}): Moments => ({
  firstCommit: at(0),
  opened: at(3),
  asked: at(3),
  jobs: [
    { name: 'Hotfix / Evidence', from: at(3), to: at(4) },
    { name: 'Hotfix / Scan / Secrets', from: at(3), to: at(6) },
    { name: 'Hotfix / Scan / Report', from: at(6), to: at(8) },
    { name: 'Hotfix / Environment / Up', from: at(3), to: at(11) },
  ],
  approved: undefined,
  now: at(12),
  ...more,
});
const table = (given: Moments) =>
  minutesOf(given, 35).stages.map(({ name, seconds }) => `${name}: ${seconds === null ? '?' : seconds / 60}`);

describe('the minutes of a hotfix', () => {
  it('are those of each stage, with the parts of its checks, against the value stream of 35', () => {
    expect(table(moments())).toEqual([
      'First commit to pull request: 3',
      'Checks: 8',
      '· Evidence: 1',
      '· Scan: 5',
      '· Environment: 8',
      'Review: ?',
      'Merge to production: ?',
    ]);
    const { stages, late, message } = minutesOf(moments(), 35);
    const planned = stages.flatMap(({ target }) => target ?? []);
    expect(planned.map((each) => Math.round(each))).toEqual([5, 10, 15, 5]);
    expect([late, message]).toEqual([
      false,
      '12 min so far, 32 min with what is planned for the rest; the target is 35 min',
    ]);
  });

  it('are late as soon as what is planned for the rest no longer fits', () => {
    expect(minutesOf(moments({ now: at(15) }), 35).late).toBe(false);
    expect(minutesOf(moments({ now: at(15.1) }), 35).late).toBe(true);
  });

  it('count no wait for a review that came before the checks ended', () => {
    expect(table(moments({ approved: at(5) }))).toContain('Review: 0');
    expect(table(moments({ approved: at(20), now: at(40) }))).toContain('Review: 9');
    expect(minutesOf(moments({ approved: at(20), now: at(400) }), 35).late).toBe(false);
  });

  it('show a later push as a stage of its own', () => {
    expect(table(moments({ asked: at(9) }))).toEqual(
      expect.arrayContaining(['Until this push: 6', 'Checks: 2']),
    );
  });

  it.each([undefined, at(99)])(
    'begin at the opening where the first commit has the date %s',
    (firstCommit) => {
      expect(table(moments({ firstCommit }))[0]).toBe('First commit to pull request: ?');
      expect(minutesOf(moments({ firstCommit }), 35).message).toContain('9 min so far');
    },
  );

  it('are whole numbers, never below nothing, without any job', () => {
    const { stages } = minutesOf(moments({ jobs: [], asked: at(2), now: at(1) }), 35);
    expect(stages.every(({ seconds }) => seconds === null || seconds >= 0)).toBe(true);
  });

  describe('once production has it', () => {
    const whole: Partial<Moments> = {
      pushed: at(2),
      opened: at(5),
      asked: at(5),
      jobs: [{ name: 'CI', from: at(5), to: at(15) }],
      approved: at(28),
      merged: at(29),
      live: at(34),
      shipped: [
        { name: 'CD / Build once', from: at(29), to: at(31) },
        { name: 'CD / Production / Release', from: at(31), to: at(34) },
      ],
      now: at(60),
    };

    it('are those of the value stream of 2 + 3 + 10 + 15 + 5, and the build is a part of its own', () => {
      expect(table(moments(whole))).toEqual([
        'First commit to push: 2',
        'Push to pull request: 3',
        'Checks: 10',
        '· CI: 10',
        'Review: 13',
        'Wait for the merge: 1',
        'Merge to production: 5',
        '· Build once: 2',
        '· Production: 3',
      ]);
      const { stages, late, message } = minutesOf(moments(whole), 35);
      expect(stages.flatMap(({ target }) => target ?? []).map(Math.round)).toEqual([2, 3, 10, 15, 5]);
      expect([late, message]).toEqual([
        false,
        '34 min from its first commit to production; the target is 35 min',
      ]);
    });

    it('are late past the target, however long ago that was', () => {
      expect(minutesOf(moments({ ...whole, live: at(35) }), 35).late).toBe(false);
      expect(minutesOf(moments({ ...whole, live: at(35.1) }), 35).late).toBe(true);
    });

    it('say what is not known, and from where they count then', () => {
      const { stages, message } = minutesOf(
        moments({ ...whole, firstCommit: undefined, asked: undefined, jobs: [], approved: undefined }),
        35,
      );
      const unknown = stages.filter(({ seconds }) => seconds === null).map(({ name, note }) => [name, note]);
      expect(unknown).toEqual([
        ['First commit to push', 'the date of the first commit cannot be'],
        ['Checks', 'no run of its last commit is known'],
        ['Review', 'nobody approved its last commit'],
        ['Wait for the merge', ''],
      ]);
      expect(message).toBe(
        '32 min from its first push, since its first commit has no date that can be, to production; the target is 35 min',
      );
    });

    it('count from the approval where it was released from its branch, and merged afterwards', () => {
      expect(table(moments({ ...whole, merged: at(50) }))).toContain('Approval to production: 6');
      expect(table(moments({ ...whole, merged: undefined }))).toContain('Approval to production: 6');
    });
  });
});
