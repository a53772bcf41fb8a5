import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { parse } from 'yaml';
import { policySchema } from '../../actions/gate-check/policy.js';
import { freePorts } from '../support/servers/real.js';
import { until } from '../support/until.js';

const kit = 'workflows-templates/monitoring';
const page = readFileSync('docs/monitoring.md', 'utf8');
const block = (language: string) =>
  new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(page)![1]!;

it('the page names every file of the folder, and no other', () => {
  const named = [...page.matchAll(/^\| `([^`]+)`/gm)].map(([, name]) => name!);
  const names = readdirSync(kit);
  const tests = names.filter((name) => name.endsWith('.test.yml'));
  const files = named.filter((name) => /\.\w+$/.test(name) && name !== '*.test.yml');
  expect(files.toSorted()).toEqual(names.filter((name) => !tests.includes(name)).toSorted());
  expect(tests.map((name) => name.replace('.test', ''))).toEqual(['alerts.yml', 'capacity.yml', 'slo.yml']);
});

it('the gate of the page is one that a policy takes, of a number that slo.yml makes', () => {
  const gates = parse(block('yaml excerpt')) as { metric: { bounds: { source: { query: string } }[] } };
  expect(
    policySchema.safeParse({ version: 1, environments: { production: { gates } } }).error,
  ).toBeUndefined();
  const { groups } = parse(readFileSync(join(kit, 'slo.yml'), 'utf8')) as {
    groups: { rules: { record?: string }[] }[];
  };
  const made = groups.flatMap(({ rules }) => rules.map(({ record }) => record));
  expect(made).toContain(gates.metric.bounds[0]!.source.query.replace(/\{.*$/, ''));
});

describe('the lines of log', () => {
  const folder = mkdtempSync(join(tmpdir(), 'log-lines-'));
  const ajv = new Ajv2020({ allErrors: true });
  (formats as unknown as (one: Ajv2020) => void)(ajv);
  const isLine: ValidateFunction = ajv.compile(
    JSON.parse(readFileSync(join(kit, 'log-record.schema.json'), 'utf8')) as object,
  );
  const digest = `sha256:${'d'.repeat(64)}`;
  let service: ReturnType<typeof spawn>;
  let output = '';
  let url: string;
  /** The lines that are whole. */
  const lines = () =>
    output
      .slice(0, output.lastIndexOf('\n') + 1)
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  beforeAll(async () => {
    const file = join(folder, 'service.mjs');
    writeFileSync(file, block('js'));
    const [port] = await freePorts(1);
    url = `http://127.0.0.1:${port}/orders/7`;
    service = spawn(process.execPath, [file], {
      env: { ...process.env, PORT: String(port), APP_VERSION: '2.0.0', APP_DIGEST: digest },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    service.stdout!.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await until(
      () =>
        fetch(url).then(
          () => true,
          () => false,
        ),
      'the service of the page answers',
    );
  });
  afterAll(() => {
    service.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  it('that the page writes are as the schema says, with version, digest and the trace of the caller', async () => {
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
    const answer = await fetch(url, { headers: { traceparent: `00-${trace}-00f067aa0ba902b7-01` } });
    expect(answer.headers.get('x-request-id')).toBe(trace);
    await until(() => lines().at(-1)?.['trace_id'] === trace, 'the line of the request');
    for (const line of lines()) expect([isLine(line), isLine.errors]).toEqual([true, null]);
    expect(lines().at(-1)).toMatchObject({
      version: '2.0.0',
      digest,
      trace_id: trace,
      status: 200,
      route: '/orders/{id}',
    });
  });

  it('get a trace of their own where the caller sends none, or one that is none', async () => {
    const before = lines().length;
    await fetch(url, { headers: { traceparent: `00-${'0'.repeat(32)}-00f067aa0ba902b7-01` } });
    await until(() => lines().length > before, 'the line of the request');
    const last = lines().at(-1)!;
    expect([isLine(last), last['trace_id'] === '0'.repeat(32)]).toEqual([true, false]);
  });

  it.each([
    ['without a version', { version: undefined }],
    ['with a level of its own', { level: 'fatal' }],
    ['with a time that is none', { time: 'yesterday' }],
    ['with a trace of zeros', { trace_id: '0'.repeat(32) }],
    ['with a status as text', { status: '200' }],
  ])('are refused %s', (_, change) => {
    const line = {
      time: '2026-01-31T12:00:00Z',
      level: 'info',
      message: 'ok',
      service: 'shop',
      version: '1.4.0',
    };
    expect(isLine(line)).toBe(true);
    expect(isLine({ ...line, ...change })).toBe(false);
  });
});
