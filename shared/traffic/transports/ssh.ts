import { runCommand, type Finished } from '../../exec/run.js';
import { RouterError } from '../router.js';
import type { SshConfig } from './config.js';
import { besideIt, lockOf, type Machine } from './machine.js';
import { shellWords } from './shell-words.js';
import { explainSsh, sshArguments, sshFailed, sshStream } from './ssh-client.js';

/** Longest wait for a file to come or go, in milliseconds. */
const fileWithin = 20_000;

const absent = 44;
const short = 45;
const changed = 46;

// A folder that may not be searched hides its files: only where it may is "there is none" believed.
const read = `if [ ! -e "$1" ] && [ -x "$2" ]; then exit ${absent}; fi; exec cat -- "$1"`;

// What should be there and the new text come as one and are counted before anything is renamed: a connection that broke
// in the middle must not leave half a file. The folder beside it has a name that nobody could have guessed; the lock is
// the one that the local transport takes.
const replace = [
  'set -e',
  'if [ -d "$1" ]; then echo "it is a folder" >&2; exit 1; fi',
  'to=$1; if [ -L "$1" ]; then to=$(readlink -f -- "$1"); fi',
  `lock=; beside=$(mktemp -d -- "$to${besideIt('')}XXXXXX")`,
  'trap \'rm -rf -- "$beside"; if [ -n "$lock" ]; then rmdir -- "$lock"; fi\' EXIT',
  'cat > "$beside/all"',
  `[ "$(wc -c < "$beside/all")" -eq $(($2 + $3)) ] || exit ${short}`,
  'if [ -e "$to" ]; then cp -p -- "$to" "$beside/new"; fi',
  'tail -c "+$(($2 + 1))" "$beside/all" > "$beside/new"',
  'sync "$beside/new" 2>/dev/null || sync',
  'if [ "$4" = compare ]; then tries=0',
  `until mkdir -- "$to${lockOf('')}" 2>/dev/null; do tries=$((tries + 1))`,
  `if [ -n "$(find "$to${lockOf('')}" -prune -mmin +1 2>/dev/null)" ]; then rmdir -- "$to${lockOf('')}" || :; fi`,
  `if [ $tries -gt 15 ]; then echo "$to${lockOf('')} is held; remove it when no run changes the file" >&2; exit 1; fi`,
  `sleep 1; done; lock=$to${lockOf('')}`,
  'head -c "$2" "$beside/all" > "$beside/was"; touch "$beside/none"',
  'found=$to; if [ ! -e "$to" ]; then found=$beside/none; fi',
  `if ! cmp -s -- "$beside/was" "$found"; then exit ${changed}; fi; fi`,
  'mv -f -- "$beside/new" "$to"',
].join('; ');

/** A machine behind ssh, through the system's client; needs a POSIX shell and nothing else there. */
export function sshTransport(node: string, config: SshConfig, workspace: string, program?: string): Machine {
  const client = sshArguments(config, workspace, program);

  async function remote(argv: readonly string[], timeoutMs: number, input?: string): Promise<Finished> {
    let finished: Finished;
    try {
      finished = await runCommand({
        argv: [...client, '--', config.host, shellWords(argv)],
        timeoutMs,
        ...(input === undefined ? {} : { input }),
      });
    } catch (error) {
      throw new RouterError(`Node "${node}": ${messageOf(error)}.`, node);
    }
    const { code, ended, stderr } = finished;
    if (ended || code === undefined)
      throw new RouterError(
        `Node "${node}": "${argv.join(' ')}" over ssh to ${config.host} was ended (${ended ?? 'by a signal'}).`,
        node,
      );
    if (code === sshFailed) throw new RouterError(`Node "${node}": ${explainSsh(config, stderr)}.`, node);
    return finished;
  }

  const sh = (script: string, words: readonly string[], input?: string) =>
    remote(['sh', '-c', script, 'sh', ...words], fileWithin, input);
  const fail = (what: string, stderr: string): never => {
    throw new RouterError(
      `Node "${node}": ${what} (${stderr.trim().slice(-300) || 'no reason given'}).`,
      node,
    );
  };

  return {
    async readFile(path) {
      const { code, stdout, stderr } = await sh(read, [path, folderOf(path)]);
      if (code === absent) return undefined;
      return code === 0 ? stdout : fail(`${path} could not be read on ${config.host}`, stderr);
    },
    async replaceFile(path, text, was) {
      const sizes = [was ?? '', text].map((part) => String(Buffer.byteLength(part)));
      const words = [path, ...sizes, was === undefined ? 'replace' : 'compare'];
      const { code, stderr } = await sh(replace, words, `${was ?? ''}${text}`);
      if (code === changed) return 'changed';
      if (code === short)
        fail(`${path} did not arrive whole on ${config.host} and was left as it was`, stderr);
      if (code !== 0)
        fail(
          `${path} could not be replaced on ${config.host} and was left as it was; its folder must be writable for the user of ssh and have space`,
          stderr,
        );
      return 'replaced';
    },
    async run(argv, timeoutMs) {
      const { code, stdout, stderr } = await remote(argv, timeoutMs);
      return { code: code!, stdout, stderr };
    },
    connect(endpoint) {
      if ('socket' in endpoint)
        throw new RouterError(
          `Node "${node}": a unix socket (${endpoint.socket}) is not reached over ssh; let it listen on a loopback port and give the address.`,
          node,
        );
      const host = endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host;
      return sshStream([...client, '-W', `${host}:${endpoint.port}`, '--', config.host], (stderr) =>
        explainSsh(config, stderr),
      );
    },
  };
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
