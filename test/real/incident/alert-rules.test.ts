import { spawnSync } from 'node:child_process';
import { expect, it } from '@jest/globals';

const promtool = (...args: string[]) =>
  spawnSync('promtool', args, { cwd: 'workflows-templates/monitoring', encoding: 'utf8' });

it.each(['alerts', 'slo', 'capacity'])(
  'Prometheus takes the rules of %s.yml, and they fire for the service that is bad, by its name',
  (name) => {
    expect(promtool('check', 'rules', `${name}.yml`)).toMatchObject({ status: 0 });
    const tested = promtool('test', 'rules', `${name}.test.yml`);
    expect({ status: tested.status, said: tested.stderr }).toEqual({ status: 0, said: '' });
  },
  300_000,
);
