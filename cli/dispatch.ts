import { ConfigurationError } from '../shared/config/problem.js';
import { GitHubError } from '../shared/github/problem.js';
import { suggest } from '../shared/text/suggest.js';
import { exitCodes, UsageError, type Command, type Shell } from './shell.js';

/** Every subcommand by name, loaded only when it runs. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  init: async () => (await import('./init.js')).init,
  smoke: async () => (await import('./smoke.js')).smoke,
  gate: async () => (await import('./gate.js')).gate,
  doctor: async () => (await import('./doctor.js')).doctor,
  check: async () => (await import('./check.js')).check,
  rollback: async () => (await import('./rollback.js')).rollback,
  migrations: async () => (await import('./migrations.js')).migrations,
  dora: async () => (await import('./dora.js')).dora,
  act: async () => (await import('./act.js')).act,
  import: async () => (await import('./import.js')).importCommand,
};

/**
 * Runs the subcommand that the first argument names and returns the exit code; what the caller got wrong is said on
 * standard error.
 */
export async function dispatch(args: readonly string[], shell: Shell): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    shell.out(await overview());
    return name === undefined ? exitCodes.error : exitCodes.pass;
  }
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!load) {
    const near = suggest(name, Object.keys(commands));
    shell.err(`There is no command "${name}"${near ? `, did you mean "${near}"?` : '.'}`);
    shell.err(await overview());
    return exitCodes.error;
  }
  const command = await load();
  if (rest.includes('--help') || rest.includes('-h')) {
    shell.out(command.usage);
    return exitCodes.pass;
  }
  try {
    return await command.run(rest, shell);
  } catch (error) {
    if (error instanceof UsageError) shell.err(`${error.message}\n\n${command.usage}`);
    // What GitHub refused is no bug: a person needs what to do, not where in the code it came up.
    else if (error instanceof ConfigurationError || error instanceof GitHubError) shell.err(error.message);
    else shell.err(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return exitCodes.error;
  }
}

async function overview(): Promise<string> {
  const lines: string[] = [];
  for (const [name, load] of Object.entries(commands))
    lines.push(`  ${name.padEnd(10)} ${(await load()).summary}`);
  return ['usage: devops-actions COMMAND …   (COMMAND --help says more)', ...lines].join('\n');
}
