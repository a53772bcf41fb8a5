import { describe, expect, test } from '@jest/globals';
import type { Socket } from 'node:net';
import { guardedLookup } from '../../../shared/http/connect/addresses.js';
import { sqlProbe, type SqlProbeStep } from '../../../shared/probes/sql.js';
import { mysqlServer } from '../../support/servers/mysql.js';
import { int32, message, postgresqlServer } from '../../support/servers/postgresql.js';
import { serveTcp } from '../../support/servers/tcp.js';

async function against(
  scheme: string,
  onSocket: (socket: Socket) => void,
  step: Partial<SqlProbeStep> = {},
  timeoutMs = 60_000,
) {
  const server = await serveTcp(onSocket);
  try {
    const url = `${scheme}://shop:s3cret-pass@${server.address}/shop`;
    const whole = {
      url,
      query: 'SELECT version FROM migrations',
      params: [],
      write: false,
      tls: false,
      maxBytes: 100_000,
      ...step,
    };
    return await sqlProbe(guardedLookup(), []).observe(whole, { timeoutMs });
  } finally {
    await server.close();
  }
}

const onceAsked =
  (...answers: (Buffer | string)[]) =>
  (socket: Socket) => {
    socket.on('data', () => {
      const answer = answers.shift();
      if (answer !== undefined) socket.write(answer);
    });
  };
const wantsScram = message('R', int32(10), 'SCRAM-SHA-256\0\0');
const scramAnswer = (rounds: string) => (socket: Socket) => {
  let asked = 0;
  socket.on('data', (data: Buffer) => {
    asked++;
    if (asked === 1) socket.write(wantsScram);
    else if (asked === 2) {
      const nonce = /r=(\S+)$/.exec(data.toString('latin1'))?.[1] ?? '';
      socket.write(message('R', int32(11), `r=${nonce}more,s=c2FsdA==,i=${rounds}`));
    } else if (asked === 3)
      socket.write(
        Buffer.concat([message('R', int32(12), 'v=bm90IHJpZ2h0'), message('R', int32(0)), message('Z', 'I')]),
      );
  });
};

describe('PostgreSQL: a stated failure is', () => {
  test.each<[string, (socket: Socket) => void, Partial<SqlProbeStep>, string, RegExp]>([
    [
      'a server without TLS where it is wanted',
      onceAsked('N'),
      { tls: true },
      'tls',
      /offers no TLS.*tls: off/,
    ],
    [
      'bytes in the clear behind the consent to TLS',
      onceAsked('Sforged'),
      { tls: true },
      'protocol',
      /more than its consent/,
    ],
    [
      'a login without the server proving itself',
      onceAsked(wantsScram, Buffer.concat([message('R', int32(0)), message('Z', 'I')])),
      {},
      'sql',
      /did not prove/,
    ],
    ['a server that skips to ready', onceAsked(wantsScram, message('Z', 'I')), {}, 'sql', /did not prove/],
    ['a wrong proof of the server', scramAnswer('4096'), {}, 'sql', /server signature does not match/],
    ['a billion rounds of hashing', scramAnswer('999999999'), {}, 'sql', /iteration count 999999999 exceeds/],
    [
      'a nonce that is not ours',
      onceAsked(wantsScram, message('R', int32(11), 'r=theirs,s=c2FsdA==,i=4096')),
      {},
      'sql',
      /nonce/,
    ],
    ['an unknown kind of login', onceAsked(message('R', int32(7))), {}, 'sql', /authentication by number 7/],
    [
      'a message of a gigabyte',
      onceAsked(Buffer.concat([Buffer.from('R'), int32(0x4000_0000)])),
      {},
      'too-large',
      /100000 bytes/,
    ],
    ['a server of another protocol', onceAsked('HTTP/1.1 400 Bad Request\r\n\r\n'), {}, 'too-large', /./],
    ['a message cut short', onceAsked(message('R', 'x')), {}, 'protocol', /cut short/],
    ['an error without an end', onceAsked(message('E', 'Mno end\0')), {}, 'protocol', /cut short/],
    ['a notice without an end', onceAsked(message('N', 'M')), {}, 'protocol', /cut short/],
    ['an answer nobody asked for', onceAsked(message('T', 'x')), {}, 'protocol', /cut short/],
    ['less than no columns', onceAsked(message('T', '\xff\xff')), {}, 'protocol', /cut short/],
    ['silence', () => undefined, {}, 'timeout', /within 2000 ms/],
    ['a server that hangs up', (socket) => void socket.end(), {}, 'reset', /closed the connection/],
    [
      'messages without end',
      (socket) =>
        void setInterval(() => socket.write(message('N', 'M', 'x'.repeat(50_000), '\0\0')), 1).unref(),
      {},
      'too-large',
      /100000 bytes/,
    ],
  ])('%s', async (_, onSocket, step, kind, text) => {
    const probed = await against('postgresql', onSocket, step, 2_000);
    expect(probed).toMatchObject({ ok: false, fault: { kind, message: expect.stringMatching(text) } });
    expect(JSON.stringify(probed)).not.toContain('s3cret');
  });
});

describe('PostgreSQL', () => {
  const password = 's3cret-pass';

  test('a server that proves by its signature that it knows the password is asked', async () => {
    expect(await against('postgresql', postgresqlServer({ password }))).toMatchObject({
      ok: true,
      observation: { columns: ['version'], rows: [{ version: 42 }] },
    });
  });

  test.each([
    ['wrong', /server signature does not match/],
    ['none', /did not prove that it knows the password/],
  ] as const)('a server whose signature is %s is asked nothing', async (proof, text) => {
    const seen: string[] = [];
    const server = postgresqlServer({ password, proof, onMessage: (type) => void seen.push(type) });
    expect(await against('postgresql', server)).toMatchObject({
      ok: false,
      fault: { kind: 'sql', message: expect.stringMatching(text) },
    });
    expect(seen).toEqual(['startup', 'p', 'p']);
  });

  test('a wrong password is refused with the words of the server', async () => {
    expect(await against('postgresql', postgresqlServer({ password: 'other' }))).toMatchObject({
      ok: false,
      fault: { kind: 'sql', message: expect.stringMatching(/password authentication failed \(28P01\)/) },
    });
  });

  test('statements go out read-only, one at a time and apart from their values', async () => {
    const seen: string[] = [];
    const server = postgresqlServer({ password, onMessage: (type, body) => void seen.push(type + body) });
    await against('postgresql', server, { query: 'SELECT $1, $2', params: ["a'b", null] });
    const zero = '\0';
    expect(seen.slice(3, 9)).toEqual([
      `QBEGIN READ ONLY; SET LOCAL statement_timeout = 60000${zero}`,
      `P${zero}SELECT $1, $2${zero}${zero}${zero}`,
      expect.stringMatching(/^B.*a'b/s),
      `DP${zero}`,
      expect.stringMatching(/^E/),
      'S',
    ]);
    expect(seen[9]).toBe(`QROLLBACK${zero}`);
  });

  test('variables of the environment and files of passwords change nothing of how a suite connects', async () => {
    const variables = {
      PGUSER: 'other',
      PGPASSWORD: 'leaked',
      PGDATABASE: 'other',
      PGOPTIONS: '-c search_path=other',
      PGREPLICATION: 'database',
      PGAPPNAME: 'other',
      PGSSLMODE: 'require',
      PGSSLNEGOTIATION: 'direct',
      PGHOST: '/tmp',
      PGPORT: '1',
      PGCLIENT_ENCODING: 'LATIN1',
    };
    const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
    Object.assign(process.env, variables);
    try {
      const seen: string[] = [];
      const server = postgresqlServer({
        password: '',
        cleartext: true,
        onMessage: (type, body) => void seen.push(type + body),
      });
      const probed = await against('postgresql', server, { password: '' });
      expect(probed).toMatchObject({ ok: true });
      expect(seen[0]!.slice('startup'.length + 4).split('\0')).toEqual([
        ...['user', 'shop', 'database', 'shop', 'application_name', 'smoke-test'],
        ...['client_encoding', 'UTF8', '', ''],
      ]);
      expect(seen[1]).toBe('p\0');
    } finally {
      for (const [name, value] of before)
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
    }
  });

  test.each<[string, Partial<SqlProbeStep>]>([
    ['a statement', { query: 'SELECT 1\0' }],
    ['a password', { password: 'a\0b' }],
  ])('%s with a zero byte, which would end it early, is not sent', async (_, step) => {
    const seen: string[] = [];
    const server = postgresqlServer({ password, onMessage: (type) => void seen.push(type) });
    expect(await against('postgresql', server, step)).toMatchObject({
      ok: false,
      fault: { kind: 'sql', message: expect.stringMatching(/zero byte/) },
    });
    expect(seen).toEqual([]);
  });

  test('COPY and a statement without anything are stated failures', async () => {
    const answering = (...answer: Buffer[]) =>
      postgresqlServer({
        password,
        onMessage: (type) => (type === 'S' ? Buffer.concat([...answer, message('Z', 'T')]) : undefined),
      });
    expect(await against('postgresql', answering(message('1'), message('2'), message('I')))).toMatchObject({
      ok: false,
      fault: { kind: 'sql', message: expect.stringMatching(/the statement is empty/) },
    });
    const copied = answering(
      message('H', '\0\0\0'),
      message('d', 'row'),
      message('c'),
      message('C', 'COPY 1\0'),
    );
    expect(await against('postgresql', copied)).toMatchObject({
      ok: false,
      fault: { kind: 'sql', message: expect.stringMatching(/COPY cannot be run/) },
    });
  });
});

test.each<[string, string, RegExp]>([
  ['a password', 'postgres://u:pw9%zz@h/d', /the password in the url is not percent-encoded .*%25 for %/],
  ['a user', 'mysql://u%zz:pw9@h/d', /the user in the url is not percent-encoded/],
  ['a database', 'postgresql://u:pw9@h/d%zz', /the database in the url is not percent-encoded/],
  ['a password cut by a slash', 'postgres://u:1/pw9%zz@h/d', /an @ behind its host.*%2F for \//],
  ['a password cut by a #', 'mariadb://u:1#pw9@h/d', /an @ behind its host.*%23 for #/],
  [
    'a password cut by a slash behind letters',
    'mysql://u:p/pw9@h/d',
    /not postgresql:\/\/user@host.*%2F for \//,
  ],
])('%s that is badly encoded is said, with what to write, and not shown', async (_, url, message) => {
  const step = { url, query: 'q', params: [], write: false, tls: false, maxBytes: 1 };
  const probed = await sqlProbe(guardedLookup(), []).observe(step, { timeoutMs: 200 });
  expect(probed).toMatchObject({
    ok: false,
    fault: { kind: 'protocol', message: expect.stringMatching(message) },
  });
  expect(JSON.stringify(probed)).not.toContain('pw9');
});

describe('MySQL', () => {
  const password = 's3cret-pass';
  test.each([true, false])(
    'logs in by caching_sha2_password; the server knows the hash: %p',
    async (knowsHash) => {
      const probed = await against('mysql', mysqlServer({ password, knowsHash }));
      expect(probed).toMatchObject({ ok: true, observation: { rows: [{ version: 42 }] } });
    },
  );

  test.each([true, false])(
    'a wrong password is refused; the server knows the hash: %p',
    async (knowsHash) => {
      const probed = await against('mysql', mysqlServer({ password, knowsHash }), { password: 'wrong' });
      expect(probed).toMatchObject({
        ok: false,
        fault: { kind: 'sql', message: expect.stringMatching(/Access denied \(1045\)/) },
      });
    },
  );

  test('statements go out read-only, one at a time and with their values as bytes', async () => {
    const message: string[] = [];
    const listen = (text: string) => void message.push(text);
    await against(
      'mysql',
      mysqlServer({ password, knowsHash: true }, (text) => listen(text) as undefined),
      { query: "SELECT '?", params: ["a'b", null] },
    );
    expect(message).toEqual(
      [
        'SET SESSION max_execution_time = 60000',
        'START TRANSACTION READ ONLY',
        `SET @statement = CONVERT(0x${Buffer.from("SELECT '?").toString('hex')} USING utf8mb4)`,
        'PREPARE smoke FROM @statement',
        'SET @p0 = CONVERT(0x612762 USING utf8mb4), @p1 = NULL',
        'EXECUTE smoke USING @p0, @p1',
        'ROLLBACK',
        '',
      ].slice(0, message.length),
    );
    expect(message.length).toBeGreaterThanOrEqual(7);
  });

  test.each<[string, (socket: Socket) => void, string, RegExp]>([
    [
      'a server of another protocol',
      (socket) => void socket.write('220 mail.example.com ESMTP ready\r\n'),
      'too-large',
      /./,
    ],
    [
      'an old protocol',
      (socket) => void socket.write(Buffer.from([2, 0, 0, 0, 9, 0])),
      'protocol',
      /protocol of MySQL/,
    ],
    [
      'a greeting cut short',
      (socket) => void socket.write(Buffer.from([2, 0, 0, 0, 10, 0])),
      'protocol',
      /too short/,
    ],
    [
      'a server that is full',
      (socket) =>
        void socket.write(
          Buffer.concat([Buffer.from([23, 0, 0, 0, 0xff, 0x10, 0x04]), Buffer.from('Too many connections')]),
        ),
      'sql',
      /Too many connections \(1040\)/,
    ],
    [
      'a request for our files',
      mysqlServer({ password, knowsHash: true }, (text) =>
        text.startsWith('EXECUTE') ? [Buffer.from('\u00fb/etc/passwd', 'latin1')] : undefined,
      ),
      'sql',
      /LOAD DATA LOCAL/,
    ],
    ['silence', () => undefined, 'timeout', /within 2000 ms/],
  ])('%s is a stated failure', async (_, onSocket, kind, text) => {
    const probed = await against('mysql', onSocket, {}, 2_000);
    expect(probed).toMatchObject({ ok: false, fault: { kind, message: expect.stringMatching(text) } });
  });

  test('a server without TLS where it is wanted is a stated failure', async () => {
    const probed = await against('mysql', mysqlServer({ password, knowsHash: true }), { tls: true });
    expect(probed).toMatchObject({
      ok: false,
      fault: { kind: 'tls', message: expect.stringContaining('tls: off') },
    });
  });
});

describe('an address', () => {
  test.each<[string, Partial<SqlProbeStep>, string, RegExp]>([
    ['oracle://shop@127.0.0.1/shop', {}, 'protocol', /postgresql:\/\/user@host\/database/],
    ['nonsense', {}, 'protocol', /postgresql:\/\//],
    ['postgresql://127.0.0.1/shop', {}, 'protocol', /names no user/],
    ['postgresql://shop@127.0.0.1/shop?pool=5', {}, 'protocol', /parameter pool/],
    ['postgresql://shop@127.0.0.1/shop?sslmode=disable', { tls: true }, 'tls', /to do without: tls: off/],
    ['postgresql://shop@169.254.169.254/shop', {}, 'forbidden-address', /cloud credentials/],
  ])('%s is a stated failure', async (url, step, kind, text) => {
    expect(await against('postgresql', () => undefined, { url, ...step })).toMatchObject({
      ok: false,
      fault: { kind, message: expect.stringMatching(text) },
    });
  });
});
