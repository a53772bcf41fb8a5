import { describe, expect, it } from '@jest/globals';
import { render } from '../../../actions/blue-green-switch/report/render.js';
import {
  switchModes,
  switchReportSchema,
  type SwitchReport,
} from '../../../shared/contracts/reports/switch-report.js';

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 31, 3, 0, 0, seconds * 1_000)).toISOString();

/** A report of a switch that went well; `changes` make another of it. */
const report = (changes: Partial<SwitchReport> = {}): SwitchReport =>
  switchReportSchema.parse({
    schema: 'devops-actions/switch-report@1',
    mode: 'switch',
    ok: true,
    result: 'switched',
    message: 'said',
    environment: 'production',
    service: 'shop',
    router: 'haproxy (servers)',
    before: { blue: 100, green: 0 },
    after: { blue: 0, green: 100 },
    nodes: [{ name: 'edge-1', weights: { blue: 0, green: 100 } }],
    changed: true,
    reasons: [],
    codes: [],
    timeline: [],
    run: 'https://github.test/acme/shop/actions/runs/1/attempts/1',
    ...changes,
  });

/** Points of a course, one a minute. */
const points = (...green: number[]) =>
  green.map((share, i) => ({ at: at(60 * i), weights: { blue: 100 - share, green: share } }));

/** The values that the chart of a summary draws. */
const lineOf = (summary: string) => /line \[(.*)\]/.exec(summary)![1]!.split(', ').map(Number);

const failed = (result: string, changes: Partial<SwitchReport> = {}) =>
  render(report({ ok: false, result, ...changes }));

const todo = (summary: string) => /\*\*What to do:\*\* (.*)/.exec(summary)?.[1];

describe('the summary of a switch', () => {
  it('begins with the verdict and what is live', () => {
    expect(render(report())).toMatch(
      /^## ✅ shop is live in production\n\n\*\*Live now:\*\* green 100 %\n\nsaid\n/,
    );
    expect(failed('error', { after: null })).toMatch(
      /^## ❌ .*\n\n\*\*Live now:\*\* not known, the router could not be read\n/,
    );
  });

  it.each([
    ['switched', true, '✅'],
    ['paused', true, '⏸️'],
    ['drift', true, '⚠️'],
    ['held', false, '⚠️'],
    ['reverted', true, '⏪'],
    ['reverted', false, '⏪'],
    ['refused', false, '❌'],
    ['busy', true, '✅'],
    ['busy', false, '❌'],
  ])('with result %s and ok %s shows %s', (result, ok, icon) =>
    expect(render(report({ result, ok }))).toContain(`## ${icon} `),
  );

  it('lists several reasons apart and says a single one once', () => {
    const several = failed('refused', { message: 'Refused: one; two', reasons: ['one', 'two'] });
    expect(several).toContain('\n\nRefused:\n\n- one\n- two\n');
    expect(failed('refused', { message: 'Refused: one', reasons: ['one'] })).not.toContain('- one');
    expect(failed('refused', { message: 'Refused', reasons: ['one'] })).toContain('Refused\n\n- one\n');
  });

  it('shows an error as it is, since it may name commands to copy', () =>
    expect(failed('error', { message: 'run "git push origin :refs/a_b_c"' })).toContain(
      '\n```\nrun "git push origin :refs/a_b_c"\n```\n',
    ));

  it('links the pages that prove it', () => {
    const url = 'https://github.test/acme/shop/issues/7';
    const summary = render(
      report({
        environment: 'pre prod',
        deployment: 12,
        timeline: [{ at: at(0), message: `Incident ${url}`, url }],
      }),
    );
    expect(summary).toContain('[This run](https://github.test/acme/shop/actions/runs/1/attempts/1)');
    expect(summary).toContain('[Deployments](https://github.test/acme/shop/deployments/pre%20prod)');
    expect(summary).toContain(`[Incident](${url})`);
  });

  it('takes no text of others for its own', () => {
    const evil = '</details>\n| x | ![](https://evil.test) @acme `';
    const summary = failed('held', {
      message: evil,
      reasons: [evil, 'b'],
      course: {
        points: points(0, 10),
        stops: [{ at: at(60), percent: 10, stayMs: null, verdict: 'failed', message: evil }],
      },
      entry: {
        ok: false,
        message: evil,
        connections: 1,
        seen: 0,
        opened: 1,
        samples: [{ at: at(1), is: 'wrong', version: evil, digest: evil, message: evil }],
      },
      timeline: [{ at: at(1), message: evil }],
    });
    expect(summary.match(/^<\/details>$/gm)).toHaveLength(2);
    expect(summary).not.toMatch(/^\| x/m);
    expect(summary.replace(/`[^`]*`|``.*?``/g, '')).not.toMatch(/!\[\]\(|@acme|https:\/\/evil/);
  });
});

describe('the title of a summary', () => {
  it.each([
    ['switched', 'switch', 'shop 2.0.0 is live in production · blue → green in 143 ms'],
    ['reverted', 'switch', 'shop 2.0.0 was rolled back in production'],
    ['reverted', 'revert', 'shop in production was rolled back to 2.0.0'],
    ['held', 'switch', 'shop in production is on hold: needs a person'],
    ['refused', 'switch', 'shop 2.0.0 was not released to production: refused, nothing moved'],
    ['refused', 'revert', 'shop in production was not rolled back: refused'],
    ['reserved', 'reserve', 'green is reserved for shop 2.0.0 in production'],
    ['paused', 'switch', 'shop 2.0.0 has 100 % of the traffic in production and waits for a person'],
  ] as const)('with result %s of mode %s says what happened', (result, mode, title) => {
    const facts = { version: '2.0.0', target: 'green', switchMs: 143, switchedAt: at(1) };
    expect(render(report({ result, mode, ...facts }))).toMatch(new RegExp(`^## \\S+ ${title}\\n`));
  });

  it('of a switch that was rolled back is followed by what was not kept, not by "Switched"', () => {
    const summary = failed('reverted', { switchMs: 143, switchedAt: at(1) });
    expect(summary).toContain('| Had all traffic | after 143 ms, at 2026-01-31T03:00:01.000Z; not kept |');
    expect(summary).not.toContain('| Switched |');
  });

  it('of a switch on hold is followed by whether its target has the traffic still', () => {
    const facts = { switchMs: 143, switchedAt: at(1), target: 'green' };
    expect(failed('held', facts)).toContain('03:00:01.000Z; it still has it |');
    expect(failed('held', { ...facts, after: { blue: 50, green: 50 } })).toContain('; not kept |');
    expect(failed('held', { ...facts, after: null })).toContain('whether it still has it is not known |');
  });

  it('of a switch by steps says how many and over what time, not how long the last one took', () => {
    const stop = (percent: number) => ({ at: at(61), percent, stayMs: 60_000, verdict: 'passed' as const });
    const course = { points: points(0, 10, 50, 100), stops: [stop(10), stop(50)] };
    const summary = render(report({ version: '2.0.0', course, switchMs: 41, switchedAt: at(1) }));
    expect(summary).toMatch(
      /^## \S+ shop 2\.0\.0 is live in production · blue → green in 3 steps over 3 min\n/,
    );
    expect(summary).toContain('| Last step | in 41 ms, at ');
  });

  it('is not said a second time by the message', () => {
    const connections = { opened: 9, failed: 2, failedBefore: 0, longestMs: 5, failedRelease: false };
    const title = 'shop 2.0.0 is live in production, and 2 connections failed';
    const summary = render(report({ version: '2.0.0', connections, message: `${title}: first a 503` }));
    expect(summary.split(title)).toHaveLength(2);
    expect(summary).toContain('\n\nfirst a 503\n');
  });

  it('is followed by what users met and who started it', () => {
    const connections = { opened: 24, failed: 0, failedBefore: 0, longestMs: 0, failedRelease: false };
    const entry = { ok: true, message: 'x', connections: 20, seen: 20, opened: 24, samples: [] };
    const summary = render(report({ version: '2.0.0', connections, entry, by: 'mona' }));
    expect(summary).toContain(
      '**Live now:** green 100 % · 0 of 24 new connections failed · 20 of 20 checks saw `2.0.0`\n',
    );
    expect(summary).toContain('| Started by | mona |');
  });

  it('comes with a link to the page that explains each code', () => {
    const codes: SwitchReport['codes'] = ['verdict-expired', 'traffic-moved'];
    const helpPage = 'https://github.test/org/devops-actions/blob/v1/docs/troubleshooting.md';
    expect(failed('refused', { codes, helpPage })).toContain(
      `**Help:** [verdict-expired](${helpPage}#verdict-expired), [traffic-moved](${helpPage}#traffic-moved)`,
    );
    expect(failed('refused', { codes })).toContain('`traffic-moved` in docs/troubleshooting.md');
  });
});

describe('what to do', () => {
  it.each([
    ['held', 'switch', ['mode: revert', 'mode: resume', 'mode: status']],
    ['drift', 'status', ['mode: reconcile', 'mode: revert']],
    ['drift', 'reconcile', ['by hand', 'mode: reconcile']],
    ['paused', 'switch', ['mode: resume', 'mode: reconcile']],
    ['refused', 'reserve', ['re-run **all jobs**']],
    ['refused', 'switch', ['re-run **all jobs**', 'new reservation']],
    ['refused', 'resume', ['mode: resume', 'mode: reconcile']],
    ['refused', 'revert', ['mode: revert', 'mode: status']],
    ['not-switched', 'switch', ['re-run **all jobs**']],
    ['reverted', 'switch', ['release again']],
    ['error', 'switch', ['post step', 'mode: reconcile', 'mode: status']],
    ['error', 'reconcile', ['run `mode: reconcile`']],
    ['error', 'status', ['run it again']],
  ] as const)('after %s in mode %s is named', (result, mode, words) => {
    const next = todo(failed(result, { mode }));
    for (const word of words) expect(next).toContain(word);
  });

  it('is nothing after what went well', () => {
    expect(todo(render(report()))).toBeUndefined();
    expect(todo(render(report({ mode: 'revert', result: 'reverted' })))).toBeUndefined();
  });

  it('is never missing after a failure, in any mode', () => {
    for (const mode of switchModes)
      for (const result of ['refused', 'held', 'reverted', 'not-switched', 'busy', 'error', 'drift'])
        expect([mode, result, todo(failed(result, { mode })) ?? 'nothing']).not.toContain('nothing');
  });

  it.each(['held', 'drift'])('about a node that cannot be read is to mend it first (%s)', (result) => {
    const nodes = [{ name: 'edge-2', weights: null, why: 'no such socket' }];
    expect(todo(failed(result, { nodes }))).toMatch(/^Make `edge-2` reachable/);
  });
});

describe('the course', () => {
  const course = {
    points: points(0, 10, 10, 50, 0),
    stops: [
      { at: at(61), percent: 10, stayMs: 60_000, verdict: 'passed' as const, message: 'healthy' },
      { at: at(180), percent: 50, stayMs: 60_000, verdict: 'failed' as const, message: 'ill' },
    ],
  };

  it('is a chart of the new colour by time and a table with the judgement of each stop', () => {
    const summary = failed('reverted', { course });
    expect(summary).toContain('title "Percent of new requests to green"\n  x-axis "seconds" 0 --> 252\n');
    expect([...new Set(lineOf(summary))]).toEqual([0, 10, 50]);
    expect(summary).toContain(
      [
        '| After | green | blue | Judged |',
        '| --- | --- | --- | --- |',
        '| 0 ms | 0 % | 100 % |  |',
        '| 1 min | 10 % | 90 % | ✅ passed: 10 % for 1 min: healthy |',
        '| 3 min | 50 % | 50 % | ❌ failed: 50 % for 1 min: ill |',
        '| 4 min | 0 % | 100 % |  |',
      ].join('\n'),
    );
  });

  it('of a switch at one go is left to before and after; one that was taken back is drawn', () => {
    expect(render(report({ course: { points: points(0, 100), stops: [] } }))).not.toContain('mermaid');
    expect(render(report({ course: { points: points(0, 100, 0), stops: [] } }))).toMatch(
      /line \[0, (0, )*100, .*, 0\]/,
    );
  });

  it('draws the colour that gains, also on the way back', () => {
    expect(render(report({ course: { points: points(100, 50, 0), stops: [] } }))).toContain(
      'requests to blue',
    );
  });

  it('has a numeric axis: a share that lasted a moment is narrow, one that lasted long is wide', () => {
    const levels = [0, 0.142, 5.342].map((seconds, i) => ({ ...points(0, 10, 0)[i]!, at: at(seconds) }));
    const summary = render(report({ course: { points: levels, stops: [] } }));
    expect(summary).toContain('x-axis "seconds" 0 --> 5.61');
    const values = lineOf(summary);
    expect(values.filter((value) => value === 10).length).toBeGreaterThan(0.9 * values.length);
    expect([values[0], values.at(-1)]).toEqual([0, 0]);
  });

  it('of very many steps, or of steps at one moment, is drawn too', () => {
    const many = points(...Array.from({ length: 90 }, (_, i) => i));
    expect(lineOf(render(report({ course: { points: many, stops: [] } }))).at(-1)).toBe(89);
    const hasty = points(0, 10, 20).map((point) => ({ ...point, at: at(0) }));
    expect(lineOf(render(report({ course: { points: hasty, stops: [] } })))).toContain(20);
  });
});

describe('new connections', () => {
  it('are listed as they come, and those left out are counted', () => {
    const entry: SwitchReport['entry'] = {
      ok: false,
      message: 'wrong',
      connections: 40,
      seen: 39,
      opened: 90,
      samples: [
        { at: at(2), is: 'wrong', version: '1.0.0', message: 'it says version 1.0.0 instead of 2.0.0' },
        { at: at(1), is: 'expected', version: '2.0.0', digest: `sha256:${'2'.repeat(64)}` },
      ],
    };
    const summary = failed('reverted', { entry });
    expect(summary).toContain('<summary>New connections (90, of which 88 like these are left out)</summary>');
    expect(summary.indexOf('❌ wrong | `1.0.0`')).toBeLessThan(summary.indexOf('✅ expected | `2.0.0`'));
    expect(summary).toContain(' · 39 of 40 checks saw the expected release\n');
  });
});
