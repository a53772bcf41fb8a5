import { describe, expect, it } from '@jest/globals';
import { renderPage } from '../../../../actions/dora-report/page/page.js';
import { render } from '../../../../actions/dora-report/render/summary.js';
import { commit, deployment, incident, reportOf } from '../ledger-facts.js';

const nasty = `</script><script>alert(1)</script>" onload="x" '><img src=x onerror=alert(1)> @acme/admins fixes #1 | [x](javascript:alert(1)) \`\`\` \u202Egpj`;

const report = reportOf(
  {
    deployments: [
      deployment(1, '02-20 10:00', 'a'),
      deployment(2, '03-03 10:00', 'b', { then: [['failure', '03-03 10:05']] }),
      deployment(3, '03-03 10:30', 'a', { kind: 'rollback', previous: 2 }),
      deployment(4, '03-05 10:00', 'b', { distrust: [nasty] }),
    ],
    commits: [commit('a', '02-20 09:00'), commit('b', '03-03 09:00', ['a'], { headline: nasty })],
    incidents: [
      incident(11, '03-03 10:06', { causedBy: 2, title: nasty, url: 'javascript:alert(1)' }),
      incident(12, '03-03 10:06', { title: nasty, marker: undefined }),
    ],
  },
  { environment: 'production', services: ['shop', nasty] },
);

describe('text of others', () => {
  const html = renderPage(report);
  const markdown = render(report);

  it('opens no element and no attribute in the page', () => {
    expect(html).toContain('&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(html).not.toMatch(/<(script|img|iframe|object|embed|link|base|form)\b/i);
    for (const [tag] of html.matchAll(/<[a-z][^>]*>/gi)) expect(tag).not.toMatch(/\son\w+\s*=\s*"/i);
  });

  it('makes no link that is not http or https', () => {
    const addresses = [...html.matchAll(/href="([^"]*)"/g)].map((match) => match[1]!);
    expect(addresses.length).toBeGreaterThan(3);
    expect(addresses.filter((address) => !/^https?:\/\//.test(address))).toEqual([]);
    expect(markdown).not.toMatch(/\]\(javascript:/i);
  });

  it('turns no text around', () => {
    expect(html).not.toContain('\u202E');
  });

  it('mentions nobody, closes nothing and opens no HTML in the summary', () => {
    expect(markdown).not.toMatch(/@acme/);
    expect(markdown).not.toMatch(/fixes #1/);
    expect(markdown).not.toMatch(/<(script|img)/i);
  });

  it('leaves every table of the summary with its own number of columns', () => {
    const blocks = markdown.split('\n\n').filter((block) => block.startsWith('| '));
    expect(blocks.length).toBeGreaterThan(3);
    for (const block of blocks) {
      const columns = block.split('\n').map((line) => line.replace(/\\./g, '').split('|').length);
      expect(new Set(columns).size).toBe(1);
    }
  });
});

describe('the page', () => {
  const html = renderPage(report);

  it('asks nothing of anyone and forbids itself to', () => {
    expect(html).toContain(`content="default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;"`);
    expect(html).not.toMatch(/\b(src|srcset|data|action|poster)="/i);
    expect(html).not.toMatch(/@import|url\(/i);
  });

  it('gives every chart a title, a description and its numbers as a table', () => {
    const charts = [...html.matchAll(/<svg [^>]*role="img" aria-labelledby="([^"]+)"[^>]*>.*?<\/svg>/gs)];
    expect(charts.length).toBeGreaterThanOrEqual(6);
    for (const chart of charts)
      for (const id of chart[1]!.split(' ')) expect(chart[0]).toContain(`id="${id}"`);
    for (const title of [
      'Deployments per week',
      'Change lead time',
      'Change fail rate',
      'Failed deployment recovery time',
    ])
      expect(html).toContain(`<caption>${title}</caption>`);
  });

  it('uses every id once', () => {
    const ids = [...html.matchAll(/\sid="([^"]+)"/g)].map((match) => match[1]);
    expect(ids).toHaveLength(new Set(ids).size);
  });

  it('says that there is no data instead of drawing charts of nothing', () => {
    const empty = renderPage(reportOf({}));
    expect(empty).toContain('nothing to measure');
    expect(empty).not.toContain('class="chart"');
    expect(empty).not.toMatch(/>0 %</);
  });
});

describe('the summary', () => {
  it('begins with the verdict and links each failed deployment to its run', () => {
    const markdown = render(report);
    expect(markdown.indexOf('1 of 1 failed')).toBeLessThan(markdown.indexOf('| Metric |'));
    expect(markdown).toMatch(
      /\[shop 1\.2\.0 \\\(deployment 2\\\)\]\(https:\/\/github\.example\/acme\/shop\/actions\/runs\/\d+\/attempts\/1\)/,
    );
  });

  it('names the model of its tiers', () => {
    expect(render(report)).toContain('Tiers: team thresholds');
    expect(render(reportOf({}, { tiers: 'none' }))).toContain('Tiers: no tiers');
  });
});
