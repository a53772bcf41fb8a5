import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { blue, green, nginxStage, type NginxStage } from './stage.js';
import { done, memoryMachine, move } from '../../transports/memory.js';

const section = {
  type: 'nginx',
  mode: 'symlink',
  link: '/etc/nginx/active.conf',
  targets: { blue: '/etc/nginx/blue.conf', green: '/etc/nginx/green.conf' },
};

describe('nginx by a symbolic link', () => {
  let at: NginxStage;
  /** Where links lead, what the running nginx has loaded, and every command. */
  let links: Record<string, string>;
  let loaded: string;
  let commands: string[];
  let refuses: string;

  beforeEach(async () => {
    at = await nginxStage();
    [links, loaded, commands, refuses] = [{ [section.link]: 'blue.conf' }, 'blue', [], ''];
    at.answer = () => ({ text: loaded });
    const machine = memoryMachine({});
    machine.command = (argv) => {
      commands.push(argv.join(' '));
      const [program, option, from = '', to = ''] = argv;
      if (program === 'readlink') {
        const target = links[option!];
        return target === undefined ? { ...done(), code: 1 } : { ...done(), stdout: `${target}\n` };
      }
      if (program === 'ln') links[to] = from;
      if (program === 'mv') {
        links[to] = links[from]!;
        delete links[from];
      }
      if (option === '-t' && refuses && links[section.link]!.includes(refuses))
        return { ...done(), code: 1, stderr: 'unknown directive' };
      if (option === '-s') loaded = links[section.link]!.includes('green') ? 'green' : 'blue';
      return done();
    };
    at.machines['edge-1'] = machine;
  });
  afterEach(() => at.close());
  const router = () => at.open(section, [{ name: 'edge-1', probe: `${at.probeUrl}/-/live` }]);

  it('renames a new link over the old one, has it tested, and reloads', async () => {
    expect((await router().read()).weights).toEqual(blue);
    await move(router(), green);
    expect(links).toEqual({ [section.link]: section.targets.green });
    expect((await router().read()).weights).toEqual(green);
    expect(router().plan(await router().read(), green)).toEqual([]);
    const changes = commands
      .filter((command) => !command.startsWith('readlink'))
      .map((command) => command.split(' ')[0]);
    expect(changes).toEqual(['ln', 'mv', 'nginx', 'nginx']);
  });

  it('leads to the old file again when nginx refuses the new one', async () => {
    refuses = 'green';
    await expect(move(router(), green)).rejects.toThrow(
      /refuses the configuration, so \/etc\/nginx\/active.conf is as it was: unknown directive/,
    );
    expect(links).toEqual({ [section.link]: 'blue.conf' });
    expect(loaded).toBe('blue');
  });

  it('tells what is on disk from what runs: a link moved by hand without a reload shows as saved', async () => {
    links[section.link] = section.targets.green;
    const seen = await router().read();
    expect(seen.weights).toEqual(blue);
    expect(seen.saved).toEqual({ 'edge-1': green });
    expect(
      router()
        .plan(seen, green)
        .map(({ action }) => action['do']),
    ).toEqual(['reload']);
  });

  it('is not moved when somebody else moved it since the plan', async () => {
    links[section.link] = section.targets.green;
    loaded = 'green';
    const [call] = router().plan(await router().read(), blue);
    links[section.link] = '/etc/nginx/maintenance.conf';
    await expect(router().apply(call!)).rejects.toThrow(
      /changed by someone else.*maintenance.conf.*nothing was done/,
    );
  });

  it.each([
    ['is no link', undefined, 'is no symbolic link. Fix: ln -s /etc/nginx/blue.conf /etc/nginx/active.conf'],
    ['leads elsewhere', 'other.conf', 'must lead to /etc/nginx/blue.conf or /etc/nginx/green.conf'],
  ])('says what is wrong where it %s', async (_what, target, why) => {
    if (target === undefined) delete links[section.link];
    else links[section.link] = target;
    await expect(router().read()).rejects.toThrow(why);
  });

  it('takes no weighted steps', async () => {
    const seen = await router().read();
    expect(() => router().plan(seen, { blue: 50, green: 50 })).toThrow(RangeError);
  });
});
