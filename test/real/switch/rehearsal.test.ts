import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';

it.each(['haproxy', 'nginx', 'caddy'])(
  'the whole rehearsal holds with real %s in front of staging and production',
  (wanted) => {
    const dir = mkdtempSync(join(tmpdir(), 'rehearsal-'));
    try {
      const { stdout } = spawnSync(
        process.execPath,
        ['--import', 'tsx', 'rehearsal/story/main.ts', '--json', '--router', wanted, '--dir', dir],
        { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
      );
      const { ok, checks, router } = JSON.parse(stdout) as {
        ok: boolean;
        router: string;
        checks: { name: string; ok: boolean }[];
      };
      expect(checks.filter((check) => !check.ok)).toEqual([]);
      expect({ ok, router }).toEqual({ ok: true, router: wanted });
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  },
  180_000,
);
