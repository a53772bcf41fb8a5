import { isAbsolute, resolve } from 'node:path';
import { runCommand } from '../../../exec/run.js';
import { execInfo, pluginVariables, readExecAnswer, type ExecCredential } from './exec-credential.js';
import type { ExecPlugin } from './kubeconfig.js';
import { quoteAnswer } from '../reading.js';
import type { RouterTools } from '../tools.js';

/** Longest a plugin may take to hand out a credential, in milliseconds. */
const pluginWithin = 30_000;

/** A credential this near its end is fetched anew (milliseconds). */
const renewBefore = 60_000;

/** What a plugin is told of its cluster, where it is run, and which further variables it sees. */
export interface PluginPlace {
  server: string;
  ca: string | undefined;
  serverName?: string;
  /** Folder of the kubeconfig, from which a relative command is meant. */
  folder: string;
  variables: readonly string[];
}

type Fail = (message: string) => never;

/**
 * Credentials of an exec plugin, which is run once for as long as they last; `refused` says that the server did not
 * take what `get` gave last.
 */
export function pluginCredentials(
  plugin: ExecPlugin,
  where: PluginPlace,
  world: Pick<RouterTools, 'clock' | 'variable'>,
  fail: Fail,
): { get(): Promise<ExecCredential>; refused(credential: ExecCredential): void } {
  let handedOut: ExecCredential | undefined;
  let asking: Promise<ExecCredential> | undefined;
  return {
    async get() {
      const { expires } = handedOut ?? {};
      const isStale = expires !== undefined && expires - renewBefore < world.clock.now();
      if (handedOut && !isStale) return handedOut;
      asking ??= run(plugin, where, world, fail).finally(() => (asking = undefined));
      return (handedOut = await asking);
    },
    refused(credential) {
      if (handedOut === credential) handedOut = undefined;
    },
  };
}

async function run(
  plugin: ExecPlugin,
  where: PluginPlace,
  { variable }: Pick<RouterTools, 'variable'>,
  fail: Fail,
): Promise<ExecCredential> {
  const hint = plugin.installHint ? `; ${plugin.installHint.trim()}` : '';
  const says = `the exec plugin "${plugin.command}" of the kubeconfig`;
  const command =
    plugin.command.includes('/') && !isAbsolute(plugin.command)
      ? resolve(where.folder, plugin.command)
      : plugin.command;
  const allowed = [...pluginVariables, ...where.variables];
  const handed = allowed.flatMap((name) => {
    const value = variable(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  const finished = await runCommand({
    argv: [command, ...plugin.args],
    timeoutMs: pluginWithin,
    env: {
      ...Object.fromEntries(handed),
      ...plugin.env,
      KUBERNETES_EXEC_INFO: execInfo(plugin, where),
    },
  }).catch((error: unknown) => fail(`${says} cannot be run: ${(error as Error).message}${hint}`));
  if (finished.ended) return fail(`${says} was ended (${finished.ended})`);
  if (finished.code !== 0) {
    const last = finished.stderr.trim()
      ? quoteAnswer(finished.stderr.trim().slice(-300))
      : 'it printed no error';
    return fail(`${says} ended with code ${finished.code ?? 'of a signal'}: ${last}`);
  }
  const answer = readExecAnswer(plugin, finished.stdout);
  return answer.ok ? answer.credential : fail(`${says} ${answer.why}`);
}
