import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Machine } from '../../../shared/traffic/transports/machine.js';
import { openTransport } from '../../../shared/traffic/transports/open.js';
import { shellWords } from '../../../shared/traffic/transports/shell-words.js';
import { freePorts } from '../../support/servers/real.js';
import { startSshd, type SshServer } from './ssh-server.js';

const hostile = [
  ...[
    '',
    ' ',
    'a b',
    "it's",
    '"',
    '$(touch /tmp/x)',
    '`id`',
    '$HOME',
    '${IFS}',
    ';',
    '&&',
    '|',
    '>x',
    '<x',
    '&',
  ],
  ...[
    '!',
    '!!',
    'a!b',
    '\\',
    '\\\\',
    "\\'",
    "'\\''",
    '*',
    '?',
    '[a]',
    '{a,b}',
    '~',
    '~root',
    '=ls',
    '#x',
    '-n',
    '--',
  ],
  ...['^x', '(x)', '%s', 'é', '日本', "$'x'", '!$', 'a=b', '@', ':', '…'],
];
const printed = hostile.map((word) => `[${word}]\n`).join('');

let folder: string;
let sshd: SshServer;
let machine: Machine;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ssh-'));
  sshd = await startSshd(folder);
  machine = openTransport({ name: 'edge-1', ssh: sshd.ssh });
});
afterAll(async () => {
  await sshd.server.stop();
  rmSync(folder, { recursive: true });
});

describe('words for a remote shell', () => {
  it.each(['sh', 'bash', 'zsh', 'fish', 'tcsh'])(
    'are taken apart by %s as they were put together',
    (shell) => {
      const line = shellWords(['printf', '[%s]\\n', ...hostile]);
      expect(execFileSync(shell, ['-c', line], { encoding: 'utf8' })).toBe(printed);
    },
  );
});

describe('a machine behind a real sshd', () => {
  it('gets the words of a command as they are, and answers with code and outputs', async () => {
    expect(await machine.run(['printf', '[%s]\\n', ...hostile], 10_000)).toEqual({
      code: 0,
      stdout: printed,
      stderr: '',
    });
    expect(await machine.run(['sh', '-c', 'echo no >&2; exit 7'], 10_000)).toEqual({
      code: 7,
      stdout: '',
      stderr: 'no\n',
    });
  });

  it('has its files read, replaced and made, with their mode', async () => {
    const path = join(folder, "it's $(odd) \\ !name");
    expect(await machine.readFile(path)).toBeUndefined();
    await machine.replaceFile(path, 'one\n');
    chmodSync(path, 0o600);
    const long = `${'$(x) `y` "z" ü\n'.repeat(20_000)}`;
    await machine.replaceFile(path, long);
    expect(await machine.readFile(path)).toBe(long);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(dirname(path)).filter((name) => name.includes('.devops-actions'))).toEqual([]);
    await expect(machine.replaceFile(join(folder, 'no', 'such'), 'x')).rejects.toThrow(
      /could not be replaced on 127\.0\.0\.1 and was left as it was; its folder must be writable/,
    );
  });

  it('is not believed with another host key, and nothing runs there', async () => {
    const mark = join(folder, 'mark');
    const other = openTransport({ name: 'edge-1', ssh: { ...sshd.ssh, 'known-hosts': sshd.wrongHosts } });
    await expect(other.run(['touch', mark], 10_000)).rejects.toThrow(
      /its host key must stand in \S+wrong_hosts/,
    );
    const none = openTransport(
      { name: 'edge-1', ssh: { ...sshd.ssh, 'known-hosts': 'no-such-file' } },
      folder,
    );
    await expect(none.run(['touch', mark], 10_000)).rejects.toThrow(
      /its host key must stand in no-such-file/,
    );
    expect(existsSync(mark)).toBe(false);
  });

  it('lets nobody in with a key it does not know, and never asks', async () => {
    const stranger = openTransport({ name: 'edge-1', ssh: { ...sshd.ssh, key: sshd.strangerKey } });
    await expect(stranger.readFile('/etc/hostname')).rejects.toThrow(
      /Permission denied .*the public half of \S+stranger must be in authorized_keys/,
    );
  });

  it('that is gone or hangs is named in time', async () => {
    const [port] = await freePorts(1);
    const gone = openTransport({ name: 'edge-1', ssh: { ...sshd.ssh, port: port! } });
    await expect(gone.run(['true'], 10_000)).rejects.toMatchObject({
      name: 'RouterError',
      node: 'edge-1',
      message: expect.stringMatching(/Connection refused/),
    });
    sshd.server.freeze();
    try {
      await expect(machine.run(['true'], 1_000)).rejects.toThrow(/was ended \(timeout\)/);
    } finally {
      sshd.server.thaw();
    }
  });

  it('says when it forwards no connections', async () => {
    const closed = await startSshd(join(folder, 'closed'), 'AllowTcpForwarding no');
    try {
      const stream = openTransport({ name: 'edge-2', ssh: closed.ssh }).connect({
        host: '127.0.0.1',
        port: sshd.ssh.port,
      });
      await expect(text(stream)).rejects.toThrow(
        /forwarding failed; .*sshd of that machine does not allow it \(AllowTcpForwarding/,
      );
    } finally {
      await closed.server.stop();
    }
  });

  it('needs no more of its key than commands and the one port', async () => {
    const [port] = await freePorts(1);
    const narrow = await startSshd(join(folder, 'narrow'));
    const keys = join(folder, 'narrow', 'authorized_keys');
    const restrict = `restrict,port-forwarding,permitopen="127.0.0.1:${narrow.ssh.port}"`;
    writeFileSync(keys, `${restrict} ${readFileSync(keys, 'utf8')}`);
    const held = openTransport({ name: 'edge-2', ssh: narrow.ssh });
    try {
      expect(await held.run(['echo', 'in'], 10_000)).toMatchObject({ code: 0, stdout: 'in\n' });
      const allowed = held.connect({ host: '127.0.0.1', port: narrow.ssh.port });
      const greeting = await new Promise((resolve) => allowed.once('data', resolve));
      allowed.destroy();
      expect(String(greeting)).toMatch(/^SSH-2\.0-/);
      await expect(text(held.connect({ host: '127.0.0.1', port: port! }))).rejects.toThrow(/PermitOpen/);
    } finally {
      await narrow.server.stop();
    }
  });

  it('says when nothing listens where a connection goes', async () => {
    const [port] = await freePorts(1);
    const stream = machine.connect({ host: '127.0.0.1', port: port! });
    await expect(text(stream)).rejects.toThrow(/forwarding failed; either nothing listens there/);
  });
});
