import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { afterAll, describe, expect, it } from '@jest/globals';
import {
  ContextDictionary,
  type ContextValue,
} from '../../../rehearsal/runner/read/expression/expression-data.js';
import {
  compileCondition,
  compileTemplate,
  evaluateBoolean,
  evaluateCondition,
  evaluateNumber,
  evaluateText,
} from '../../../rehearsal/runner/read/expression/expressions.js';
import { hashFiles, matchFiles } from '../../../rehearsal/runner/run/job/hash-files.js';
import { positions } from '../../../rehearsal/runner/read/expression/positions.js';

const none: Record<string, ContextValue> = {
  github: { ref: 'refs/heads/main', event: { labels: [{ name: 'a' }, { name: 'b' }] } },
  inputs: {},
  vars: {},
  needs: {},
  strategy: {},
  matrix: null,
  steps: {},
  job: {},
  runner: {},
  secrets: {},
  env: new ContextDictionary({ name: 'lower', NAME: 'upper' }, true),
};
const text = (source: string) => evaluateText(compileTemplate(source, positions.step), { contexts: none });
const holds = (source: string, status: 'success' | 'failure' | 'cancelled' = 'success') =>
  evaluateCondition(compileCondition(source, positions.stepIf), {
    contexts: none,
    functions: {
      success: () => status === 'success',
      failure: () => status === 'failure',
      cancelled: () => status === 'cancelled',
    },
  });

describe('templates', () => {
  it.each([
    ["a ${{ 'b' }} c${{ 1 + 0 }}".replace('1 + 0', '1'), 'a b c1'],
    ["${{ '}}' }}", '}}'],
    ["${{ format('{0}-{1}', 'it''s', true) }}", "it's-true"],
    ["${{ join(github.event.labels.*.name, ',') }}", 'a,b'],
    ['${{ github.GITHUB }}${{ github.REF }}', 'refs/heads/main'],
    ['${{ env.name }} ${{ env.NAME }} ${{ env.Name }}', 'lower upper '],
    ["${{ case(true, 'one', 'two') }}", 'one'],
    ['${{ toJSON(github.event.labels[0]) }}', '{\n  "name": "a"\n}'],
    ['no expression', 'no expression'],
  ])('%s is %j', (source, value) => {
    expect(text(source)).toBe(value);
  });

  it.each([
    ['${{ secret.X }}', 'Unrecognized'],
    ['${{ github.ref', 'not closed'],
    ['${{ }}', 'expected'],
    ['${{ always() }}', 'Unrecognized function'],
    ['${{ github.event.labels }}', 'use toJSON'],
  ])('%s is refused: %s', (source, message) => {
    expect(() => text(source)).toThrow(new RegExp(message, 'i'));
  });

  it('give booleans and numbers where those are asked for', () => {
    const scope = { contexts: none };
    const compiled = (source: string) => compileTemplate(source, positions.step);
    expect(evaluateBoolean(compiled("${{ github.ref == 'refs/heads/main' }}"), scope)).toBe(true);
    expect(evaluateNumber(compiled('${{ 2.5 }}'), scope)).toBe(2.5);
    expect(() => evaluateBoolean(compiled('yes'), scope)).toThrow(
      "'yes' gave 'yes', allowed are true and false",
    );
    expect(() => evaluateNumber(compiled('0'), scope)).toThrow('a number above 0 was expected');
  });
});

describe('conditions', () => {
  it.each([
    ['', true, false, false],
    ["github.ref == 'refs/heads/main'", true, false, false],
    ["${{ github.ref == 'x' }}", false, false, false],
    ['always()', true, true, true],
    ['failure()', false, true, false],
    ['cancelled()', false, false, true],
    ['success() || cancelled()', true, false, true],
    ['!cancelled()', true, true, false],
    ["'always()' == 'x'", false, false, false],
    ["'text' ", true, false, false],
    ['false ${{ false }}', true, false, false],
  ])('%s holds after success %s, failure %s, cancellation %s', (source, success, failure, cancelled) => {
    expect([holds(source), holds(source, 'failure'), holds(source, 'cancelled')]).toEqual([
      success,
      failure,
      cancelled,
    ]);
  });

  it('of jobs may name jobs in their status functions', () => {
    const named: string[][] = [];
    const condition = compileCondition("success('a', 'b')", positions.jobIf);
    evaluateCondition(condition, {
      contexts: none,
      functions: { success: (...jobs) => named.push(jobs) > 0 },
    });
    expect(named).toEqual([['a', 'b']]);
    expect(() => compileCondition("success('a')", positions.stepIf)).toThrow('Too many parameters');
  });
});

describe('hashFiles', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hash-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'a/b'), { recursive: true });
  for (const [file, body] of Object.entries({ 'x.lock': '1', 'a/y.lock': '2', 'a/b/z.txt': '3' })) {
    writeFileSync(join(folder, file), body);
  }

  it('finds files by glob, later patterns winning', () => {
    expect(matchFiles(folder, ['**/*.lock'])).toEqual(['a/y.lock', 'x.lock']);
    expect(matchFiles(folder, ['*.lock'])).toEqual(['x.lock']);
    expect(matchFiles(folder, ['**/*.lock\n!a/**'])).toEqual(['x.lock']);
    expect(matchFiles(folder, ['a'])).toEqual(['a/b/z.txt', 'a/y.lock']);
    expect(matchFiles(folder, ['?.lo[a-c]k'])).toEqual(['x.lock']);
  });

  it('is the hash of the hashes, and empty without a match', () => {
    const sha = (body: string) => createHash('sha256').update(body).digest();
    const expected = createHash('sha256').update(sha('2')).update(sha('1')).digest('hex');
    expect(hashFiles(folder, ['**/*.lock'])).toBe(expected);
    expect(hashFiles(folder, ['*.none'])).toBe('');
  });
});
