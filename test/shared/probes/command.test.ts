import { describe, expect, test } from '@jest/globals';
import { commandProbe, type CommandProbeStep } from '../../../shared/probes/command.js';

const node = process.execPath;
const observe = (step: Partial<CommandProbeStep>, timeoutMs = 60_000) =>
  commandProbe('/').observe({ argv: ['true'], env: {}, ...step }, { timeoutMs });
const script = (source: string): Pick<CommandProbeStep, 'argv'> => ({ argv: [node, '-e', source] });

test('an end is an observation, whatever its code, with both outputs', async () => {
  const probed = await observe(
    script('console.log(JSON.stringify({a: 1})); console.error("oops"); process.exitCode = 3'),
  );
  expect(probed).toMatchObject({ ok: true, observation: { code: 3, stderr: 'oops\n', size: 8 } });
  expect(probed.ok && probed.observation.json()).toEqual({ ok: true, value: { a: 1 } });
});

test('a command sees its own variables and input, and neither inputs nor tokens of the action', async () => {
  process.env['INPUT_SECRETS'] = 'TOKEN=t0ken';
  process.env['GITHUB_TOKEN'] = 't0ken';
  const source =
    'process.stdin.pipe(process.stdout); process.stdin.on("end", () => console.log(JSON.stringify(process.env)))';
  const probed = await observe({ ...script(source), stdin: 'hello ', env: { REGION: 'eu' } });
  delete process.env['INPUT_SECRETS'];
  delete process.env['GITHUB_TOKEN'];
  const text = probed.ok ? probed.observation.text() : '';
  expect(text).toMatch(/^hello .*"REGION":"eu"/);
  expect(text).not.toMatch(/t0ken|INPUT_|GITHUB_/);
});

test('no shell takes part', async () => {
  const probed = await observe({ argv: ['echo', '$HOME; ls', '`id`'] });
  expect(probed.ok && probed.observation.text()).toBe('$HOME; ls `id`\n');
});

describe('a stated failure is', () => {
  test.each<[string, Partial<CommandProbeStep>, number, string, RegExp]>([
    [
      'a program that is not there',
      { argv: ['/no/such/program'] },
      60_000,
      'protocol',
      /could not be started/,
    ],
    ['one that does not end', script('setInterval(() => {}, 1000)'), 200, 'timeout', /within 200 ms/],
    [
      'one that leaves a child behind',
      { argv: ['sh', '-c', 'sleep 600 & wait'] },
      200,
      'timeout',
      /within 200 ms/,
    ],
    ['one that prints without end', { argv: ['yes'] }, 60_000, 'too-large', /printed too much/],
  ])('%s', async (_, step, timeoutMs, kind, message) => {
    expect(await observe(step, timeoutMs)).toMatchObject({
      ok: false,
      fault: { kind, message: expect.stringMatching(message) },
    });
  });
});
