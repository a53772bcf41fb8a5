import { beforeAll, describe, expect, it } from '@jest/globals';
import { ESLint } from 'eslint';

let eslint: ESLint;
beforeAll(() => void (eslint = new ESLint()));

/** What the house says to code in a file, rule by rule. */
async function objections(filePath: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(code, { filePath });
  if (!result) throw new Error(`${filePath} is not linted at all`);
  const fatal = result.messages.find((message) => message.fatal);
  if (fatal) throw new Error(`${filePath}: ${fatal.message}`);
  return result.messages
    .filter(({ ruleId }) => ruleId !== '@typescript-eslint/no-unused-vars')
    .map(({ ruleId, message }) => `${ruleId}: ${message}`);
}

const importing = (from: string) => [
  `import { x } from '${from}';\nexport const y = x;`,
  `export { x } from '${from}';`,
  `export const x = () => import('${from}');`,
];

const gate = 'actions/gate-check/gates/example.ts';
const pure = 'shared/analysis/example.ts';

describe('dependencies run one way', () => {
  it.each([
    [gate, '../../smoke-test/run.js', 'Actions never import each other'],
    [gate, '../../../actions/smoke-test/run.js', 'Actions never import each other'],
    ['actions/gate-check/example.ts', '../auto-rollback/watch.js', 'Actions never import each other'],
    [gate, '../../../test/support/host.js', 'does not import its tools'],
    [gate, '../../../rehearsal/shop/shop.js', 'does not import its tools'],
    [gate, '../../../scripts/build.js', 'does not import its tools'],
    [pure, '../../actions/gate-check/decide.js', 'never imports an action'],
    [pure, '../../actions/suite.js', 'never imports an action'],
    [pure, '../../rehearsal/shop/shop.js', 'does not import its tools'],
    ['shared/http/example.ts', '../../actions/gate-check/decide.js', 'never imports an action'],
    ['shared/runner/example.ts', '../../test/support/host.js', 'does not import its tools'],
    ['rehearsal/router/example.ts', '../../shared/time/clock.js', 'shares its bugs'],
    ['rehearsal/shop/example.ts', '../../shared/time/clock.js', 'shares its bugs'],
    ['rehearsal/github/rules/example.ts', '../../../shared/ledger/names.js', 'shares its bugs'],
    ['rehearsal/runner/example.ts', '../../actions/suite.js', 'shares its bugs'],
    ['rehearsal/runner/example.ts', '../story/main.js', 'shares its bugs'],
  ])('%s may not import %s', async (file, from, why) => {
    for (const code of importing(from)) {
      expect({ code, message: await objections(file, code) }).toEqual({
        code,
        message: [expect.stringContaining(why)],
      });
    }
  });

  it.each([
    [gate, '../../../shared/time/duration.js'],
    [gate, '../policy.js'],
    [gate, 'zod'],
    [pure, '../time/duration.js'],
    [pure, './rate.js'],
    ['shared/github/example.ts', '@actions/github'],
    ['shared/runner/example.ts', '@actions/core'],
    ['rehearsal/router/example.ts', './proxy.js'],
    ['rehearsal/story/example.ts', '../../shared/time/clock.js'],
    ['cli/example.ts', '../actions/suite.js'],
    ['test/actions/gate-check/example.test.ts', '../../../actions/gate-check/decide.js'],
    ['actions/suite.ts', './gate-check/main.js'],
  ])('%s may import %s', async (file, from) => {
    for (const code of importing(from)) expect(await objections(file, code)).toEqual([]);
  });
});

const impure = {
  'the file system': [
    "import { readFile } from 'node:fs/promises';\nexport const x = readFile;",
    'IO lives in its own rooms',
  ],
  'the file system without node:': [
    "import * as fs from 'fs';\nexport const x = fs;",
    'IO lives in its own rooms',
  ],
  'the file system, lazily': ["export const x = () => import('node:fs');", 'IO lives in its own rooms'],
  sockets: ["import { connect } from 'node:net';\nexport const x = connect;", 'IO lives in its own rooms'],
  processes: [
    "import { spawn } from 'node:child_process';\nexport const x = spawn;",
    'IO lives in its own rooms',
  ],
  'names of hosts': [
    "import { lookup } from 'node:dns/promises';\nexport const x = lookup;",
    'IO lives in its own rooms',
  ],
  'the runner’s toolkit': [
    "import { setOutput } from '@actions/core';\nexport const x = setOutput;",
    'IO lives in its own rooms',
  ],
  'the network': ["export const x = () => fetch('http://127.0.0.1');", 'come in as arguments'],
  'the date': ['export const x = () => new Date();', 'come in as arguments'],
  'the time': ['export const x = () => Date.now();', 'come in as arguments'],
  'a fine clock': ['export const x = () => performance.now();', 'come in as arguments'],
  'a fine clock by import': [
    "import { performance as p } from 'node:perf_hooks';\nexport const x = p;",
    'IO lives in its own rooms',
  ],
  'a timer': ['export const x = () => setTimeout(() => undefined, 1);', 'come in as arguments'],
  'a timer by import': [
    "import { setTimeout as sleep } from 'node:timers/promises';\nexport const x = sleep;",
    'IO lives in its own rooms',
  ],
  'a timer as signal': ['export const x = () => AbortSignal.timeout(5);', 'Time comes in as an argument'],
  chance: ['export const x = () => Math.random();', 'Chance comes in as an argument'],
  'chance by import': [
    "import { randomUUID } from 'node:crypto';\nexport const x = randomUUID;",
    'Chance comes in as an argument',
  ],
  'chance by name': ['export const x = () => crypto.randomUUID();', 'come in as arguments'],
  environment: ["export const x = () => process.env['HOME'];", 'come in as arguments'],
  'the global object': [
    "export const x = () => globalThis['fetch']('http://127.0.0.1');",
    'come in as arguments',
  ],
} as const satisfies Record<string, readonly [string, string]>;

describe('rooms without IO', () => {
  const rooms = [
    gate,
    pure,
    'shared/ledger/example.ts',
    'shared/traffic/example.ts',
    'shared/report/example.ts',
    'shared/config/example.ts',
  ];

  it.each(Object.entries(impure))('have no %s', async (_, [code, why]) => {
    for (const file of rooms)
      expect({ file, message: await objections(file, code) }).toEqual({
        file,
        message: [expect.stringContaining(why)],
      });
  });

  it('may hash, join paths and count', async () => {
    const code =
      "import { createHash } from 'node:crypto';\nimport { join } from 'node:path';\nexport const x = [createHash, join, Math.max, AbortSignal.any];";
    for (const file of rooms) expect(await objections(file, code)).toEqual([]);
  });

  it('of time may use dates, and nothing else', async () => {
    const file = 'shared/time/example.ts';
    expect(await objections(file, impure['the date'][0])).toEqual([]);
    expect(await objections(file, impure['a timer by import'][0])).toHaveLength(1);
    expect(await objections(file, impure.chance[0])).toHaveLength(1);
  });
});

it.each([
  'shared/runner',
  'shared/github',
  'shared/http',
  'shared/probes',
  'shared/exec',
  'shared/traffic/routers',
  'shared/analysis/sources',
])('IO may live in %s', async (room) => {
  for (const [code] of Object.values(impure))
    expect({ code, message: await objections(`${room}/example.ts`, code) }).toEqual({ code, message: [] });
});

describe('tests', () => {
  const file = 'test/shared/example.test.ts';

  it.each([
    "jest.mock('../x.js');",
    "jest.unstable_mockModule('../x.js', () => ({}));",
    "jest.doMock('../x.js');",
    "jest.spyOn(console, 'log');",
  ])('may not say %s', async (code) => {
    expect(await objections(file, `import { jest } from '@jest/globals';\n${code}`)).toEqual([
      expect.stringContaining('Pass a fake as an argument'),
    ]);
  });

  it('may pass fakes, wait and read files', async () => {
    const code =
      "import { jest } from '@jest/globals';\nimport { readFile } from 'node:fs/promises';\nexport const x = [jest.fn(), readFile, Date.now(), setTimeout];";
    expect(await objections(file, code)).toEqual([]);
  });
});
