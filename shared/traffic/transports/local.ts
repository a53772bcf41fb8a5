import { chmod, open, readFile, rename, stat, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { runCommand } from '../../exec/run.js';
import { RouterError } from '../router.js';
import { besideIt, type Machine } from './machine.js';

/** The machine this runs on. */
export function localTransport(node: string): Machine {
  const fail = (what: string, error: unknown): never => {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    const hint = code === 'EACCES' || code === 'EPERM' ? '; let the user of this runner do that' : '';
    throw new RouterError(`Node "${node}": ${what} (${code})${hint}.`, node);
  };
  return {
    async readFile(path) {
      try {
        return await readFile(path, 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        return fail(`${path} could not be read`, error);
      }
    },
    async replaceFile(path, text) {
      const temporary = besideIt(path);
      try {
        const mode = await stat(path).then(
          (facts) => facts.mode & 0o7777,
          () => 0o644,
        );
        const file = await open(temporary, 'w', mode);
        try {
          await file.writeFile(text);
          await file.sync();
        } finally {
          await file.close();
        }
        await chmod(temporary, mode);
        await rename(temporary, path);
      } catch (error) {
        await unlink(temporary).catch(() => undefined);
        fail(
          `${path} could not be replaced, so the change would not be there (its folder must be writable)`,
          error,
        );
      }
    },
    async run(argv, timeoutMs) {
      try {
        const { code, stdout, stderr, ended } = await runCommand({ argv, timeoutMs });
        if (ended || code === undefined)
          throw new RouterError(
            `Node "${node}": "${argv.join(' ')}" was ended (${ended ?? 'by a signal'}).`,
            node,
          );
        return { code, stdout, stderr };
      } catch (error) {
        if (error instanceof RouterError) throw error;
        return fail(`"${argv.join(' ')}" could not be run`, error);
      }
    },
    connect: (endpoint) => ('socket' in endpoint ? connect(endpoint.socket) : connect(endpoint)),
  };
}
