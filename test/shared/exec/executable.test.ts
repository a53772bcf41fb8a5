import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { containing } from '../../../actions/auto-rollback/contain.js';
import { runExecutable } from '../../../shared/exec/executable.js';
import type { AnalysisReport, Plan } from '../../../shared/contracts/reports/analysis-report.js';
import { until } from '../../support/until.js';

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
});

describe('the hook that contains', () => {
  /** The hook at work for these; each that is taken out lets so much time (ms) go by. */
  function containment(hook: string, { eachMs = 0, timeoutMs = 300_000, stop = new AbortController() } = {}) {
    const said: string[] = [];
    let now = 0;
    const say = (line: string) => {
      said.push(line);
      if (line.startsWith('Contained ')) now += eachMs;
    };
    const rule = { source: 'app', by: 'tenant', atMost: 20, share: 0.5, hook, timeoutMs };
    const ports = {
      control: {
        service: 'shop',
        environment: 'production',
        timeline: { say },
        clock: { now: () => now },
      },
      passEnv: [],
      workspace,
      variable: () => undefined,
      signal: stop.signal,
    } as unknown as Parameters<typeof containing>[0];
    const { contain } = containing(ports, { contain: rule } as Plan, {} as AnalysisReport, 'high');
    return { said, contain: (values: string[]) => contain!({ is: 'few', values, message: 'they fail' }) };
  }

  it('contains nobody where it cannot be started, so that the release is rolled back', async () => {
    const { contain, said } = containment('missing');
    expect(await contain(['acme'])).toBe(false);
    expect(said.at(-1)).toMatch(/^Not contained: .*could not be started/);
  });

  it('has five minutes for all together, and no more for the last than is left', async () => {
    write(
      'slow',
      `#!/bin/sh
test "$3" != d || sleep 60
echo "$3" >> taken
`,
    );
    const { contain, said } = containment('slow', { eachMs: 99_990 });
    expect(await contain(['a', 'b', 'c', 'd', 'e'])).toBe(false);
    expect(said.at(-1)).toBe('Not contained: slow ended with timeout. a, b, c stay contained');

    const over = containment('slow', { eachMs: 150_000 });
    expect(await over.contain(['a', 'b', 'c'])).toBe(false);
    expect(over.said.at(-1)).toBe(
      'Not contained: slow had 5 min for all 3, and took out 2. a, b stay contained',
    );
    expect(readFileSync(join(workspace, 'taken'), 'utf8')).toBe('a\nb\nc\na\nb\n');
  });

  it('ends at once where the run is told to stop, and nobody else is taken out', async () => {
    write('waits', '#!/bin/sh\ntouch waiting\nsleep 60\n');
    const stop = new AbortController();
    const { contain, said } = containment('waits', { stop });
    const contained = contain(['acme', 'blip']);
    await until(() => existsSync(join(workspace, 'waiting')), 'the hook is at work');
    stop.abort();
    expect(await contained).toBe(false);
    expect(said.at(-1)).toBe('Not contained: waits ended with cancelled');
  });
});
