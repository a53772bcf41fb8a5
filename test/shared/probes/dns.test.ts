import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { dnsProbe, type DnsProbeStep, type RecordType } from '../../../shared/probes/network/dns.js';
import { dnsName, serveDns, type DnsAnswer } from '../../support/servers/dns.js';

const number16 = (...values: number[]) => Buffer.from(values.flatMap((value) => [value >> 8, value & 0xff]));
const zone: Record<string, DnsAnswer> = {
  'shop.example.com 1': [
    { type: 1, data: Buffer.from([192, 0, 2, 1]) },
    { type: 1, data: Buffer.from([192, 0, 2, 2]) },
  ],
  'shop.example.com 28': [{ type: 28, data: Buffer.from('20010db8000000000000000000000001', 'hex') }],
  'shop.example.com 15': [{ type: 15, data: Buffer.concat([number16(10), dnsName('mail.example.com')]) }],
  'shop.example.com 16': [
    {
      type: 16,
      data: Buffer.concat([Buffer.from([5]), Buffer.from('v=spf'), Buffer.from([3]), Buffer.from('1 -')]),
    },
  ],
  'www.example.com 5': [{ type: 5, data: dnsName('shop.example.com') }],
  '_sip._tcp.example.com 33': [
    { type: 33, data: Buffer.concat([number16(1, 5, 5060), dnsName('sip.example.com')]) },
  ],
  'shop.example.com 2': [{ type: 2, data: dnsName('ns1.example.com') }],
  'shop.example.com 257': [
    { type: 257, data: Buffer.concat([Buffer.from([0, 5]), Buffer.from('issueletsencrypt.org')]) },
  ],
  'shop.example.com 33': [],
  'gone.example.com 1': 3,
  'broken.example.com 1': 2,
  'refused.example.com 1': 5,
  'silent.example.com 1': 'silence',
};
let dns: Awaited<ReturnType<typeof serveDns>>;
beforeAll(async () => {
  dns = await serveDns((name, type) => zone[`${name} ${type}`] ?? 3);
});
afterAll(() => dns.close());

const observe = (step: Partial<DnsProbeStep>, timeoutMs = 60_000) =>
  dnsProbe().observe({ name: 'shop.example.com', type: 'A', server: dns.server, ...step }, { timeoutMs });

test.each<[RecordType, string, string[]]>([
  ['A', 'shop.example.com', ['192.0.2.1', '192.0.2.2']],
  ['AAAA', 'shop.example.com', ['2001:db8::1']],
  ['MX', 'shop.example.com', ['10 mail.example.com']],
  ['TXT', 'shop.example.com', ['"v=spf1 -"']],
  ['CNAME', 'www.example.com', ['shop.example.com']],
  ['SRV', '_sip._tcp.example.com', ['1 5 5060 sip.example.com']],
  ['NS', 'shop.example.com', ['ns1.example.com']],
  ['CAA', 'shop.example.com', ['0 issue "letsencrypt.org"']],
])('%s records of %s are %j', async (type, name, records) => {
  const probed = await observe({ type, name });
  expect(probed).toMatchObject({ ok: true, observation: { records, question: `${type} ${name}` } });
  expect(probed.ok && probed.observation.json()).toEqual({ ok: true, value: records });
});

test.each<[string, Partial<DnsProbeStep>, RegExp]>([
  ['a name that does not exist', { name: 'gone.example.com' }, /does not exist/],
  ['a name without such a record', { type: 'SRV' }, /no record of this type/],
])('%s is observed as one without records', async (_, step, reason) => {
  expect(await observe(step)).toMatchObject({
    ok: true,
    observation: { records: [], reason: expect.stringMatching(reason) },
  });
});

test.each<[string, Partial<DnsProbeStep>, string]>([
  ['a resolver that failed', { name: 'broken.example.com' }, 'dns'],
  ['a resolver that refuses', { name: 'refused.example.com' }, 'dns'],
  ['a resolver that is silent', { name: 'silent.example.com' }, 'timeout'],
  ['a resolver that is no IP address', { server: 'resolver.example.com' }, 'dns'],
])('%s is a stated failure, and no proof that there is no record', async (_, step, kind) => {
  expect(await observe(step, 200)).toMatchObject({ ok: false, fault: { kind } });
});
