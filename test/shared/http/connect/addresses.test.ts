import { expect, test } from '@jest/globals';
import { isMetadataAddress, isMetadataHost } from '../../../../shared/http/connect/addresses.js';
import { createHttpClient } from '../../../../shared/http/client.js';

test.each([
  '169.254.169.254',
  '169.254.170.2',
  '100.100.100.200',
  '168.63.129.16',
  'fd00:ec2::254',
  '[fd00:ec2::254]',
  '::ffff:169.254.169.254',
  '::ffff:a9fe:a9fe',
  '64:ff9b::a9fe:a9fe',
  '2002:a9fe:a9fe::1',
  'fe80::a9fe:a9fe%eth0',
])('%s is a metadata address', (address) => {
  expect(isMetadataAddress(address)).toBe(true);
});

test.each([
  '127.0.0.1',
  '10.0.0.1',
  '192.168.1.1',
  '100.100.100.201',
  '::1',
  'fd00:ec2::255',
  '::ffff:127.0.0.1',
  'shop',
])('%s is none: internal services are tested too', (address) => {
  expect(isMetadataAddress(address)).toBe(false);
});

test.each(['metadata.google.internal', 'Metadata.Google.Internal.', 'instance-data'])(
  '%s is a metadata name',
  (name) => {
    expect(isMetadataHost(name)).toBe(true);
  },
);

test.each([
  'http://169.254.169.254/',
  'http://0xa9fea9fe/',
  'http://2852039166/',
  'http://[::ffff:169.254.169.254]/',
  'http://metadata.google.internal/',
])('%s is never contacted', async (url) => {
  const client = createHttpClient();
  expect(await client.send({ url, timeoutMs: 60_000 })).toMatchObject({
    fault: { kind: 'forbidden-address' },
  });
  client.close();
});

test('a name is refused when any of its addresses is one, whatever comes first', async () => {
  const client = createHttpClient({
    resolve: (_name, _options, callback) =>
      callback(null, [
        { address: '127.0.0.1', family: 4 },
        { address: '169.254.169.254', family: 4 },
      ]),
  });
  expect(await client.send({ url: 'http://rebound.example/', timeoutMs: 60_000 })).toMatchObject({
    fault: {
      kind: 'forbidden-address',
      message: expect.stringMatching(/rebound\.example resolves to 169\.254\.169\.254/),
    },
  });
  client.close();
});
