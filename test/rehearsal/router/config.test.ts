import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readConfig, splitAddress } from '../../../rehearsal/router/config.js';
import { oneBackend } from '../../support/traffic/one-backend.js';

describe('a router configuration', () => {
  const { config, remove } = oneBackend([8080]);
  let file: string;
  beforeAll(() => {
    file = join(dirname(config.socket), 'router.json');
  });
  afterAll(remove);

  const read = (changed: object): unknown => {
    writeFileSync(file, JSON.stringify({ ...config, ...changed }));
    return readConfig(file);
  };

  it('is read from JSON', () => {
    expect(read({})).toEqual(config);
  });

  it.each([
    ['a misspelt key', { socket_path: 'x' }, 'socket_path'],
    ['an address without a port', { listen: 'localhost' }, 'expected HOST:PORT'],
    [
      'a default that is no backend',
      { map: { ...config.map, default: 'blue' } },
      '"blue" is no backend; allowed: app',
    ],
    ['a backend without servers', { backends: { app: { servers: {} } } }, 'at least one server'],
    [
      'a weight over 256',
      { backends: { app: { servers: { a: { address: '127.0.0.1:1', weight: 300 } } } } },
      'backends.app.servers.a.weight',
    ],
  ])('is refused for %s', (_, changed, says) => {
    expect(() => read(changed)).toThrow(says);
    expect(() => read(changed)).toThrow(file);
  });

  it('may hold an IPv6 address in brackets', () => {
    expect(splitAddress('[::1]:80')).toEqual({ host: '::1', port: 80 });
  });
});
