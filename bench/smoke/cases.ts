import { stringify } from 'yaml';

/** What is measured: so many checks, so many at a time. */
export interface Case {
  name: string;
  count: number;
  concurrency: number;
}

export const cases: readonly Case[] = [
  { name: '1 check cold', count: 1, concurrency: 1 },
  { name: '500 sequential', count: 500, concurrency: 1 },
  { name: '500 concurrent', count: 500, concurrency: 500 },
];

/** Items that a case asks for, and the value each must answer with; `wrong` makes every check one that fails. */
function items({ count }: Case, wrong: boolean): { item: number; token: string }[] {
  return Array.from({ length: count }, (_, index) => ({
    item: index + 1,
    token: wrong ? 'another' : `t-${index + 1}`,
  }));
}

/**
 * Our suite as files by their names: one flow, which runs once for every row of a CSV file; how many at a time is an
 * input.
 */
export function ourSuite(of: Case, wrong = false): Record<'smoke.yml' | 'items.csv', string> {
  const step = {
    name: 'answers with its token',
    http: { url: '/item/{{ row.item }}' },
    expect: { status: 200, json: [{ path: '$.token', equals: '{{ row.token }}' }] },
  };
  const rows = items(of, wrong).map(({ item, token }) => `${item},${token}\n`);
  return {
    'smoke.yml': stringify({
      version: 1,
      flows: [{ name: 'item', rows: { file: 'items.csv' }, steps: [step] }],
    }),
    'items.csv': `item,token\n${rows.join('')}`,
  };
}

/** The same as one flow in which every check is a step that is written out. */
export function ourSteps(of: Case, wrong = false): string {
  const steps = items(of, wrong).map(({ item, token }) => ({
    name: `item ${item}`,
    http: { url: `/item/${item}` },
    expect: { status: 200, json: [{ path: '$.token', equals: token }] },
  }));
  return stringify({ version: 1, flows: [{ name: 'all', steps }] });
}

export function stepciWorkflow(of: Case, url: string, wrong = false): string {
  const steps = items(of, wrong).map(({ item, token }) => ({
    name: `item ${item}`,
    http: {
      url: `${url}/item/${item}`,
      method: 'GET',
      check: { status: 200, jsonpath: { '$.token': token } },
    },
  }));
  const tests =
    of.concurrency === 1
      ? { all: { steps } }
      : Object.fromEntries(steps.map((step, index) => [`test${index}`, { steps: [step] }]));
  return stringify({ version: '1.1', name: 'bench', config: { concurrency: of.concurrency }, tests });
}

export function postmanCollection(of: Case, url: string, wrong = false): string {
  const item = items(of, wrong).map(({ item, token }) => ({
    name: `item ${item}`,
    request: { method: 'GET', url: `${url}/item/${item}` },
    event: [
      {
        listen: 'test',
        script: {
          exec: [
            "pm.test('status', () => pm.response.to.have.status(200));",
            `pm.test('token', () => pm.expect(pm.response.json().token).to.equal('${token}'));`,
          ],
        },
      },
    ],
  }));
  const schema = 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json';
  return JSON.stringify({ info: { name: 'bench', schema }, item });
}

export function httpFile(of: Case, url: string, wrong = false): string {
  return items(of, wrong)
    .map(
      ({ item, token }) =>
        `GET ${url}/item/${item}\n?? status == 200\n?? js response.parsedBody.token == ${token}\n`,
    )
    .join('\n###\n');
}

/** Concurrent virtual users arrive within one second, the shortest phase there is. */
export function artilleryScript(of: Case, url: string, wrong = false): string {
  const check = {
    get: {
      url: '/item/1',
      capture: { json: '$.token', as: 'token' },
      expect: [{ statusCode: 200 }, { equals: ['{{ token }}', wrong ? 'another' : 't-1'] }],
    },
  };
  const sequential = of.concurrency === 1;
  return stringify({
    config: {
      target: url,
      phases: [{ duration: 1, arrivalCount: sequential ? 1 : of.count }],
      plugins: { expect: {} },
    },
    scenarios: [{ flow: sequential && of.count > 1 ? [{ loop: [check], count: of.count }] : [check] }],
  });
}

/** An entry of Hurl for each item. */
export function hurlEntries(of: Case, url: string, wrong = false): string[] {
  return items(of, wrong).map(
    ({ item, token }) => `GET ${url}/item/${item}\nHTTP 200\n[Asserts]\njsonpath "$.token" == "${token}"\n`,
  );
}

export function k6Script(of: Case, url: string, wrong = false): string {
  const options = {
    scenarios: {
      all: { executor: 'shared-iterations', vus: of.concurrency, iterations: of.count, maxDuration: '2m' },
    },
    thresholds: { checks: ['rate==1.0'] },
  };
  return `import http from 'k6/http';
import { check } from 'k6';
import exec from 'k6/execution';
export const options = ${JSON.stringify(options)};
export default function () {
  const item = exec.scenario.iterationInTest + 1;
  const answer = http.get('${url}/item/' + item);
  check(answer, {
    status: ({ status }) => status === 200,
    token: (one) => one.json('token') === ${wrong ? "'another'" : "'t-' + item"},
  });
}
`;
}

export function venomSuite(of: Case, url: string, wrong = false): string {
  const steps = items(of, wrong).map(({ item, token }) => ({
    type: 'http',
    method: 'GET',
    url: `${url}/item/${item}`,
    assertions: ['result.statuscode ShouldEqual 200', `result.bodyjson.token ShouldEqual ${token}`],
  }));
  return stringify({ name: 'bench', testcases: [{ name: 'all', steps }] });
}
