import { describe, expect, it } from '@jest/globals';
import { csvOf } from '../../../../actions/dora-report/formats/csv.js';
import { openMetricsOf } from '../../../../actions/dora-report/formats/openmetrics.js';
import { compute } from '../../../../actions/dora-report/measure/compute.js';
import { computeMany } from '../../../../actions/dora-report/measure/repositories.js';
import { renderPage } from '../../../../actions/dora-report/page/page.js';
import { render } from '../../../../actions/dora-report/render/summary.js';
import { doraReportSchema, type DoraFacts } from '../../../../shared/contracts/reports/dora-report.js';
import { commit, deployment, factsOf, incident, question, type World } from '../ledger-facts.js';

/** Two repositories whose services, ids, commits and issues have the same names. */
const shop: World = {
  deployments: [
    deployment(1, '01-20 10:00', 'c0'),
    deployment(2, '03-03 10:00', 'c1', { then: [['failure', '03-03 11:00']] }),
    deployment(3, '03-03 12:00', 'c2'),
  ],
  commits: [
    commit('c0', '01-20 08:00'),
    commit('c1', '03-03 08:00', ['c0']),
    commit('c2', '03-03 11:00', ['c1']),
  ],
  incidents: [incident(7, '03-03 10:00', { causedBy: 2, closedAt: '03-03 14:00' })],
};
const mail: World = {
  deployments: [deployment(1, '01-20 10:00', 'c0'), deployment(2, '03-04 10:00', 'c1')],
  commits: [commit('c0', '01-20 08:00'), commit('c1', '03-04 00:00', ['c0'])],
  incidents: [incident(7, '03-03 13:00', { closedAt: '03-03 15:00' })],
};

const of = (name: string, world: World) => {
  const url = `https://github.example/acme/${name}`;
  const facts = factsOf(world);
  const incidents = facts.incidents.map((one) => ({ ...one, url: `${url}/issues/${one.key}` }));
  return { repository: `acme/${name}`, facts: { ...facts, repositoryUrl: url, incidents } };
};
const all = [of('shop', shop), of('mail', mail)];

describe('a report over several repositories', () => {
  const report = computeMany(all, question);

  it('has for each the figures of its own report', () => {
    for (const [n, { repository, facts }] of all.entries()) {
      const alone = compute(facts, question).total;
      const here = report.services[n]!;
      expect(here.service).toBe(repository);
      const figures = ({
        frequency,
        leadTime,
        changeFailRate,
        recovery,
        timeToRestore,
        weeks,
      }: typeof here) => ({
        frequency,
        weeks,
        values: [changeFailRate.value, changeFailRate.n],
        spreads: [leadTime, recovery, timeToRestore].map(({ n: size, mean, p50, p90 }) => [
          size,
          mean,
          p50,
          p90,
        ]),
      });
      expect(figures(here)).toEqual(figures(alone));
    }
  });

  it('measures all together though ids, commits and issues have the same numbers', () => {
    const { total } = report;
    expect(total.service).toBe('all 2 repositories');
    expect([total.frequency.n, total.leadTime.n, total.leadTime.mean]).toEqual([3, 3, 13 / 3]);
    expect([total.changeFailRate.hits, total.changeFailRate.n]).toEqual([1, 3]);
    expect([total.timeToRestore.n, total.timeToRestore.mean]).toEqual([2, 3]);
    expect(total.incidentOpen).toEqual({ hours: 5, incidents: 2 });
    expect(total.before?.deployments).toBe(0);
    expect(report.deployments.map(({ service, at }) => [service, at.slice(5, 13)])).toEqual([
      ['acme/mail: shop', '03-04T10'],
      ['acme/shop: shop', '03-03T12'],
      ['acme/shop: shop', '03-03T10'],
    ]);
  });

  it('says of each thing in which repository it is', () => {
    const links = [report.total.leadTime, report.total.timeToRestore].flatMap(({ events }) =>
      events.flatMap(({ of: what, until }) => [what, until]),
    );
    for (const { text, url } of links.filter(({ text }) => text !== 'closed'))
      expect([text, url]).toEqual([
        expect.stringMatching(/^acme\/(shop|mail): /),
        expect.stringContaining(`github.example/${text.slice(0, text.indexOf(':'))}/`),
      ]);
  });

  it('is measured again from what it holds, whatever the order of the repositories', () => {
    const read = doraReportSchema.parse(JSON.parse(JSON.stringify(report)));
    expect(computeMany(read.repositories!, read.question)).toEqual(report);
    const { total } = computeMany(all.toReversed(), question);
    expect({ ...total, timeToRestore: null }).toEqual({ ...report.total, timeToRestore: null });
  });

  it('is shown by repository on each output', () => {
    const page = renderPage(report);
    expect(page).toContain('<legend>Repository</legend>');
    expect(page).toContain('By repository');
    for (const { repository } of all) expect(page).toContain(`https://github.example/${repository}"`);
    expect(render(report)).toContain('| Repository | Lead time');
    expect(csvOf(report)).toContain(',acme/mail: shop,');
    expect(openMetricsOf(report)).toContain(
      'dora_deployments{environment="production",service="acme/mail"} 1',
    );
  });

  it('does not call deployments good of which nobody records the failures', () => {
    const quiet = { ...mail, incidents: [] };
    const mixed = computeMany([of('shop', shop), of('mail', quiet)], question);
    expect([mixed.total.changeFailRate.value, mixed.total.changeFailRate.n]).toEqual([0.5, 2]);
    expect(mixed.services[1]!.changeFailRate.value).toBeNull();
    expect(mixed.notes.join('\n')).toContain('Deployments of acme/mail are not in the change fail rate');
    const unknown = computeMany([of('mail', quiet), of('post', quiet)], question);
    expect([unknown.total.changeFailRate.value, unknown.total.changeFailRate.n]).toEqual([null, 2]);
  });

  it('does not take a repository that began later for progress', () => {
    const young: World = { ...mail, deployments: mail.deployments!.slice(1), commits: mail.commits! };
    const mixed = computeMany([of('shop', shop), of('mail', young)], question);
    expect([mixed.services[0]!.before === undefined, mixed.total.before]).toEqual([false, undefined]);
    expect(mixed.notes.join('\n')).toContain('since acme/mail cannot be');
  });

  it('with nothing in any of them is a report of nothing', () => {
    const nothing: DoraFacts = factsOf({});
    const empty = computeMany(
      [
        { repository: 'a/b', facts: nothing },
        { repository: 'a/c', facts: nothing },
      ],
      question,
    );
    expect([empty.result, empty.total.changeFailRate.value, empty.total.frequency.tier]).toEqual([
      'no-deployments',
      null,
      null,
    ]);
    expect(() => renderPage(empty) + render(empty)).not.toThrow();
  });
});
