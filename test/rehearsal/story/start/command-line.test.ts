import { describe, expect, it } from '@jest/globals';
import { readWishes } from '../../../../rehearsal/story/start/command-line.js';

const read = (...args: string[]) => readWishes(args, '/home/ana');

describe('the command line of the rehearsal', () => {
  it('plays the embedded router with this Node when nothing is asked', () => {
    expect(read()).toEqual({
      help: false,
      json: false,
      verbose: false,
      router: 'embedded',
      node: undefined,
      dir: undefined,
    });
  });

  it('takes paths from where it was called, and names of programs as they are', () => {
    expect(read('--dir', 'out', '--node', '../node', '--router=nginx')).toMatchObject({
      dir: '/home/ana/out',
      node: '/home/node',
      router: 'nginx',
    });
    expect(read('--node', 'node22').node).toBe('node22');
  });

  it.each(['-h', '--help'])('understands %s', (flag) => expect(read(flag).help).toBe(true));

  it.each([
    [['--routr', 'nginx'], 'There is no option --routr, did you mean --router?'],
    [['--routr=nginx'], 'There is no option --routr, did you mean --router?'],
    [['--jsn'], 'There is no option --jsn, did you mean --json?'],
    [['-x'], 'There is no option -x'],
    [['--constructor'], 'There is no option --constructor'],
    [['--router'], '--router needs a value.'],
    [['--router='], '--router needs a value.'],
    [['--router', '--json'], '--router needs a value, got "--json".'],
    [['--node'], '--node needs a value.'],
    [['--json=yes'], '--json takes no value, got "yes".'],
    [['--router', 'ngnix'], '--router ngnix is unknown, did you mean nginx?'],
    [['--router', 'iis'], '--router iis is unknown (allowed: embedded, haproxy, nginx, caddy).'],
    [['haproxy'], '"haproxy" is not an option, did you mean --router haproxy?'],
    [['please'], '"please" is not an option.'],
    [['--router', 'nginx', '--router', 'caddy'], '--router was given 2 times'],
  ])('refuses %j', (args, message) => {
    expect(() => read(...args)).toThrow(message);
  });

  it('names all that is wrong at once', () => {
    expect(() => read('--routr', '--jsn')).toThrow(/--router\?\n.*--json\?/);
  });
});
