import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { containing } from '../../../actions/auto-rollback/contain.js';
import { runExecutable } from '../../../shared/exec/executable.js';
import type { AnalysisReport, Plan } from '../../../shared/contracts/reports/analysis-report.js';

let workspace: string;
beforeAll(() => void (workspace = mkdtempSync(join(tmpdir(), 'executable-'))));
afterAll(() => rmSync(workspace, { recursive: true, force: true }));

const write = (name: string, text: string, mode = 0o755) =>
  writeFileSync(join(workspace, name), text, { mode });
const run = (name: string) =>
  runExecutable(name, [], {
    workspace,
    variable: () => undefined,
    given: { 'pass-env': [], 'strategy-timeout': 1_000 },
  });

describe('an executable of the team', () => {
  it('that cannot be started is an answer, and no error that ends the watch', async () => {
    write('closed', '#!/bin/sh\n', 0o644);
    write('strange', '#!/no/such/interpreter\n');
    for (const name of ['missing', 'closed', 'strange'])
      expect(await run(name)).toMatchObject({
        ok: false,
        why: expect.stringMatching(/could not be started/),
      });
  });

  it('is killed when it hangs, with what it started', async () => {
    write('hangs', "#!/bin/sh\ntrap '' TERM\nsleep 30 &\nwait\n");
    expect(await run('hangs')).toMatchObject({ ok: false, why: expect.stringMatching(/timeout/) });
  });

  it('contains nobody where it cannot be started, so that the release is rolled back', async () => {
    const contain = { source: 'app', by: 'tenant', atMost: 1, share: 0.5, hook: 'missing', timeoutMs: 1_000 };
    const said: string[] = [];
    const ports = {
      control: {
        service: 'shop',
        environment: 'production',
        timeline: { say: (line: string) => said.push(line) },
      },
      passEnv: [],
      workspace,
      variable: () => undefined,
    } as unknown as Parameters<typeof containing>[0];
    const { contain: ask } = containing(ports, { contain } as Plan, {} as AnalysisReport, 'high');
    expect(await ask!({ is: 'few', values: ['acme'], message: 'acme fails' })).toBe(false);
    expect(said.at(-1)).toMatch(/^Not contained: .*could not be started/);
  });
});
