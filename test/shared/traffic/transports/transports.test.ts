import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nodesSchema } from '../../../../shared/traffic/transports/config.js';
import { localTransport } from '../../../../shared/traffic/transports/local.js';
import { editFile, parseAddress, type Machine } from '../../../../shared/traffic/transports/machine.js';
import { shellWords } from '../../../../shared/traffic/transports/shell-words.js';
import { sshArguments } from '../../../../shared/traffic/transports/ssh-client.js';
import { sshTransport } from '../../../../shared/traffic/transports/ssh.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'transport-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const ssh = { host: 'edge-1', user: 'deploy', port: 2222, key: 'keys/edge', 'known-hosts': 'known' };

describe('words for a remote shell', () => {
  it('stay bare where no shell reads syntax, so that a restricted key can name the command', () => {
    expect(shellWords(['sudo', 'nginx', '-t', '-c', '/etc/nginx/nginx.conf'])).toBe(
      'sudo nginx -t -c /etc/nginx/nginx.conf',
    );
  });

  it('come out of a shell as they went in, whatever is in them', () => {
    const words = fc.array(
      fc.string({ unit: 'grapheme' }).filter((word) => !/\p{Cc}/u.test(word)),
      { minLength: 1, maxLength: 20 },
    );
    const check = fc.property(words, (given) => {
      const printed = execFileSync('sh', ['-c', shellWords(['printf', '[%s]\\n', ...given])], {
        encoding: 'utf8',
      });
      expect(printed).toBe(given.map((word) => `[${word}]\n`).join(''));
    });
    fc.assert(check, { numRuns: 60 });
  });

  it.each(['a\nb', 'a\rb', '\u0000', '\u001b[31m'])(
    'are refused with the control character in %j',
    (word) => {
      expect(() => shellWords(['echo', word])).toThrow(/has a control character/);
    },
  );
});

describe('the section of a node', () => {
  const parse = (node: object) => nodesSchema({}).safeParse([{ name: 'edge-1', ...node }]);

  it('is local without ssh, and names what ssh needs', () => {
    expect(parse({}).data).toEqual([{ name: 'edge-1' }]);
    expect(parse({ ssh: { host: 'edge-1.example.com', 'known-hosts': '.github/known_hosts' } }).data).toEqual(
      [
        {
          name: 'edge-1',
          ssh: { host: 'edge-1.example.com', port: 22, 'known-hosts': '.github/known_hosts' },
        },
      ],
    );
  });

  it.each([
    { host: '-oProxyCommand=touch /tmp/x' },
    { host: 'edge one' },
    { host: 'user@edge' },
    { user: '-l' },
    { user: 'root;id' },
    { port: 0 },
    { key: '-F/tmp/config' },
    { key: '/keys/%h' },
    { key: 'two words' },
    { 'known-hosts': '/dev/null /home/x/.ssh/known_hosts' },
    { 'known-hosts': '"x' },
    { 'known-hosts': undefined },
    { 'strict-host-keys': false },
  ])('refuses %j', (change) => {
    expect(parse({ ssh: { ...ssh, ...change } }).success).toBe(false);
  });

  it('refuses two nodes of one name, and none', () => {
    expect(nodesSchema({}).safeParse([{ name: 'a' }, { name: 'a' }]).success).toBe(false);
    expect(nodesSchema({}).safeParse([]).success).toBe(false);
  });
});

describe('the client of ssh', () => {
  it('never asks, believes only the given host keys and learns none', () => {
    const line = sshArguments(ssh, '/workspace').join(' ');
    for (const option of [
      'BatchMode=yes',
      'StrictHostKeyChecking=yes',
      'UserKnownHostsFile=/workspace/known',
      'GlobalKnownHostsFile=/dev/null',
      'UpdateHostKeys=no',
      'VerifyHostKeyDNS=no',
      'NoHostAuthenticationForLocalhost=no',
      'ForwardAgent=no',
      'IdentityFile=/workspace/keys/edge',
      'IdentitiesOnly=yes',
    ])
      expect(line).toContain(`-o ${option}`);
    expect(line).toMatch(/-p 2222 -l deploy$/);
  });

  it('names its files in words that ssh reads as one path, whatever folder the runner works in', () => {
    const words = sshArguments(ssh, '/home/ci runner/100%');
    expect(words).toContain('UserKnownHostsFile="/home/ci runner/100%%/known"');
    expect(words).toContain('IdentityFile="/home/ci runner/100%%/keys/edge"');
  });

  it('asks the agent where no key is given', () => {
    expect(sshArguments({ ...ssh, key: undefined }, '/workspace').join(' ')).not.toMatch(/Identit/);
  });
});

/** What the suite left beside a file. */
const besides = (path: string) =>
  readdirSync(dirname(path)).filter((name) => name.startsWith(`${basename(path)}.`));

/** A client that runs the remote line in a shell of this machine, as sshd does, or does what `body` says. */
function clientThat(body: string): string {
  const program = join(folder, 'ssh');
  writeFileSync(program, `#!/bin/sh\nwhile [ "$1" != -- ]; do last=$1; shift; done\n${body}\n`, {
    mode: 0o755,
  });
  return program;
}
const asSshd = 'exec sh -c "$3"';

describe.each([
  ['local', () => localTransport('edge-1')],
  ['ssh', () => sshTransport('edge-1', ssh, folder, clientThat(asSshd))],
] as [string, () => Machine][])('files over %s', (_, open) => {
  it('are read whole, and undefined where there is none', async () => {
    const path = join(folder, "it's $(odd) \\ !name");
    writeFileSync(path, 'blau & grün\n\n');
    expect(await open().readFile(path)).toBe('blau & grün\n\n');
    expect(await open().readFile(join(folder, 'none'))).toBeUndefined();
  });

  it('are replaced whole and keep their mode', async () => {
    const path = join(folder, 'live file');
    writeFileSync(path, 'old', { mode: 0o640 });
    chmodSync(path, 0o640);
    await open().replaceFile(path, 'new: "$x" `id` ü\n');
    expect(readFileSync(path, 'utf8')).toBe('new: "$x" `id` ü\n');
    expect(statSync(path).mode & 0o777).toBe(0o640);
    expect(besides(path)).toEqual([]);
  });

  it('are made where there is none', async () => {
    await open().replaceFile(join(folder, 'new'), '');
    expect(readFileSync(join(folder, 'new'), 'utf8')).toBe('');
  });

  it('that cannot be replaced say so and leave nothing beside them', async () => {
    mkdirSync(join(folder, 'a folder'));
    await expect(open().replaceFile(join(folder, 'a folder'), 'x')).rejects.toThrow(
      /Node "edge-1": .*a folder could not be replaced/,
    );
    expect(besides(join(folder, 'a folder'))).toEqual([]);
    await expect(open().replaceFile(join(folder, 'no', 'such'), 'x')).rejects.toThrow(
      /could not be replaced/,
    );
  });

  it('that others changed since are left alone', async () => {
    const path = join(folder, 'live');
    writeFileSync(path, 'theirs');
    expect(await open().replaceFile(path, 'ours', 'what we read')).toBe('changed');
    expect(readFileSync(path, 'utf8')).toBe('theirs');
    expect(await open().replaceFile(path, 'ours', 'theirs')).toBe('replaced');
    expect(readFileSync(path, 'utf8')).toBe('ours');
    expect(besides(path)).toEqual([]);
  });

  it('behind a link are replaced where they are, and what was planted beside them is not followed', async () => {
    const [path, link, victim] = ['real.map', 'link.map', 'victim'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    writeFileSync(path, 'old');
    writeFileSync(victim, 'not to be touched');
    symlinkSync(path, link);
    for (const at of [path, link]) symlinkSync(victim, `${at}.devops-actions`);
    await open().replaceFile(link, 'new');
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(readFileSync(victim, 'utf8')).toBe('not to be touched');
  });

  it('that are folders are not read', async () => {
    await expect(open().readFile(folder)).rejects.toThrow(/could not be read/);
  });
});

describe.each([
  ['local', () => localTransport('edge-1')],
  ['ssh', () => sshTransport('edge-1', ssh, folder, clientThat(asSshd))],
] as [string, () => Machine][])('switch fault 3: a file over %s', (_, open) => {
  it('that several services change at once keeps the lines of all', async () => {
    const path = join(folder, 'shared.map');
    writeFileSync(path, '');
    const lines = Array.from({ length: 6 }, (_, index) => `key${index} value`);
    const add = (line: string) =>
      editFile('edge-1', open(), path, (text) => (text.includes(`${line}\n`) ? text : `${text}${line}\n`));
    await Promise.all(lines.map(add));
    expect(readFileSync(path, 'utf8').trimEnd().split('\n').sort()).toEqual([...lines].sort());
    expect(besides(path)).toEqual([]);
  });
});

describe.each([
  ['local', () => localTransport('edge-1')],
  ['ssh', () => sshTransport('edge-1', ssh, folder, clientThat(asSshd))],
] as [string, () => Machine][])('commands over %s', (_, open) => {
  it('get their words as they are and answer with code and both outputs', async () => {
    const run = await open().run(['sh', '-c', 'echo "$1"; echo no >&2; exit 3', 'sh', "$(id) 'x' *"], 5_000);
    expect(run).toEqual({ code: 3, stdout: "$(id) 'x' *\n", stderr: 'no\n' });
  });

  it('that take too long are ended', async () => {
    await expect(open().run(['sleep', '30'], 100)).rejects.toThrow(/sleep 30" .*was ended \(timeout\)/);
  });
});

describe('ssh that fails', () => {
  it.each([
    [
      'Host key verification failed.',
      /ssh to deploy@edge-1:2222 failed: Host key verification failed\.; its host key must stand in known/,
    ],
    [
      'deploy@edge-1: Permission denied (publickey).',
      /the public half of keys\/edge must be in authorized_keys/,
    ],
    ['ssh: connect to host edge-1 port 2222: Connection timed out', /failed: ssh: connect .* timed out\.$/],
    ['', /failed: no reason given/],
  ])('with "%s" says what to change', async (printed, message) => {
    const machine = sshTransport('edge-1', ssh, folder, clientThat(`echo '${printed}' >&2; exit 255`));
    await expect(machine.run(['true'], 5_000)).rejects.toThrow(message);
    await expect(machine.readFile('/etc/hostname')).rejects.toMatchObject({
      name: 'RouterError',
      node: 'edge-1',
    });
  });

  it('because there is no client says so', async () => {
    const machine = sshTransport('edge-1', ssh, folder, join(folder, 'no-ssh'));
    await expect(machine.run(['true'], 5_000)).rejects.toThrow(/no-ssh" could not be started/);
  });

  it('in the middle of a file leaves the old one', async () => {
    const path = join(folder, 'live');
    writeFileSync(path, 'old');
    const machine = sshTransport('edge-1', ssh, folder, clientThat('head -c 3 | sh -c "$3"'));
    await expect(machine.replaceFile(path, 'a longer text')).rejects.toThrow(/did not arrive whole/);
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(besides(path)).toEqual([]);
  });
});

describe('connections', () => {
  it('go to a port and to a socket of this machine', async () => {
    const server = createServer((socket) => socket.end('hello'));
    await new Promise<void>((resolve) => server.listen(join(folder, 'x.sock'), resolve));
    expect(await text(localTransport('n').connect({ socket: join(folder, 'x.sock') }))).toBe('hello');
    await new Promise((resolve) => server.close(resolve));
  });

  it('over ssh carry both ways and end when the client says that all went well', async () => {
    const stream = sshTransport('n', ssh, folder, clientThat('echo "to $last"; cat')).connect({
      host: '::1',
      port: 9999,
    });
    stream.end('show map\n');
    expect(await text(stream)).toBe('to [::1]:9999\nshow map\n');
  });

  it('over ssh never end well when the client failed after it had said something', async () => {
    const program = clientThat('echo partial; echo "open failed: connect failed" >&2; exit 255');
    const stream = sshTransport('n', ssh, folder, program).connect({ host: '127.0.0.1', port: 1 });
    await expect(text(stream)).rejects.toThrow(/ssh to deploy@edge-1:2222 failed: open failed/);
  });

  it('over ssh end their client when they are destroyed', async () => {
    const stream = sshTransport(
      'n',
      ssh,
      folder,
      clientThat(`echo $$ > '${folder}/pid'; echo up; exec sleep 60`),
    ).connect({
      host: '127.0.0.1',
      port: 1,
    });
    await new Promise((resolve) => stream.once('data', resolve));
    stream.destroy();
    const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
    const gone = () => {
      try {
        process.kill(pid, 0);
        return false;
      } catch {
        return true;
      }
    };
    for (let tries = 0; tries < 100 && !gone(); tries++)
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(gone()).toBe(true);
  });

  it('over ssh do not reach unix sockets, and say what does', () => {
    const machine = sshTransport('n', ssh, folder, clientThat('exit 0'));
    expect(() => machine.connect({ socket: '/run/x.sock' })).toThrow(/give the address/);
  });

  it('take host and port apart', () => {
    expect(parseAddress('127.0.0.1:9999')).toEqual({ host: '127.0.0.1', port: 9999 });
    expect(parseAddress('[::1]:80')).toEqual({ host: '::1', port: 80 });
  });
});
