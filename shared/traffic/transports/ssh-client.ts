import { spawn, type ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';
import { Duplex } from 'node:stream';
import type { SshConfig } from './config.js';

/** Exit code of the client when the failure is its own: no connection, no trust, no login. */
export const sshFailed = 255;

/** Longest wait for the connection, in seconds. */
const connectWithin = 10;

/**
 * The argument vector of the system's client up to the host. It never asks, believes only the given host keys, and
 * gives the other side nothing: no agent, no display, no forwarding that a configuration file adds. Relative paths are
 * meant from `workspace`.
 */
export function sshArguments(config: SshConfig, workspace: string, program = 'ssh'): [string, ...string[]] {
  const path = (given: string) => (given.startsWith('~/') ? given : sshWord(resolve(workspace, given)));
  const options: Record<string, string | number> = {
    BatchMode: 'yes',
    StrictHostKeyChecking: 'yes',
    UserKnownHostsFile: path(config['known-hosts']),
    GlobalKnownHostsFile: '/dev/null',
    UpdateHostKeys: 'no',
    VerifyHostKeyDNS: 'no',
    NoHostAuthenticationForLocalhost: 'no',
    ConnectTimeout: connectWithin,
    ServerAliveInterval: 5,
    ServerAliveCountMax: 2,
    ForwardAgent: 'no',
    ForwardX11: 'no',
    ClearAllForwardings: 'yes',
    Tunnel: 'no',
    PermitLocalCommand: 'no',
    ControlPath: 'none',
    LogLevel: 'ERROR',
    ...(config.key ? { IdentityFile: path(config.key), IdentitiesOnly: 'yes' } : {}),
  };
  return [
    program,
    '-T',
    ...Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]),
    ...['-p', String(config.port)],
    ...(config.user ? ['-l', config.user] : []),
  ];
}

/**
 * A path as ssh's options want it: the folder of the runner may have blanks, at which ssh begins another path, or a %,
 * which begins a token.
 */
function sshWord(path: string): string {
  const escaped = path.replaceAll('%', '%%');
  return /^[A-Za-z0-9_./@+%:-]*$/.test(escaped) ? escaped : `"${escaped}"`;
}

/** What the client wrote before it gave up, and the line to change. */
export function explainSsh(config: SshConfig, stderr: string): string {
  const target = `${config.user ? `${config.user}@` : ''}${config.host}:${config.port}`;
  const message =
    stderr
      .trim()
      .split(/\s*\n\s*/)
      .slice(-3)
      .join('; ')
      .slice(-400) || 'no reason given';
  const hints: readonly (readonly [RegExp, string])[] = [
    [
      /host key verification failed|host identification has changed|no .* host key is known/i,
      `; its host key must stand in ${config['known-hosts']} (ssh-keyscan shows it; compare it on the machine itself)`,
    ],
    [
      /forwarding failed|administratively prohibited/i,
      '; either nothing listens there, or sshd of that machine does not allow it (AllowTcpForwarding, PermitOpen)',
    ],
    [
      /permission denied/i,
      config.key
        ? `; the public half of ${config.key} must be in authorized_keys of that user, and the file readable by this user only`
        : '; no key is given, and the agent (SSH_AUTH_SOCK) has none that fits',
    ],
  ];
  return `ssh to ${target} failed: ${message}${hints.find(([pattern]) => pattern.test(stderr))?.[1] ?? ''}`;
}

/**
 * A connection through the client (`ssh -W`). It ends only when the client says that all went well, so a lost
 * connection is never taken for an end.
 */
export function sshStream(argv: readonly [string, ...string[]], explain: (stderr: string) => string): Duplex {
  const [file, ...args] = argv;
  const kept = ['PATH', 'HOME', 'USER', 'SSH_AUTH_SOCK'];
  const env = Object.fromEntries(
    kept.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
  );
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'], env });
  const stream = new Duplex({
    read: () => void child.stdout.resume(),
    write: (chunk, _encoding, done) => void child.stdin.write(chunk, done),
    final: (done) => void child.stdin.end(done),
    destroy(error, done) {
      stop(child);
      done(error);
    },
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors = (errors + text).slice(-4_000)));
  child.stdout.on('data', (chunk: Buffer) => {
    if (!stream.push(chunk)) child.stdout.pause();
  });
  // What a broken pipe means is said by the exit code.
  child.stdin.on('error', () => undefined);
  child.once('error', (error) => stream.destroy(error));
  child.once('close', (code) => {
    if (code === 0) stream.push(null);
    else if (!stream.destroyed) stream.destroy(new Error(explain(errors)));
  });
  return stream;
}

function stop(child: ChildProcess): void {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
}
