import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, sep } from 'node:path';
import { stringify } from 'yaml';
import { inputs } from '../../actions/smoke-test/inputs.js';
import { runSmokeTest } from '../../actions/smoke-test/main.js';
import { ConfigurationError } from '../../shared/config/problem.js';
import { laptopHost } from '../laptop/laptop-host.js';
import type { Shell } from '../shell.js';
import type { Draft, Unsupported } from './draft.js';
import type { Places } from './files.js';
import { referencesIn } from './names.js';

/** A suite file and what people should know of it, or why there is none. */
export type Imported =
  { ok: true; text: string; notes: string[] } | { ok: false; unsupported: Unsupported[] };

/**
 * Writes a draft as a suite file, and reads and plans it as the action would: what does not pass there is not handed
 * out.
 */
export async function writeSuite(
  draft: Draft,
  source: string,
  places: Places,
  shell: Shell,
): Promise<Imported> {
  const hoisted = hoistBase(draft);
  const wanting = missingVariables(hoisted);
  const files = filesIn(draft);
  const notes = [
    ...draft.notes,
    ...(files.length > 0 ? [`It sends files, and names them from ${shownPlace(places)}.`] : []),
    ...wanting.map((name) => `Run it with --var ${name}=…: it has no value here.`),
    ...(hoisted.needsBase ? ['Run it with --base-url …: its address has no value here.'] : []),
  ];
  const head = [`Imported from ${source}.`, ...notes]
    .map((line) => `# ${line.replace(/\s+/g, ' ')}\n`)
    .join('');
  const suite = {
    version: 1,
    name: draft.name.trim().slice(0, 100) || 'imported',
    ...(hoisted.base === undefined ? {} : { 'base-url': hoisted.base }),
    ...(Object.keys(hoisted.variables).length > 0 ? { variables: hoisted.variables } : {}),
    ...(draft.resolve ? { resolve: draft.resolve } : {}),
    flows: hoisted.flows,
  };
  const text = `${head}${stringify(suite, { lineWidth: 0, aliasDuplicateObjects: false })}`;
  const unsupported = await faultsOf(text, wanting, files, places, shell);
  return unsupported.length > 0 ? { ok: false, unsupported } : { ok: true, text, notes };
}

/** A run that is stopped before it begins reads, checks and plans the suite, and sends nothing. */
async function faultsOf(
  text: string,
  wanting: readonly string[],
  files: readonly string[],
  { suite, workspace }: Places,
  shell: Shell,
): Promise<Unsupported[]> {
  const folder = await mkdtemp(join(tmpdir(), 'import-'));
  const host = laptopHost({ ...shell, cwd: folder }, () => undefined);
  const secrets = referencesIn(text).filter((name) => name.startsWith('secrets.'));
  const raw = {
    suite: relative(workspace, suite).split(sep).join('/'),
    'base-url': 'http://localhost',
    variables: JSON.stringify(Object.fromEntries(wanting.map((name) => [name, 'http://localhost']))),
    secrets: JSON.stringify(
      Object.fromEntries(secrets.map((name) => [name.slice('secrets.'.length), 'placeholder'])),
    ),
  };
  try {
    const suitePath = join(folder, relative(workspace, suite));
    for (const path of [suitePath, ...files.map((file) => join(dirname(suitePath), file))]) {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, path === suitePath ? text : '');
    }
    await runSmokeTest(inputs.parse(raw), { ...host, signal: AbortSignal.abort() });
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems.map(unsupportedOf);
    throw error;
  } finally {
    host.close();
    await rm(folder, { recursive: true });
  }
}

function unsupportedOf({ path, got, allowed }: { path: string; got: string; allowed: string }): Unsupported {
  return { place: path === '' ? 'the suite' : path, what: `${got} (allowed: ${allowed})` };
}

/** Files that the steps send. */
function filesIn({ flows }: Draft): string[] {
  const parts = flows.flatMap(({ steps }) =>
    steps.flatMap(({ http }) => [
      { file: http['body-file'] as string | undefined },
      ...((http['multipart'] as { file?: string }[] | undefined) ?? []),
    ]),
  );
  return parts.flatMap(({ file }) => (file === undefined ? [] : [file]));
}

function shownPlace({ suite, workspace }: Places): string {
  return dirname(relative(workspace, suite)) === '.' ? 'its own folder' : dirname(relative(workspace, suite));
}

interface Hoisted extends Pick<Draft, 'variables' | 'flows'> {
  base: string | undefined;
  needsBase: boolean;
}

/**
 * Takes the start that all addresses share, a variable or an origin, out as base address, so that the suite runs
 * against others too.
 */
function hoistBase({ variables, flows }: Draft): Hoisted {
  const steps = flows.flatMap((flow) => flow.steps);
  const start = /^(\{\{ [\w.-]+ \}\}|https?:\/\/[^/?#{}@]+)(?=[/?]|$)/.exec(steps[0]?.http.url ?? '')?.[1];
  const shared =
    start !== undefined &&
    steps.every(({ http: { url } }) => url.startsWith(start) && /^([/?]|$)/.test(url.slice(start.length)));
  const variable = start && referencesIn(start)[0];
  const rest = JSON.stringify(
    steps.map((step) => ({ ...step, http: { ...step.http, url: step.http.url.slice(start?.length) } })),
  );
  if (!shared || variable?.includes('.') || (variable && referencesIn(rest).includes(variable)))
    return { variables, flows, base: undefined, needsBase: false };
  const base = variable ? variables[variable] : start;
  return {
    base,
    needsBase: base === undefined,
    variables: Object.fromEntries(Object.entries(variables).filter(([name]) => name !== variable)),
    flows: flows.map((flow) => ({
      ...flow,
      steps: flow.steps.map((step) => ({
        ...step,
        // The address alone, or with a query, is its root.
        http: { ...step.http, url: step.http.url.slice(start.length).replace(/^(?!\/)/, '/') },
      })),
    })),
  };
}

const generated = /^(uuid|email|number|timestamp|today|epoch|epoch-ms|env|secrets)(\.|$)/;

/** Names that are used and that neither the suite nor one of its steps gives a value. */
function missingVariables({ variables, flows }: Hoisted): string[] {
  const captured = flows.flatMap(({ steps }) => steps.flatMap(({ capture }) => Object.keys(capture ?? {})));
  const used = referencesIn(JSON.stringify(flows)).filter((name) => !generated.test(name));
  return [...new Set(used)].filter((name) => !Object.hasOwn(variables, name) && !captured.includes(name));
}
