import { describe, expect, it } from '@jest/globals';
import { decide, type Live, type Service } from '../../../cli/steps/go-live/decide.js';
import { render, reportOf } from '../../../cli/steps/go-live/words.js';
import { before, changed, hotfixed, jobsFor, live, planOf, step } from './facts.js';

const states = ({ standings }: ReturnType<typeof decide>) =>
  Object.fromEntries(standings.map(({ service, is }) => [service.planned.service, is]));
const goes = ({ back }: ReturnType<typeof decide>) =>
  Object.values(back)
    .reverse()
    .flat()
    .map(({ service, deployment, strategy }) => `${service} ${deployment} ${strategy}`);

describe('what became of each service', () => {
  const plan = planOf();

  it('all live, as jobs and ledger say: released', () => {
    const services = plan.services.map(({ service }) => live(plan, service as 'auth'));
    const jobs = plan.services.flatMap(({ service }) => jobsFor(service as 'auth'));
    const decision = decide(plan, services, jobs);
    expect([decision.well, goes(decision)]).toEqual([true, []]);
    const report = reportOf(plan, decision, jobs, true);
    expect(report).toMatchObject({ result: 'released', message: '4 services live as go-live-1' });
    expect(report.rows.map(({ minutes }) => minutes)).toEqual([2.5, 2.5, 2.5, 2.5]);
    expect(report.notes.join()).toMatch(/no major incident is open within 48 h/);
  });

  it('a failed smoke test: that one stopped, those before stay, later ones never started', () => {
    const services = [
      live(plan, 'auth'),
      live(plan, 'catalogue'),
      before(plan, 'orders'),
      before(plan, 'frontend'),
    ];
    const jobs = [...jobsFor('auth'), ...jobsFor('catalogue'), ...jobsFor('orders', 'Release')];
    const decision = decide(plan, services, jobs);
    expect(states(decision)).toEqual({
      auth: 'released',
      catalogue: 'released',
      orders: 'stopped',
      frontend: 'not-started',
    });
    expect(goes(decision)).toEqual([]);
    const report = reportOf(plan, decision, jobs, true);
    expect(report.result).toBe('stopped');
    expect(report.message).toMatch(
      /orders \(stopped, not green: Release\).*2 of 4 services stay released, 1 never started/,
    );
  });

  it('the watch rolled it back: nothing more has to go back', () => {
    const services = [
      live(plan, 'auth'),
      before(plan, 'catalogue', 'rolled-back'),
      before(plan, 'orders'),
      before(plan, 'frontend'),
    ];
    const decision = decide(plan, services, [...jobsFor('auth'), ...jobsFor('catalogue', 'Watch')]);
    expect([states(decision)['catalogue'], goes(decision)]).toEqual(['rolled-back', []]);
  });

  it('live, and nobody watched it, since its runner died: it goes back', () => {
    const services = [
      live(plan, 'auth'),
      live(plan, 'catalogue', 11),
      before(plan, 'orders'),
      before(plan, 'frontend'),
    ];
    const jobs = [...jobsFor('auth'), ...jobsFor('catalogue', 'Watch')];
    const decision = decide(plan, services, jobs);
    expect([states(decision)['catalogue'], goes(decision)]).toEqual([
      'live',
      ['catalogue 11 traffic, redeploy'],
    ]);
    expect(reportOf(plan, decision, jobs, true).result).toBe('held');
  });

  it('green jobs alone are no proof: what the ledger does not have live is not known', () => {
    const services = [
      before(plan, 'auth'),
      ...plan.services.slice(1).map(({ service }) => before(plan, service as 'auth')),
    ];
    const decision = decide(plan, services, jobsFor('auth'));
    expect([states(decision)['auth'], decision.well]).toEqual(['unknown', false]);
  });

  it('a ledger that does not say what is live: a person must look', () => {
    const unknown: Service = { ...live(plan, 'auth'), live: { is: 'unknown', reason: 'forged' } };
    const decision = decide(plan, [unknown], jobsFor('auth'));
    expect(goes(decision)).toEqual([]);
    expect(reportOf(plan, decision, [], true).result).toBe('held');
  });

  it('another release that is live by now is not taken back', () => {
    const other = hotfixed(live(plan, 'auth'));
    const decision = decide({ ...plan, takeBack: 'all' }, [other], jobsFor('auth', 'Watch'));
    expect(goes(decision)).toEqual([]);
    expect(decision.standings).toMatchObject([
      { is: 'unknown', why: 'not green: Watch; 2.1.1 replaced it since' },
    ]);
  });

  it('a hotfix that went out over a good service takes nothing else back', () => {
    const all = planOf({ takeBack: 'all' }, { auth: { 'back-with': ['orders'] } });
    const services = all.services.map(({ service }) => live(all, service as 'auth'));
    services[2] = hotfixed(services[2]!);
    const jobs = all.services.flatMap(({ service }) => jobsFor(service as 'auth'));
    for (const takeBack of ['failed', 'all'] as const) {
      const decision = decide({ ...all, takeBack }, services, jobs);
      expect([decision.well, goes(decision)]).toEqual([true, []]);
      expect(decision.standings[2]).toMatchObject({ is: 'released', why: '2.1.1 replaced it since' });
    }
  });

  it('a hotfix over a service whose CDN is red: a person must look', () => {
    const own = planOf({}, { frontend: { cdn: true } });
    const jobs = [...jobsFor('frontend'), step('CDN: frontend', 'failure')];
    const decision = decide(own, [hotfixed(live(own, 'frontend'))], jobs);
    expect([states(decision), goes(decision)]).toEqual([{ frontend: 'unknown' }, []]);
  });

  it('was live before the go-live and was rolled back while it ran: it is not live', () => {
    const own = planOf({}, { auth: { live: true } });
    const gone = changed(before(own, 'auth'), { kind: 'rollback' });
    const decision = decide(own, [gone], []);
    expect([states(decision), decision.well]).toEqual([{ auth: 'rolled-back' }, false]);
    const newer = decide(own, [hotfixed(live(own, 'auth'))], []);
    expect([states(newer), newer.well]).toEqual([{ auth: 'already-live' }, true]);
  });

  it('a job of another service with a name that begins like it does not count', () => {
    const decision = decide(plan, [before(plan, 'auth')], [step('Rank 1: auth2 / Release', 'failure')]);
    expect(states(decision)).toEqual({ auth: 'not-started' });
  });

  it('was live before the go-live: it stays out of it', () => {
    const own = planOf({}, { auth: { live: true } });
    const decision = decide(own, [live(own, 'auth')], []);
    expect([states(decision), decision.well]).toEqual([{ auth: 'already-live' }, true]);
  });

  it.each([
    ['green', 'success', 'released', []],
    ['red', 'failure', 'live', ['frontend 10 traffic, redeploy']],
  ])('a CDN whose look is %s', (_, conclusion, is, back) => {
    const own = planOf({}, { frontend: { cdn: true } });
    const decision = decide(
      own,
      [live(own, 'frontend')],
      [...jobsFor('frontend'), step('CDN: frontend', conclusion)],
    );
    expect([states(decision)['frontend'], goes(decision)]).toEqual([is, back]);
    expect(decision.stale.length).toBe(back.length);
  });
});

describe('what goes back with it', () => {
  const failed = (plan: ReturnType<typeof planOf>) =>
    decide(
      plan,
      [live(plan, 'auth', 11), live(plan, 'catalogue', 12), before(plan, 'orders'), before(plan, 'frontend')],
      [...jobsFor('auth'), ...jobsFor('catalogue'), ...jobsFor('orders', 'Release')],
    );

  it('take-back all: everything of this go-live, the last first', () => {
    expect(goes(failed(planOf({ takeBack: 'all' })))).toEqual([
      'catalogue 12 traffic, redeploy',
      'auth 11 traffic, redeploy',
    ]);
  });

  it('back-with: those whose contract needs the one that failed, and theirs', () => {
    const plan = planOf({}, { catalogue: { 'back-with': ['orders'] }, auth: { 'back-with': ['catalogue'] } });
    expect(goes(failed(plan))).toHaveLength(2);
    expect(goes(failed(planOf({}, { catalogue: { 'back-with': ['orders'] } })))).toEqual([
      'catalogue 12 traffic, redeploy',
    ]);
  });

  it('a verification that failed names no service: nothing goes back by itself, and a person is called', () => {
    const plan = planOf({ verify: { suite: 's.yml', url: 'https://shop.test' } });
    const jobs = [
      ...plan.services.flatMap(({ service }) => jobsFor(service as 'auth')),
      step('Verify', 'failure'),
    ];
    const services = plan.services.map(({ service }) => live(plan, service as 'auth'));
    const decision = decide(plan, services, jobs);
    expect(goes(decision)).toEqual([]);
    expect(decision.notes.join()).toMatch(/cannot tell which service/);
    expect(reportOf(plan, decision, jobs, true).result).toBe('held');
    expect(goes(decide({ ...plan, takeBack: 'all' }, services, jobs))).toHaveLength(4);
  });

  it('once they are back the report is that they were rolled back', () => {
    const plan = planOf();
    const services = [
      live(plan, 'auth'),
      before(plan, 'catalogue', 'rolled-back'),
      before(plan, 'orders'),
      before(plan, 'frontend'),
    ];
    const jobs = [
      ...jobsFor('auth'),
      ...jobsFor('catalogue', 'Watch'),
      step('Back 2: catalogue / Rollback', 'success'),
    ];
    expect(reportOf(plan, decide(plan, services, jobs), jobs, true).result).toBe('taken-back');
  });
});

describe('migrations that are reversed', () => {
  const database = { service: 'auth', environment: 'production', version: '2.1.0', reversibleSchema: '43' };
  const done = step('Database: auth / Run', 'success');
  const plan = planOf({ takeBack: 'all', database });
  const stopped = [...jobsFor('auth'), ...jobsFor('catalogue'), ...jobsFor('orders', 'Release'), done];

  it('with the last that goes back, where nothing else needs the schema', () => {
    const services = [
      live(plan, 'auth', 11),
      live(plan, 'catalogue', 12),
      before(plan, 'orders'),
      before(plan, 'frontend'),
    ];
    const { back } = decide(plan, services, stopped);
    expect(back[1]).toMatchObject([{ strategy: 'migrations-down', 'reverse-schema': '43' }]);
    expect(back[2]).toMatchObject([{ strategy: 'traffic, redeploy', 'reverse-schema': '' }]);
  });

  it('not where a service that stays is live on it', () => {
    const stays = changed(before(plan, 'frontend'), { deployment: 5, version: '3.0.0', schema: '43' });
    const services = [live(plan, 'auth', 11), live(plan, 'catalogue', 12), before(plan, 'orders'), stays];
    const decision = decide(plan, services, stopped);
    expect(goes(decision)).toEqual(['catalogue 12 traffic, redeploy', 'auth 11 traffic, redeploy']);
    expect(decision.notes).toEqual(['No migration is reversed: frontend is live on schema 43.']);
  });

  it('not where nobody declared it, and not where what is live is not known', () => {
    const { reversibleSchema: _, ...undeclared } = database;
    const services = [live(plan, 'auth', 11), before(plan, 'catalogue'), before(plan, 'orders')];
    const jobs = [...jobsFor('auth', 'Watch'), done];
    expect(decide({ ...plan, database: undeclared }, services, jobs).notes.join()).toMatch(/nobody declared/);
    const unknown: Service = { ...before(plan, 'orders'), live: { is: 'unknown', reason: 'forged' } };
    expect(decide(plan, [services[0]!, unknown], jobs).notes.join()).toMatch(/orders is not known/);
  });

  it.each<[string, Partial<Live>, RegExp]>([
    [
      'the ledger does not say on which schema one runs that stays',
      { schema: undefined },
      /which schema frontend/,
    ],
    [
      'one that stays was released since, on a schema of its own',
      { deployment: 99, kind: 'hotfix', schema: '44' },
      /frontend was released since/,
    ],
  ])('not where %s', (_, more, why) => {
    const services = [
      live(plan, 'auth', 11),
      live(plan, 'catalogue', 12),
      before(plan, 'orders'),
      changed(before(plan, 'frontend'), more),
    ];
    const decision = decide(plan, services, stopped);
    expect(decision.back[1]).toMatchObject([{ strategy: 'traffic, redeploy' }]);
    expect(decision.notes.join()).toMatch(why);
  });

  it.each([['43'], [undefined]])('not where another goes back to what runs on schema %s', (schemaBefore) => {
    const services = [
      live(plan, 'auth', 11),
      changed(live(plan, 'catalogue', 12), { schemaBefore }),
      before(plan, 'orders'),
      before(plan, 'frontend'),
    ];
    const decision = decide(plan, services, stopped);
    expect(decision.back[1]).toMatchObject([{ strategy: 'traffic, redeploy' }]);
    expect(decision.notes.join()).toMatch(/what catalogue goes back to/);
  });

  it('not where two go back side by side', () => {
    const beside = planOf({ takeBack: 'all', database }, { catalogue: { rank: 1 } });
    const services = [live(beside, 'auth', 11), live(beside, 'catalogue', 12)];
    expect(decide(beside, services, [...jobsFor('auth', 'Watch'), done]).notes.join()).toMatch(
      /side by side/,
    );
  });
});

it('the summary escapes what others wrote', () => {
  const plan = planOf();
  const unknown: Service = {
    ...live(plan, 'auth'),
    live: { is: 'unknown', reason: '<img src=x> | @ana closes #7' },
  };
  const decision = decide(plan, [unknown], jobsFor('auth'));
  const summary = render(reportOf(plan, decision, [], true));
  expect(summary).not.toMatch(/<img|@ana|#7| \| @/);
});
