import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { traefikSchema } from '../../../../../shared/traffic/routers/traefik/config.js';
import {
  editServiceFile,
  readService,
  readServiceFile,
} from '../../../../../shared/traffic/routers/traefik/file.js';

const config = { service: 'shop', backends: { blue: 'shop-blue', green: 'shop-green' } };
const blue = { blue: 100, green: 0 };

const answer = (body: unknown, status = 200) => ({ status, text: JSON.stringify(body) });
const weighted = (...services: { name: string; weight?: number }[]) => ({
  name: 'shop@file',
  provider: 'file',
  status: 'enabled',
  type: 'weighted',
  usedBy: ['shop@file'],
  weighted: { services },
});
const fileWith = (extra: string) =>
  `http:\n  services:\n    shop:\n      weighted:\n        services:\n          - { name: shop-blue, weight: 90 }\n          - { name: shop-green, weight: 10 }\n${extra}`;

describe("Traefik's API", () => {
  it.each([
    [
      'weights of its own scale',
      [
        { name: 'shop-blue', weight: 1 },
        { name: 'shop-green', weight: 3 },
      ],
      25,
      75,
    ],
    ['a weight left out as 1', [{ name: 'shop-blue' }, { name: 'shop-green', weight: 0 }], 100, 0],
    [
      'names with the file provider',
      [
        { name: 'shop-blue@file', weight: 0 },
        { name: 'shop-green@file', weight: 5 },
      ],
      0,
      100,
    ],
    [
      'services in any order',
      [
        { name: 'shop-green', weight: 10 },
        { name: 'shop-blue', weight: 90 },
      ],
      90,
      10,
    ],
    [
      'no weight anywhere',
      [
        { name: 'shop-blue', weight: 0 },
        { name: 'shop-green', weight: 0 },
      ],
      0,
      0,
    ],
  ])('is understood with %s', (_, services, onBlue, onGreen) => {
    expect(readService(config, answer(weighted(...services)))).toEqual({
      ok: true,
      weights: { blue: onBlue, green: onGreen },
    });
  });

  it('that does not know the service brings the file to write', () => {
    const reading = readService(config, answer({ message: 'service not found: shop@file' }, 404));
    expect(reading).toMatchObject({
      ok: false,
      why: expect.stringContaining('it has no service "shop@file"'),
    });
    const file = (reading as { why: string }).why.split('\n').slice(1).join('\n');
    expect(readServiceFile(config, file)).toEqual({ ok: true, weights: blue });
  });

  it.each([
    [
      'another status',
      { status: 502, text: 'Bad Gateway' },
      'its API answers 502 for shop@file: "Bad Gateway"',
    ],
    ['no JSON', { status: 200, text: '<html>' }, 'is not understood: "<html>"'],
    ['JSON of another kind', answer([1]), 'is not understood: "[1]"'],
    [
      'a service of another kind',
      answer({ status: 'enabled', loadBalancer: {} }),
      'shop@file is not a weighted service',
    ],
    [
      'a disabled service',
      answer({ ...weighted(), status: 'disabled', error: ['the service "shop-blue@file" does not exist'] }),
      'it has disabled shop@file: "the service \\"shop-blue@file\\" does not exist"',
    ],
    [
      'a service too many',
      answer(weighted({ name: 'shop-blue' }, { name: 'shop-green' }, { name: 'other' })),
      '"other" belongs to no colour',
    ],
    ['a service too few', answer(weighted({ name: 'shop-blue' })), '"shop-green" is missing'],
    [
      'a service twice',
      answer(weighted({ name: 'shop-blue' }, { name: 'shop-blue@file' }, { name: 'shop-green' })),
      '"shop-blue" stands twice',
    ],
    [
      'a weight below 0',
      answer(weighted({ name: 'shop-blue', weight: -1 }, { name: 'shop-green' })),
      'is not understood',
    ],
  ])('is refused with %s', (_, given, why) => {
    expect(readService(config, given)).toEqual({ ok: false, why: expect.stringContaining(why) });
  });

  it('cannot smuggle a command of the runner into a message', () => {
    const { why } = readService(config, { status: 500, text: 'x\n::add-mask::y\n##[error]z' }) as {
      why: string;
    };
    expect(why).not.toContain('\n');
    expect(why).not.toContain('##[');
  });
});

describe("Traefik's file", () => {
  it('is written anew where there is none', () => {
    const edited = editServiceFile(config, undefined, blue) as { text: string };
    expect(parse(edited.text)).toEqual({
      http: {
        services: {
          shop: {
            weighted: {
              services: [
                { name: 'shop-blue', weight: 100 },
                { name: 'shop-green', weight: 0 },
              ],
            },
          },
        },
      },
    });
  });

  it('keeps what it says of sticky sessions and health', () => {
    const rest = '        sticky: { cookie: { name: shop } }\n        healthCheck: {}\n';
    const edited = editServiceFile(config, fileWith(rest), blue) as { text: string };
    expect(parse(edited.text)).toMatchObject({
      http: { services: { shop: { weighted: { sticky: { cookie: { name: 'shop' } }, healthCheck: {} } } } },
    });
    expect(readServiceFile(config, edited.text)).toEqual({ ok: true, weights: blue });
  });

  it('is the same text when written twice', () => {
    const once = editServiceFile(config, fileWith(''), blue) as { text: string };
    expect(editServiceFile(config, once.text, blue)).toEqual({ ok: true, text: once.text });
  });

  it.each([
    ['other services', fileWith('    other:\n      loadBalancer: { servers: [] }\n'), 'http.services.other'],
    ['routers', fileWith('  routers: {}\n'), 'http.routers'],
    ['something that is no YAML', 'http: [', 'line 1'],
    ['another service', fileWith('').replace('shop:', 'store:'), 'http.services'],
  ])('with %s is neither believed nor overwritten', (_, text, why) => {
    const refusal = { ok: false, why: expect.stringContaining(why) };
    expect(readServiceFile(config, text)).toEqual(refusal);
    expect(editServiceFile(config, text, blue)).toEqual(refusal);
  });
});

describe('the Traefik section', () => {
  const section = {
    type: 'traefik',
    nodes: [{ name: 'edge-1', file: '/etc/traefik/dynamic/shop.yml', api: 'http://127.0.0.1:8080' }],
    service: 'shop',
    backends: { blue: 'shop-blue@docker', green: 'shop-green@docker' },
  };
  const node = (changes: object) => ({ ...section, nodes: [{ ...section.nodes[0], ...changes }] });

  it('is taken as the documentation shows it', () => {
    expect(traefikSchema.parse(section)).toMatchObject({ service: 'shop', within: 10_000 });
  });

  it.each([
    ['a template in a service name', { ...section, service: '{{ env "TOKEN" }}' }],
    ['a template in a backend', { ...section, backends: { blue: '{{x}}', green: 'b' } }],
    ['a line break in a backend', { ...section, backends: { blue: 'a\nb', green: 'b' } }],
    ['a service with its provider', { ...section, service: 'shop@docker' }],
    ['both colours on one backend', { ...section, backends: { blue: 'a', green: 'a' } }],
    ['a relative file', node({ file: 'shop.yml' })],
    ['a file that Traefik does not read', node({ file: '/etc/traefik/dynamic/shop.json' })],
    ['a password in the address', node({ api: 'http://u:p@127.0.0.1:8080' })],
    ['an address of another kind', node({ api: 'file:///etc/passwd' })],
    ['an address that ssh cannot carry as it is', node({ api: 'https://127.0.0.1:8443' })],
    ['two nodes of one name', { ...section, nodes: [section.nodes[0], section.nodes[0]] }],
    ['a key it does not know', { ...section, weight: 3 }],
  ])('is refused with %s', (_, given) => {
    expect(traefikSchema.safeParse(given).success).toBe(false);
  });
});
