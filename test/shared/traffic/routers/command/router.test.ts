import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHttpClient } from '../../../../../shared/http/client.js';
import type { Clock } from '../../../../../shared/time/clock.js';
import { observe, type Router } from '../../../../../shared/traffic/router.js';
import { commandRouter } from '../../../../../shared/traffic/routers/command/router.js';
import { commandSchema } from '../../../../../shared/traffic/routers/command/config.js';
import { planCommands, readAnswer } from '../../../../../shared/traffic/routers/command/words.js';

const blue = { blue: 100, green: 0 };
const green = { blue: 0, green: 100 };
const backends = { blue: 'pool-a', green: 'pool-b' };
const state = (onA: number, onB: number) => `{"weights":{"pool-a":${onA},"pool-b":${onB}}}`;
const section = {
  type: 'command',
  nodes: [{ name: 'cdn', read: ['./ops/read'], set: ['./ops/set', '--service', 'shop'] }],
  backends,
};

describe('the read command', () => {
  it.each([
    ['percent', state(100, 0), blue],
    ['a scale of its own', state(1, 3), { blue: 25, green: 75 }],
    ['parts of 1, which no computer adds up', state(0.93, 0.07), { blue: 93, green: 7 }],
    ['blanks around', `\n ${state(0, 7)}\n`, green],
    ['no traffic', state(0, 0), { blue: 0, green: 0 }],
  ])('is understood with %s', (_, text, weights) => {
    expect(readAnswer({ backends }, text)).toEqual({ ok: true, weights });
  });

  it.each([
    ['nothing', ''],
    ['a line before the document', `reading…\n${state(100, 0)}`],
    ['weights without their key', '{"pool-a":100,"pool-b":0}'],
    ['a colour in place of its word', '{"weights":{"blue":100,"green":0}}'],
    ['a word too few', '{"weights":{"pool-a":100}}'],
    ['a word too many', '{"weights":{"pool-a":100,"pool-b":0,"pool-c":0}}'],
    ['text in place of a number', '{"weights":{"pool-a":"100","pool-b":0}}'],
    ['less than nothing', state(-1, 101)],
    ['a key that means nothing here', '{"weights":{"pool-a":1,"pool-b":0},"wieght":1}'],
  ])('is refused with %s', (_, text) => {
    expect(readAnswer({ backends }, text)).toEqual({
      ok: false,
      why: expect.stringContaining(
        'must print one JSON document such as {"weights":{"pool-a":100,"pool-b":0}}',
      ),
    });
  });
});

describe('the plan for commands', () => {
  const config = commandSchema.parse(section);

  it('shows the whole command as it will be run', () => {
    expect(planCommands(config, observe({ cdn: blue }), green)).toEqual([
      {
        node: 'cdn',
        say: './ops/set --service shop {"weights":{"pool-a":0,"pool-b":100},"from":{"pool-a":100,"pool-b":0}}',
        action: { do: 'set', to: JSON.stringify(green), from: JSON.stringify(blue) },
      },
    ]);
  });

  it('leaves out a node that is there', () => {
    expect(planCommands(config, observe({ cdn: green }), green)).toEqual([]);
  });

  it('shares traffic only where the commands can', () => {
    const mixed = { blue: 90, green: 10 };
    expect(() => planCommands(config, observe({ cdn: blue }), mixed)).toThrow(/weighted: true/);
    expect(planCommands({ ...config, weighted: true }, observe({ cdn: blue }), mixed)).toHaveLength(1);
  });
});

describe('the command section', () => {
  it.each([
    ['a shell line in place of words', { nodes: [{ ...section.nodes[0], read: './ops/read | jq .' }] }],
    ['no word', { nodes: [{ ...section.nodes[0], set: [] }] }],
    ['an empty executable', { nodes: [{ ...section.nodes[0], set: [''] }] }],
    ['a zero byte', { nodes: [{ ...section.nodes[0], set: ['a', 'b\0c'] }] }],
    ['an input of the action as variable', { env: ['INPUT_VERDICT'] }],
    ["the runner's own token", { env: ['ACTIONS_RUNTIME_TOKEN'] }],
    ["the runner's command file", { env: ['GITHUB_ENV'] }],
    ['no name of a variable', { env: ['A=B'] }],
    ['both colours under one word', { backends: { blue: 'a', green: 'a' } }],
    ['a key it does not know', { shell: 'bash' }],
  ])('is refused with %s', (_, changes) => {
    expect(commandSchema.safeParse({ ...section, ...changes }).success).toBe(false);
  });

  it('takes GITHUB_TOKEN, which many tools want', () => {
    expect(commandSchema.safeParse({ ...section, env: ['GITHUB_TOKEN'] }).success).toBe(true);
  });
});

describe('commands as a router', () => {
  let folder: string;
  const http = createHttpClient();
  // Waits cost nothing: the pauses between two looks only move this clock.
  let now = 0;
  const clock: Clock = { now: () => now, sleep: async (ms) => void (now += ms) };
  const at = (name: string) => join(folder, name);
  const script = (name: string, body: string) => {
    writeFileSync(at(name), `#!/bin/sh\n${body}\n`);
    chmodSync(at(name), 0o755);
  };
  function router(changes: object = {}, variables: Record<string, string> = {}): Router {
    const nodes = [{ name: 'cdn', read: ['./read'], set: ['./set', '--service', 'shop $(touch x) ;'] }];
    return commandRouter(
      commandSchema.parse({ type: 'command', nodes, backends, within: '2s', timeout: '5s', ...changes }),
      { http, clock, workspace: folder, variable: (name) => variables[name] },
    );
  }
  const move = async (by: Router, target = green) => {
    for (const call of by.plan(await by.read(), target)) await by.apply(call);
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'command-'));
    writeFileSync(at('state'), state(100, 0));
    script('read', 'cat state');
    // Puts the weights of the argument into the state, and keeps argument and input for the test.
    script('set', 'cat > stdin; printf "%s\\n" "$#" "$@" > argv; echo "$3" | sed \'s/,"from".*/}/\' > state');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('says before a switch begins that a set command is not there, or no executable file', async () => {
    const files = ['./set', './gone', 'no-such-tool-anywhere', './state', 'cat'];
    const nodes = files.map((file, index) => ({ name: `cdn-${index}`, read: ['./read'], set: [file] }));
    const { obstacles } = await router({ nodes }).inspect!();
    expect(obstacles).toHaveLength(3);
    for (const file of ['./gone', 'no-such-tool-anywhere', './state'])
      expect(obstacles).toContainEqual(expect.stringContaining(`the set command "${file}" is not there, or`));
  });

  it('reads, sets and reads back', async () => {
    const commands = router();
    await move(commands);
    expect((await commands.read()).weights).toEqual(green);
    expect(commands).toMatchObject({ can: { atomic: false, weighted: false }, warning: expect.any(String) });
  });

  it('gives the weights as argument and on standard input, and lets no shell see a word', async () => {
    await move(router());
    const document = '{"weights":{"pool-a":0,"pool-b":100},"from":{"pool-a":100,"pool-b":0}}';
    expect(readFileSync(at('argv'), 'utf8')).toBe(`3\n--service\nshop $(touch x) ;\n${document}\n`);
    expect(readFileSync(at('stdin'), 'utf8')).toBe(document);
    expect(existsSync(at('x'))).toBe(false);
  });

  it('sets nothing when the traffic is there already', async () => {
    const commands = router();
    const [call] = commands.plan(await commands.read(), green);
    await commands.apply(call!);
    rmSync(at('argv'));
    await commands.apply(call!);
    expect(existsSync(at('argv'))).toBe(false);
  });

  it('sets nothing when someone else moved the traffic meanwhile', async () => {
    const commands = router({ weighted: true });
    const [call] = commands.plan(await commands.read(), green);
    writeFileSync(at('state'), state(60, 40));
    await expect(commands.apply(call!)).rejects.toThrow(
      /changed by someone else since it was read: it says blue 60 %, green 40 %, and was blue 100 %; nothing was set/,
    );
    expect(existsSync(at('argv'))).toBe(false);
  });

  it('waits for a system that shows a change late', async () => {
    script('set', `echo '${state(0, 100)}' > state.next`);
    script(
      'read',
      'if [ -e state.next ] && [ -e asked ]; then mv state.next state; fi; [ ! -e state.next ] || touch asked; cat state',
    );
    await move(router());
    expect(readFileSync(at('state'), 'utf8')).toContain('"pool-b":100');
    expect(existsSync(at('asked'))).toBe(true);
  });

  it('does not believe a set that only says it worked', async () => {
    script('set', 'exit 0');
    await expect(move(router({ within: '10ms' }))).rejects.toThrow(
      /the set command ended well, but 10 ms later the read command still says blue 100 %/,
    );
  });

  it.each([
    [
      'fails',
      'read',
      'echo "no such pool" >&2; exit 3',
      /the read command ".\/read" ended with 3 and said "no such pool"/,
    ],
    [
      'prints nonsense',
      'read',
      'echo hello',
      /the read command must print one JSON document .* and printed "hello"/,
    ],
    [
      'never ends',
      'read',
      'sleep 30',
      /the read command ".\/read" was ended, timeout after 600 ms \(router\.timeout\)/,
    ],
    [
      'fails',
      'set',
      'cat > /dev/null; echo half done; exit 1',
      /the set command ".\/set" ended with 1 and said "half done"/,
    ],
    [
      'never ends',
      'set',
      'sleep 30',
      /the set command .* timeout after 600 ms .*; what it had done by then is not known/,
    ],
    ['prints without end', 'set', 'exec yes', /the set command .* was ended, too much output/],
  ])('says so when a command %s: %s', async (what, name, body, why) => {
    script(name, body);
    const timeout = what === 'never ends' ? '600ms' : '5s';
    await expect(move(router({ timeout }))).rejects.toMatchObject({
      name: 'RouterError',
      node: 'cdn',
      message: expect.stringMatching(why),
    });
  });

  it.each([
    ['is not executable', () => chmodSync(at('read'), 0o644), /did not start .*EACCES.*chmod \+x/],
    ['is not there', () => rmSync(at('read')), /did not start .*ENOENT/],
  ])('says what to do when a command %s', async (_, spoil, why) => {
    spoil();
    await expect(router().read()).rejects.toThrow(why);
  });

  it('hands on the listed variables and no other', async () => {
    process.env['COMMAND_TEST_OTHER'] = 'other';
    try {
      script('read', 'env > env.txt; cat state');
      await router({ env: ['CDN_TOKEN'] }, { CDN_TOKEN: 'token', COMMAND_TEST_OTHER: 'other' }).read();
    } finally {
      delete process.env['COMMAND_TEST_OTHER'];
    }
    const handed = readFileSync(at('env.txt'), 'utf8');
    expect(handed).toContain('CDN_TOKEN=token\n');
    expect(handed).not.toMatch(/COMMAND_TEST_OTHER|INPUT_|NODE_OPTIONS/);
  });

  it('understand an answer that names a variable handed on, and blank it where they quote one', async () => {
    const commands = router({ env: ['POOL'] }, { POOL: 'pool-a' });
    expect((await commands.read()).weights).toEqual(blue);
    script('read', 'echo "no idea of $POOL"');
    await expect(commands.read()).rejects.toThrow(/and printed "no idea of \*\*\*"/);
  });

  it('says which listed variable is not set', async () => {
    await expect(router({ env: ['CDN_TOKEN'] }).read()).rejects.toThrow(
      /the variable CDN_TOKEN, .* is not set/,
    );
  });

  it('quotes no secret and no command of the runner', async () => {
    script(
      'read',
      'echo "denied for $CDN_TOKEN" >&2; echo "::set-env name=X::y" >&2; echo "##[add-path]z" >&2; exit 1',
    );
    const failed = router({ env: ['CDN_TOKEN'] }, { CDN_TOKEN: 'hunter2' }).read();
    await expect(failed).rejects.toThrow('denied for ***');
    const message = await failed.catch((error: Error) => error.message);
    expect(message).not.toMatch(/hunter2|\n|##\[/);
  });

  it.each([
    ['another action', { do: 'write-weights', to: JSON.stringify(green), from: JSON.stringify(blue) }],
    ['no condition', { do: 'set', to: JSON.stringify(green) }],
    ['weights of other colours', { do: 'set', to: '{"red":1,"green":0}', from: JSON.stringify(blue) }],
  ])('refuses a journaled call with %s', async (_, action) => {
    await expect(router().apply({ node: 'cdn', say: 'a call', action: action as never })).rejects.toThrow(
      /journaled call "a call" does not fit/,
    );
    expect(existsSync(at('argv'))).toBe(false);
  });

  it('asks and sets each node by its own commands', async () => {
    script('read2', 'cat state2');
    script('set2', `echo '${state(0, 100)}' > state2`);
    writeFileSync(at('state2'), state(100, 0));
    const nodes = [
      { name: 'cdn', read: ['./read'], set: ['./set', '', ''] },
      { name: 'flags', read: ['./read2'], set: ['./set2'] },
    ];
    const commands = router({ nodes });
    const calls = commands.plan(await commands.read(), green);
    await commands.apply(calls[0]!);
    expect((await commands.read()).nodes).toEqual({ cdn: green, flags: blue });
    await commands.apply(calls[1]!);
    expect((await commands.read()).nodes).toEqual({ cdn: green, flags: green });
  });
});
