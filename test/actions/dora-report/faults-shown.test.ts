import { describe, expect, it } from '@jest/globals';
import { renderPage } from '../../../actions/dora-report/page/page.js';
import { render } from '../../../actions/dora-report/render/summary.js';
import { figuresOf } from '../../../actions/dora-report/render/words.js';
import type { DoraQuestion } from '../../../shared/contracts/reports/dora-report.js';
import { commit, deployment, incident, reportOf, sha } from './ledger-facts.js';

const nth = (id: number, day: number, more = {}) =>
  deployment(id, `03-${String(day).padStart(2, '0')} 10:00`, `c${id}`, more);

describe('dora fault 7: records that begin inside the window', () => {
  const week = Array.from({ length: 7 }, (_, i) => nth(i + 1, 23 + i));

  it('give a rate over the time there are data for, and say so', () => {
    const { total, notes } = reportOf({ deployments: week });
    expect(total.frequency).toMatchObject({ n: 7, days: 7, perDay: 1, tier: 'elite' });
    expect(total.frequency.since).toBe('2026-03-23T00:00:00.000Z');
    expect(notes).toContainEqual(expect.stringMatching(/begin on 2026-03-23, inside the window.*7 days/));
  });

  it('begin with the first record, also one that failed before it met traffic', () => {
    const tried = nth(90, 16, { first: 'error' });
    expect(reportOf({ deployments: [tried, ...week] }).total.frequency).toMatchObject({ n: 7, days: 14 });
  });

  it('that reach back before the window give a rate over all of it', () => {
    const before = deployment(90, '02-20 10:00', 'c0');
    const { total, notes } = reportOf({ deployments: [before, ...week] });
    expect(total.frequency).toMatchObject({ n: 7, days: 28, perDay: 0.25 });
    expect(total.frequency.since).toBeUndefined();
    expect(notes.join()).not.toContain('inside the window');
  });

  it('of a service that is new say so of that service, not of the others', () => {
    const old = deployment(90, '02-20 10:00', 'c0', { service: 'web' });
    const { services, total } = reportOf({ deployments: [old, nth(91, 5, { service: 'web' }), ...week] });
    expect(services.map(({ service, frequency }) => [service, frequency.days])).toEqual([
      ['shop', 7],
      ['web', 28],
    ]);
    expect(total.frequency.days).toBe(28);
  });

  it('count whole days of the time zone, and no fraction of the first', () => {
    const late = [deployment(1, '03-29 22:30', 'a'), deployment(2, '03-29 23:00', 'b')];
    const { frequency } = reportOf({ deployments: late }).total;
    expect(frequency).toMatchObject({ n: 2, days: 1, perDay: 2, tier: null });
  });
});

describe('dora fault 9: lead times of a monorepo', () => {
  const deployments = [
    deployment(1, '03-02 10:00', 'a', { service: 'api' }),
    deployment(2, '03-02 11:00', 'a', { service: 'web' }),
    deployment(3, '03-03 10:00', 'c', { service: 'api' }),
    deployment(4, '03-03 11:00', 'c', { service: 'web' }),
  ];
  const commits = [
    commit('a', '03-02 08:00'),
    commit('b', '03-03 08:00', ['a'], { touches: ['api'], author: { name: 'mona', bot: false } }),
    commit('c', '03-03 09:00', ['b'], { touches: ['web'], author: { name: 'renovate[bot]', bot: true } }),
  ];
  const filters: DoraQuestion['filters'] = { paths: [], excludeAuthors: [], excludeBots: false, labels: [] };
  const leadTimes = (more: Partial<DoraQuestion['filters']>) =>
    Object.fromEntries(
      reportOf({ deployments, commits }, { filters: { ...filters, ...more } }).services.map((m) => [
        m.service,
        m.leadTime.events.map(({ hours }) => hours),
      ]),
    );

  it('are the repository’s until a service has paths, and the report says so', () => {
    expect(leadTimes({})).toEqual({ api: [1, 2], web: [2, 3] });
    expect(reportOf({ deployments, commits }).notes).toContainEqual(
      expect.stringMatching(/Lead times of api, web are those of the whole repository.*"paths"/),
    );
  });

  it('are those of its own paths where it has some, and the others are listed', () => {
    expect(leadTimes({ paths: ['API', 'web'] })).toEqual({ api: [2], web: [2] });
    const report = reportOf({ deployments, commits }, { filters: { ...filters, paths: ['api'] } });
    expect(report.leftOut).toContainEqual(
      expect.objectContaining({ what: 'commits of other paths', count: 1 }),
    );
    expect(report.notes).toContainEqual(expect.stringContaining('Lead times of web are'));
  });

  it('leave out bots and authors that were named, and list them', () => {
    expect(leadTimes({ excludeBots: true })).toEqual({ api: [2], web: [3] });
    expect(leadTimes({ excludeAuthors: ['Mona'] })).toEqual({ api: [1], web: [2] });
    const report = reportOf({ deployments, commits }, { filters: { ...filters, excludeBots: true } });
    expect(report.leftOut).toContainEqual(
      expect.objectContaining({ what: 'commits of authors left out', count: 2 }),
    );
  });

  it('are of pull requests with a label, where labels were named', () => {
    const pulls = [
      {
        number: 7,
        url: 'https://github.example/acme/shop/pull/7',
        title: 'Cart',
        author: { name: 'mona', bot: false },
        labels: ['Feature'],
        createdAt: '2026-03-03T07:00:00.000Z',
        mergedAt: '2026-03-03T08:00:00.000Z',
        mergeCommit: sha('b'),
        commits: 1,
      },
    ];
    const report = reportOf(
      { deployments, commits, pulls },
      { filters: { ...filters, labels: ['feature'] } },
    );
    expect(report.services.map((m) => m.leadTime.events.map(({ hours }) => hours))).toEqual([[2], [3]]);
  });
});

describe('dora fault 10: a release that its own switch took back', () => {
  const taken = (more = {}) => deployment(2, '03-03 10:01', 'b', { first: 'failure', ...more });
  const good = deployment(1, '03-02 10:00', 'a');

  it('is a failed deployment, recovered when traffic was back', () => {
    const report = reportOf({ deployments: [good, taken()] });
    expect(report.total.changeFailRate).toMatchObject({ hits: 1, n: 2, value: 0.5 });
    expect(report.total.recovery.events.map(({ hours }) => hours * 3_600)).toEqual([expect.closeTo(30)]);
    expect(report.deployments.map(({ id, outcome }) => [id, outcome])).toEqual([
      [2, 'taken back'],
      [1, 'succeeded'],
    ]);
    expect(report.total.changeFailRate.events[0]!.because[0]!.text).toContain('took it back');
  });

  it('is in the rates and not in the frequency: it never became live', () => {
    expect(reportOf({ deployments: [good, taken()] }).total.frequency.n).toBe(1);
  });

  it('alone in a window is measured: one of one failed', () => {
    const report = reportOf({ deployments: [taken()] });
    expect([report.result, report.total.changeFailRate.value]).toEqual(['measured', 1]);
  });

  it('brought nothing: its commits belong to the release that follows', () => {
    const commits = [
      commit('a', '03-02 09:00'),
      commit('b', '03-03 09:00', ['a']),
      commit('c', '03-04 09:00', ['b']),
    ];
    const { total } = reportOf({ deployments: [good, taken(), deployment(3, '03-04 10:00', 'c')], commits });
    expect(total.leadTime.events.map(({ hours }) => hours)).toEqual([1, 25]);
  });

  it('makes the hotfix after it rework', () => {
    const hotfix = deployment(3, '03-03 11:00', 'c', { kind: 'hotfix' });
    expect(reportOf({ deployments: [good, taken(), hotfix] }).total.reworkRate).toMatchObject({
      hits: 1,
      n: 3,
    });
  });

  it('is told from one that failed before traffic moved, and from a plain deploy job that failed', () => {
    const refused = deployment(2, '03-03 10:01', 'b', { first: 'error' });
    const plain = taken({ source: 'deployments' });
    for (const failed of [refused, plain]) {
      const report = reportOf({ deployments: [good, failed], incidents: [incident(7, '03-05 10:00')] });
      expect(report.total.changeFailRate).toMatchObject({ hits: 0, n: 1 });
      expect(report.leftOut.map(({ what }) => what)).toContain('deployments that never succeeded');
    }
  });

  it('in one of two regions counts once, as a deployment that failed', () => {
    const run = { id: 50, attempt: 1 };
    const first = deployment(2, '03-03 10:00', 'b', { run });
    const second = deployment(3, '03-03 10:02', 'b', { run, first: 'failure' });
    const { total } = reportOf({ deployments: [good, first, second] });
    expect([total.changeFailRate.hits, total.changeFailRate.n, total.frequency.n]).toEqual([1, 2, 2]);
  });
});

describe('dora fault 11: the page', () => {
  const five = [1, 2, 3, 4, 5].map((id) => deployment(id, `03-30 0${id}:00`, `c${id}`));
  const failing = [
    ...Array.from({ length: 4 }, (_, i) => nth(i + 1, 3 + i)),
    nth(5, 9, { then: [['failure', '03-09 10:00:15']] }),
    deployment(6, '03-09 10:00:40', 'c6', { kind: 'rollback', previous: 5 }),
  ];

  it('names a tier by words that are no height of the figure beside it', () => {
    const report = reportOf({ deployments: failing });
    expect(report.total.changeFailRate).toMatchObject({ value: 0.2, tier: 'high' });
    const html = renderPage(report);
    expect(html).toContain('>high performer<');
    expect(html).not.toMatch(/>(elite|high|medium|low)</);
  });

  it('shows the bounds of each tier and the figure that was judged', () => {
    const html = renderPage(reportOf({ deployments: failing }));
    expect(html).toContain('elite ≤ 15 %, high ≤ 30 %, medium ≤ 45 %, else low (judged by 20 %)');
    expect(html).toMatch(/elite ≤ 1 h, high ≤ 1 d, medium ≤ 7 d, else low \(judged by the mean, 40 s\)/);
  });

  it('shows nothing as good or bad, and no tier, where there are no data', () => {
    const html = renderPage(reportOf({}));
    expect(html).not.toMatch(/class="tier/);
    expect(html).not.toMatch(/class="outcome bad/);
    expect(reportOf({ deployments: [nth(1, 3)] }).total.recovery.tier).toBeNull();
  });

  it('says of five deployments on the first day what they are, with no tier yet', () => {
    const first = { from: '2026-03-02T06:00:00.000Z', to: '2026-03-30T06:00:00.000Z' };
    const report = reportOf({ deployments: five }, first);
    const frequency = figuresOf(report).find(({ key }) => key === 'frequency')!;
    expect(frequency).toMatchObject({ value: '5 a day', tier: null });
    expect(frequency.detail).toBe('5 in 1 day, on 1 of them; records begin 2026-03-30');
  });

  it('counts one thing as one', () => {
    const report = reportOf({ deployments: failing });
    expect(renderPage(report) + render(report)).not.toMatch(
      /\b1 (deployments|recoveries|commits|incidents|requests|days|weeks)\b/,
    );
  });

  it('compares with the window before, where records reach back over it', () => {
    const before = [deployment(80, '02-01 10:00', 'x0'), deployment(81, '02-10 10:00', 'x1')];
    const { total } = reportOf({ deployments: [...before, ...failing] });
    expect(total.before).toMatchObject({ from: '2026-02-02T00:00:00.000Z', deployments: 1, perDay: 1 / 28 });
    const report = reportOf({ deployments: [...before, ...failing] });
    expect(render(report)).toContain('Against the window before');
    expect(renderPage(report)).toContain('better: was 1.07 in 30 days in the window before');
    expect(reportOf({ deployments: failing }).total.before).toBeUndefined();
  });

  it('explains the three times of one rollback where they stand', () => {
    const report = reportOf({
      deployments: failing,
      incidents: [incident(7, '03-09 10:00:10', { closedAt: '2026-03-09T10:01:32.000Z', causedBy: 5 })],
    });
    for (const text of [renderPage(report), render(report)])
      expect(text).toContain('One rollback has three times');
  });
});
