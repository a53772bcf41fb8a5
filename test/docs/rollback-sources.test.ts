import { afterEach, describe, expect, it } from '@jest/globals';
import { parser } from '@prometheus-io/lezer-promql';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { openSource, sourceSchema } from '../../shared/analysis/registry.js';
import { presetNames } from '../../shared/analysis/presets.js';
import { fillIn } from '../../shared/analysis/placeholders.js';
import type { Subject } from '../../shared/analysis/source.js';
import { stackNames, stacks } from '../../shared/analysis/sources/prometheus/stacks.js';
import { createHttpClient } from '../../shared/http/client.js';
import { serve } from '../support/servers/http.js';

const page = readFileSync('docs/rollback-criteria.md', 'utf8');
type Written = Record<string, unknown> & { type: string; url?: string; body?: string; query?: string };

/** Every source that the page shows, by name. */
const shown = Object.assign(
  {},
  ...[...page.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, text]) => {
    const file = parse(text!) as {
      sources?: Record<string, Written>;
      environments?: Record<string, unknown>;
    };
    return file.sources ?? {};
  }),
) as Record<string, Written>;

const subject: Subject = {
  environment: 'production',
  service: 'shop',
  version: '1.1.0',
  colour: 'green',
  sha: 'a'.repeat(40),
  colourUrl: 'http://127.0.0.1:9',
  entryUrl: 'http://127.0.0.1:9',
};

const open: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

interface Asked {
  method: string;
  url: URL;
  headers: Record<string, unknown>;
  body: string;
}

/** Asks a source as the page has it, of a server that answers `answer`; gives what was asked and what it read. */
async function ask(name: string, answer: unknown) {
  let asked: Asked | undefined;
  const server = await serve((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { method = '', headers } = request;
      asked = { method, url: new URL(request.url!, 'http://server'), headers, body };
      response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
    });
  });
  const http = createHttpClient();
  open.push(
    () => server.close(),
    () => http.close(),
  );
  const written = shown[name]!;
  const url = written.url!.replace(/^https:\/\/[^/]+/, server.url);
  const source = openSource(sourceSchema.parse({ ...written, url }), {
    http,
    clock: { now: () => 1_700_000_300_000, sleep: async () => undefined },
    subject,
    variable: (variable) => `value of ${variable}`,
  });
  const reading = await source.query({ from: 1_700_000_000_000, to: 1_700_000_300_000 });
  return { asked: asked!, reading };
}

/** As each vendor publishes its answers: keys beyond those that are read are there too. */
const datadog = (requests: number | null, errors: number | null) => ({
  data: {
    type: 'scalar_response',
    attributes: {
      columns: [requests, errors].map((value, index) => ({
        name: ['a', 'default_zero(b)'][index],
        type: 'number',
        values: [value],
        meta: { unit: [null, null] },
      })),
    },
  },
});
const nerdGraph = (result: object) => ({ data: { actor: { account: { nrql: { results: [result] } } } } });

describe('sources of vendors, as the page shows them,', () => {
  it('Datadog: asks for one release in a stretch of time, with both keys, and reads requests and errors', async () => {
    const { asked, reading } = await ask('datadog', datadog(398, 45));
    const { data } = JSON.parse(asked.body) as {
      data: { attributes: { from: number; to: number; queries: { query: string }[]; formulas: object[] } };
    };
    expect(asked).toMatchObject({ method: 'POST', url: { pathname: '/api/v2/query/scalar' } });
    expect(asked.headers).toMatchObject({
      'dd-api-key': 'value of DD_API_KEY',
      'dd-application-key': 'value of DD_APP_KEY',
    });
    expect([data.attributes.from, data.attributes.to]).toEqual([1_699_999_940_000, 1_700_000_240_000]);
    expect(data.attributes.queries[1]!.query).toBe(
      'sum:trace.http.request.errors{service:shop,version:1.1.0}.as_count()',
    );
    expect(data.attributes.formulas).toEqual([{ formula: 'a' }, { formula: 'default_zero(b)' }]);
    expect(reading).toMatchObject({ is: 'data', samples: [{ requests: 398, errors: 45 }] });
  });

  it('Datadog without requests is absent, and no zero', async () => {
    expect((await ask('datadog', datadog(null, 0))).reading).toMatchObject({ is: 'absent' });
  });

  it('New Relic: asks by GraphQL, and reads counts and a percentile', async () => {
    const { asked, reading } = await ask('new-relic', nerdGraph({ requests: 398, errors: 45 }));
    const { query } = JSON.parse(asked.body) as { query: string };
    expect(query).toContain(
      "WHERE appName = 'shop' AND release = '1.1.0' SINCE 1699999940000 UNTIL 1700000240000",
    );
    expect(asked.headers).toMatchObject({ 'api-key': 'value of NEW_RELIC_KEY' });
    expect(reading).toMatchObject({ is: 'data', samples: [{ requests: 398, errors: 45 }] });
    const p95 = await ask('new-relic-p95', nerdGraph({ p: { '95': 0.25 } }));
    expect(p95.reading).toMatchObject({ is: 'data', values: [{ value: 250 }] });
  });

  it('New Relic that refuses the question answers 200 without data: absent', async () => {
    const refused = { data: null, errors: [{ message: 'Access denied.' }] };
    expect((await ask('new-relic', refused)).reading).toMatchObject({ is: 'absent' });
  });

  it('Splunk: exports one row, whose numbers are texts', async () => {
    const row = { preview: false, offset: 0, lastrow: true, result: { requests: '398', errors: '45' } };
    const { asked, reading } = await ask('splunk', row);
    expect(Object.fromEntries(asked.url.searchParams)).toEqual({
      output_mode: 'json',
      preview: 'false',
      earliest_time: '1699999970',
      latest_time: '1700000270',
      search: 'search index=web version="1.1.0" | stats count AS requests count(eval(status>=500)) AS errors',
    });
    expect(asked.headers).toMatchObject({ authorization: 'value of SPLUNK_AUTHORIZATION' });
    expect(reading).toMatchObject({ is: 'data', samples: [{ requests: 398, errors: 45 }] });
  });

  it('CloudWatch through an exporter: one share of what Prometheus scraped', async () => {
    const result = [{ metric: {}, values: [[1_700_000_300, '0.113']] }];
    const { asked, reading } = await ask('cloudwatch', {
      status: 'success',
      data: { resultType: 'matrix', result },
    });
    expect(asked.url.searchParams.get('query')).toContain('targetgroup/shop-green/');
    expect(reading).toMatchObject({ is: 'data', values: [{ value: 0.113 }] });
  });
});

describe('every expression of PromQL', () => {
  const table = page.slice(page.indexOf('What the other presets read'), page.indexOf('When a counter falls'));
  const queries = [
    ...Object.values(shown).flatMap(({ query, heartbeat }) => [query, heartbeat as string | undefined]),
    ...[...table.matchAll(/^\|[^|]*\| `([^`]+)`/gm)].map(([, query]) => query),
  ].filter((query) => query !== undefined);

  it.each([
    ...queries.map((query) => ['of the page', fillIn(query, subject)] as const),
    ...stackNames.map((name) => [name, `${stacks[name].requests.metric}{job="shop"}[120s]`] as const),
  ])('%s is one: %s', (_, query) => {
    const wrong: string[] = [];
    parser.parse(query).iterate({
      enter: (node) => {
        if (node.type.isError) wrong.push(query.slice(node.from - 10, node.to + 10));
      },
    });
    expect(wrong).toEqual([]);
  });

  it('is looked at: the page has those of seven presets and more', () =>
    expect(queries.length).toBeGreaterThan(9));
});

describe('the table of false alarms', () => {
  const table = page.slice(
    page.indexOf('How many simulated releases'),
    page.indexOf('### When a bad rate counts'),
  );
  it.each(presetNames)('has a row of %s', (name) => {
    expect(table).toMatch(new RegExp(`^\\| \`${name}\` +\\|.*\\d+ of [\\d,]+.*\\|.*\\d+ of [\\d,]+`, 'm'));
  });
});
