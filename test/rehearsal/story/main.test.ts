import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../../rehearsal/story/main.ts', import.meta.url));
const rehearse = (...args: string[]) =>
  spawnSync(process.execPath, ['--import', 'tsx', main, ...args], { encoding: 'utf8', timeout: 60_000 });

describe('npm run rehearse', () => {
  it('ends with 2, what was meant and the usage when it is called wrongly', () => {
    const { status, stdout, stderr } = rehearse('--routr', 'nginx');
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^There is no option --routr, did you mean --router\?\n\nUsage: npm run rehearse/);
  });

  it('ends with 0 and the usage when it is asked for it', () => {
    const { status, stdout, stderr } = rehearse('--help');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^Usage: npm run rehearse/);
  });
});
