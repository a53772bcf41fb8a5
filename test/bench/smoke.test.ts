import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSuite } from '../../actions/smoke-test/suite/load.js';
import { measurer } from '../../bench/smoke/measured-run.js';
import { cases, ourSuite } from '../../bench/smoke/cases.js';

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'bench-'))));
afterAll(() => rm(folder, { recursive: true }));

test('a measured run tells its time, its peak memory and its exit code', async () => {
  const script = 'globalThis.kept = Buffer.alloc(64 * 2 ** 20, 1); setTimeout(() => process.exit(3), 100)';
  const { wallMs, peakMiB, code } = await measurer(folder)({ args: ['-e', script] });
  expect(code).toBe(3);
  expect(wallMs).toBeGreaterThan(100);
  expect(peakMiB).toBeGreaterThan(64);
});

test('a measured program reaches nothing but loopback', async () => {
  const script =
    "require('node:net').connect(80, 'example.com').on('error', (error) => console.log(error.message))";
  const { output } = await measurer(folder)({ args: ['-e', script] });
  expect(output.trim()).toBe('loopback only: example.com');
});

test.each(cases)('the suite of "$name" is a valid one with as many checks', async (of) => {
  for (const [name, text] of Object.entries(ourSuite(of))) await writeFile(join(folder, name), text);
  const { flows } = await loadSuite(folder, 'smoke.yml');
  expect(flows.flatMap(({ rows }) => rows ?? [])).toHaveLength(of.count);
});
