import { describe, expect, it } from '@jest/globals';
import { marked as markdown } from 'marked';
import { judge, type Rules } from '../../../actions/plan-report/judge.js';
import { readPlan } from '../../../actions/plan-report/read-plan.js';
import { render, renderWithin } from '../../../actions/plan-report/render.js';
import { statefulTypes } from '../../../actions/plan-report/stateful.js';
import { statelessTypes } from '../../../actions/plan-report/stateless.js';
import { planReportSchema, type PlanReport } from '../../../shared/contracts/reports/plan-report.js';
import { created, destroyed, planText, replaced, type Made } from './plans.js';

const plain: Rules = {
  environment: 'production',
  mode: 'apply',
  stateful: statefulTypes,
  stateless: statelessTypes,
  mayDestroy: [],
};
const judged = (changes: Made[], rules: Partial<Rules> = {}, policies: PlanReport['policies'] = []) =>
  planReportSchema.parse(
    judge([{ folder: 'infra', plan: readPlan(planText(changes)) }], policies, { ...plain, ...rules }),
  );
const policy = (is: 'allowed' | 'denied' | 'error', ...reasons: string[]) => [
  { file: 'open.rego', folder: 'infra', is, reasons },
];

describe('the verdict on a plan', () => {
  it('is that nothing changes, or what does', () => {
    expect(judged([])).toMatchObject({ result: 'unchanged' });
    expect(judged([created('null_resource.a'), destroyed('null_resource.b')])).toMatchObject({
      result: 'changes',
      message: 'production: 1 to destroy, 1 to create',
      folders: [{ destroy: 1, create: 1, update: 0 }],
    });
  });

  it.each([
    ['destroyed', destroyed('aws_db_instance.main')],
    ['replaced', replaced('aws_db_instance.main')],
    [
      'let go for a new and empty one',
      { ...replaced('aws_db_instance.main'), actions: ['create', 'forget'] },
    ],
    [
      'replaced before the old one is destroyed',
      { ...replaced('aws_db_instance.main'), actions: ['create', 'delete'] },
    ],
    [
      'destroyed in a module',
      { ...destroyed('module.shop["a b"].aws_db_instance.main'), type: 'aws_db_instance' },
    ],
    ['deposed', { ...destroyed('aws_db_instance.main'), more: { deposed: '12ab' } }],
  ])('holds for a person when a resource with data is %s', (_, change) => {
    const report = judged([created('null_resource.a'), change]);
    expect(report).toMatchObject({ result: 'held', held: [expect.stringContaining('aws_db_instance.main')] });
    expect(report.changes[0]!.stateful).toBe(true);
    expect(judged([change], { mode: 'review' }).result).toBe('held');
  });

  it('lets the named resource go, and no other', () => {
    const both = [destroyed('aws_db_instance.a'), destroyed('aws_db_instance.b')];
    expect(judged(both, { mayDestroy: ['aws_db_instance.a'] })).toMatchObject({
      result: 'held',
      held: ['aws_db_instance.b'],
    });
    const all = ['aws_db_instance.a', 'aws_db_instance.b', 'aws_db_instance.c'];
    expect(judged(both, { mayDestroy: all })).toMatchObject({
      result: 'changes',
      notes: [expect.stringContaining('aws_db_instance.c')],
    });
  });

  it("holds for the team's own types, and for those that nobody knows", () => {
    const change = [destroyed('acme_archive.a')];
    expect(judged(change)).toMatchObject({
      result: 'held',
      message: 'production: on hold, needs a person: acme_archive.a may hold data and would be destroyed',
      changes: [{ stateful: true, unsure: true }],
    });
    expect(judged(change, { stateful: ['acme_archive'] }).message).toContain('acme_archive.a holds data');
    for (const stateless of ['acme_archive', 'acme_*'])
      expect(judged(change, { stateless: [stateless] }).result).toBe('changes');
    expect(judged(change, { stateless: ['acme'] }).result).toBe('held');
    expect(judged(change, { stateful: ['acme_archive'], stateless: ['acme_*'] }).result).toBe('held');
    expect(judged([created('acme_archive.a')]).result).toBe('changes');
  });

  it('lets an address that several folders lose go in the folder that is named, and in no other', () => {
    const lost = readPlan(planText([destroyed('aws_db_instance.main')]));
    const judgedIn = (mayDestroy: string[]) =>
      judge(
        ['a', 'b'].map((folder) => ({ folder, plan: lost })),
        [],
        { ...plain, mayDestroy },
      );
    expect(judgedIn(['aws_db_instance.main'])).toMatchObject({
      result: 'held',
      held: ['a:aws_db_instance.main', 'b:aws_db_instance.main'],
      notes: [
        'aws_db_instance.main stands in several places. Name one: a:aws_db_instance.main or b:aws_db_instance.main.',
      ],
    });
    expect(judgedIn(['a:aws_db_instance.main']).held).toEqual(['b:aws_db_instance.main']);
    const both = judgedIn(['a:aws_db_instance.main', 'b:aws_db_instance.main']);
    expect([both.result, both.notes]).toEqual(['changes', []]);
    expect(render(judgedIn(['a:aws_db_instance.main']))).toMatch(/somebody let it go\n.*it holds data\*\*\n/);
  });

  it('lets a deposed object go by its own name, and not by that of its resource', () => {
    const deposed = [{ ...destroyed('aws_db_instance.main'), more: { deposed: '12ab' } }];
    const [name] = judged(deposed).held;
    expect(name).toMatch(/^\S+$/);
    expect(judged(deposed, { mayDestroy: ['aws_db_instance.main'] }).result).toBe('held');
    expect(judged(deposed, { mayDestroy: [name!] }).result).toBe('changes');
  });

  it('lists lost data before everything else that is destroyed', () => {
    const many = Array.from({ length: 150 }, (_, at) => destroyed(`null_resource.n${at}`));
    const report = judged([...many, replaced('aws_db_instance.main')], {
      mayDestroy: ['aws_db_instance.main'],
    });
    expect(report.changes[0]!.address).toBe('aws_db_instance.main');
    expect(render(report)).toContain(
      '`aws_db_instance.main` is replaced: **it holds data**, and somebody let it go',
    );
  });

  it('is no where a policy has a reason, also where nothing changes', () => {
    const no = policy('denied', 'it is open');
    expect(judged([created('null_resource.a')], {}, no)).toMatchObject({
      result: 'denied',
      message: 'production: a policy says no: it is open',
    });
    expect(judged([], {}, no).result).toBe('denied');
  });

  it('is unknown where a plan or a policy cannot be read, whatever the others say', () => {
    const none = { folder: 'network', plan: 'there is no plan' };
    const good = { folder: 'infra', plan: readPlan(planText([])) };
    expect(judge([good, none], [], plain)).toMatchObject({
      result: 'blind',
      message: 'production: not known what would change: network: there is no plan',
    });
    expect(judged([], {}, policy('error', 'line 3: unsafe')).result).toBe('blind');
  });

  it('is drift where something differs that should not', () => {
    expect(judged([], { mode: 'drift' }).result).toBe('unchanged');
    expect(judged([destroyed('aws_db_instance.main')], { mode: 'drift' }).result).toBe('drift');
    const outputs = readPlan(planText([], { output_changes: { url: { actions: ['update'] } } }));
    expect(judge([{ folder: 'a', plan: outputs }], [], { ...plain, mode: 'drift' }).result).toBe('drift');
    const unlisted = readPlan(planText([], { applyable: true }));
    expect(judge([{ folder: 'a', plan: unlisted }], [], plain)).toMatchObject({
      result: 'changes',
      message: 'production: something that it does not list',
    });
  });
});

describe('the summary of a plan', () => {
  it('names first what is destroyed, and says how to let it go', () => {
    const text = render(judged([created('null_resource.a'), replaced('aws_db_instance.main')]));
    const at = (part: string) => text.indexOf(part);
    expect(at('`aws_db_instance.main` is replaced: **it holds data**')).toBeGreaterThan(0);
    expect(at('is replaced')).toBeLessThan(at('| folder |'));
    expect(at('🔁 replace `aws_db_instance.main`')).toBeLessThan(at('➕ create `null_resource.a`'));
    expect(text).toContain('destroy: `aws_db_instance.main`');
  });

  it('is cut below the limit of a comment, says so, and still names what is destroyed', () => {
    const many = Array.from({ length: 3_000 }, (_, at) => created(`null_resource.${'x'.repeat(50)}${at}`));
    const report = judged([
      ...many,
      ...Array.from({ length: 400 }, (_, at) => destroyed(`aws_db_instance.d${at}`)),
    ]);
    const text = renderWithin(report, 60_000);
    expect(text.length).toBeLessThanOrEqual(60_000);
    expect(text).toMatch(/✂️ Cut here: \d+ of 3400 changes are shown/);
    expect(text).toContain('✂️ 300 more stand in the report');
    expect(text).toContain('`aws_db_instance.d0` is destroyed');
    expect(renderWithin(report, 3_000).length).toBeLessThanOrEqual(3_000);
    const endless = judged([], {}, policy('error', 'x'.repeat(100_000)));
    expect(renderWithin(endless, 60_000).length).toBeLessThanOrEqual(60_000);
    const small = judged([created('null_resource.a')]);
    expect(render(small)).not.toContain('✂️');
  });

  it('takes the text of a plan as text', () => {
    const evil = '`</code><img src=x onerror=alert(1)>@acme/all | [x](javascript:1)';
    const report = judged([{ ...created(`a.b["${evil}"]`), type: 'a', after: { name: evil } }]);
    const html = markdown.parse(render(report), { async: false });
    expect(html).not.toMatch(/<img|href="javascript/);
  });
});
