import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';

it('the whole rehearsal holds with real HAProxy in front of staging and production', () => {
  const dir = mkdtempSync(join(tmpdir(), 'rehearsal-haproxy-'));
  try {
    const { stdout } = spawnSync(
      process.execPath,
      ['--import', 'tsx', 'rehearsal/story/main.ts', '--json', '--router', 'haproxy', '--dir', dir],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
    );
    const { ok, checks, router } = JSON.parse(stdout) as {
      ok: boolean;
      router: string;
      checks: { name: string; ok: boolean }[];
    };
    expect(checks.filter((check) => !check.ok)).toEqual([]);
    expect({ ok, router }).toEqual({ ok: true, router: 'haproxy' });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}, 180_000);
