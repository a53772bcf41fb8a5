import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand, type Finished } from './run.js';

/** A module of Rego, and what it is asked. */
export interface RegoQuestion {
  module: string;
  /** Rules by their full name, such as data.release.allow. */
  queries: readonly string[];
  input: unknown;
  /** JSON Schema of the input: a name that is not in it is an error instead of undefined. */
  schema: object;
}

/** The value of each query, undefined where it has none; or why nothing can be told. */
export type RegoAnswer = { ok: true; values: unknown[] } | { ok: false; why: string };

/** How long opa may take for one call, in milliseconds. */
const patienceMs = 10_000;

/** What a rule could learn of the machine, the clock, chance or a server by. */
const outward =
  /^(http\.|net\.|opa\.runtime$|time\.now_ns$|rand\.|uuid\.|rego\.parse_module$|trace$|io\.jwt\.decode_verify$)/;

interface Capabilities {
  builtins: { name: string; nondeterministic?: boolean }[];
  allow_net?: string[];
}

/**
 * Asks the program `opa` on the path (version 1 and later). It gets no environment beyond the path, and capabilities of
 * its own without network, clock, chance and runtime; what it prints elsewhere is dropped.
 */
export async function askOpa(question: RegoQuestion, signal: AbortSignal): Promise<RegoAnswer> {
  const folder = await mkdtemp(join(tmpdir(), 'devops-actions-rego-'));
  try {
    const opa = async (args: readonly string[], input = '') =>
      said(await runCommand({ argv: ['opa', ...args], cwd: folder, input, timeoutMs: patienceMs, signal }));
    const current = await opa(['capabilities', '--current']);
    if (!current.ok) return current;
    const allowed = current.value as Capabilities;
    if (!Array.isArray(allowed.builtins)) return { ok: false, why: 'opa does not tell its capabilities' };
    allowed.builtins = allowed.builtins.filter(
      ({ name, nondeterministic }) => nondeterministic !== true && !outward.test(name),
    );
    allowed.allow_net = [];
    const write = (name: string, text: string) => writeFile(join(folder, name), text, { mode: 0o600 });
    await write('capabilities.json', JSON.stringify(allowed));
    await write('schema.json', JSON.stringify(question.schema));
    await write('module.rego', question.module);
    const values: unknown[] = [];
    for (const query of question.queries) {
      const files = [
        '--capabilities',
        'capabilities.json',
        '--schema',
        'schema.json',
        '--data',
        'module.rego',
      ];
      const answer = await opa(
        ['eval', '--format=json', '--strict', '--strict-builtin-errors', ...files, '--stdin-input', query],
        JSON.stringify(question.input),
      );
      if (!answer.ok) return answer;
      values.push(valueOf(answer.value));
    }
    return { ok: true, values };
  } catch (error) {
    return {
      ok: false,
      why: `${(error as Error).message}. Fix: a step with open-policy-agent/setup-opa before this one`,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const valueOf = (answer: unknown): unknown =>
  (answer as { result?: { expressions?: { value?: unknown }[] }[] }).result?.[0]?.expressions?.[0]?.value;

/** The JSON that opa printed, or its own words why there is none. */
function said({
  code,
  stdout,
  stderr,
  ended,
}: Finished): { ok: true; value: unknown } | { ok: false; why: string } {
  if (ended) return { ok: false, why: `opa was ended (${ended})` };
  let value: unknown;
  try {
    value = JSON.parse(stdout);
  } catch {
    value = undefined;
  }
  const { errors = [] } = (value ?? {}) as { errors?: { message?: string; location?: { row?: number } }[] };
  if (errors.length > 0) {
    const [first] = errors;
    const line = first?.location?.row === undefined ? '' : `line ${first.location.row}: `;
    return { ok: false, why: `${line}${firstLine(first?.message ?? 'an error without words')}` };
  }
  if (code !== 0 || typeof value !== 'object' || value === null)
    return { ok: false, why: firstLine(stderr) || `opa ended with ${code ?? 'a signal'} and no answer` };
  return { ok: true, value };
}

const firstLine = (text: string) => text.trim().split('\n')[0]!.slice(0, 300);
