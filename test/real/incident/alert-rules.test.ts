import { spawnSync } from 'node:child_process';
import { expect, it } from '@jest/globals';

const promtool = (...args: string[]) =>
  spawnSync('promtool', args, { cwd: 'workflows-templates/monitoring', encoding: 'utf8' });

it('Prometheus takes the alert rules, and they fire for the service that is bad, by its name', () => {
  expect(promtool('check', 'rules', 'alerts.yml')).toMatchObject({ status: 0 });
  const tested = promtool('test', 'rules', 'alerts.test.yml');
  expect({ status: tested.status, said: tested.stderr }).toEqual({ status: 0, said: '' });
});
