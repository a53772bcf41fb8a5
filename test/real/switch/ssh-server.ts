import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { SshConfig } from '../../../shared/traffic/transports/config.js';
import { freePorts, startServer, type RealServer } from '../../support/servers/real.js';

/** A real sshd on loopback, with keys of its own, for the user who runs the tests. */
export interface SshServer {
  server: RealServer;
  /** What a traffic file says to get in. */
  ssh: SshConfig;
  /** Key that the server does not know. */
  strangerKey: string;
  /** Host keys of another server, for the same address. */
  wrongHosts: string;
}

/** Starts sshd in a folder; `more` are further lines of its configuration. */
export async function startSshd(folder: string, more = ''): Promise<SshServer> {
  mkdirSync(folder, { recursive: true });
  const [port] = await freePorts(1);
  const key = (name: string): string => {
    const path = join(folder, name);
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', path]);
    return path;
  };
  const [host, otherHost, user, stranger] = ['host', 'other_host', 'user', 'stranger'].map(key) as [
    string,
    string,
    string,
    string,
  ];
  const knows = (file: string, hostKey: string): string => {
    const path = join(folder, file);
    writeFileSync(path, `[127.0.0.1]:${port} ${readFileSync(`${hostKey}.pub`, 'utf8')}`);
    return path;
  };
  writeFileSync(join(folder, 'authorized_keys'), readFileSync(`${user}.pub`));
  // As root, sshd wants the folder that its service unit makes.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const config = join(folder, 'sshd_config');
  writeFileSync(
    config,
    `ListenAddress 127.0.0.1:${port}
HostKey ${host}
AuthorizedKeysFile ${folder}/authorized_keys
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
PidFile none
${more}
`,
  );
  const server = await startServer(['/usr/sbin/sshd', '-D', '-e', '-f', config], () => listens(port!));
  return {
    server,
    ssh: {
      host: '127.0.0.1',
      user: userInfo().username,
      port: port!,
      key: user,
      'known-hosts': knows('known_hosts', host),
    },
    strangerKey: stranger,
    wrongHosts: knows('wrong_hosts', otherHost),
  };
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(port, '127.0.0.1');
    probe.once('connect', () => resolve(true)).once('error', () => resolve(false));
    probe.once('connect', () => probe.destroy());
  });
}
