import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measurer, type Measured, type Program } from './measured-run.js';
import { median, type Benched, type Row } from '../row.js';
import { cases, type Case } from './cases.js';
import { subjects, type Subject } from './subjects.js';

/**
 * Measured runs, after one that is not counted: of peers, which take seconds, and of the others, whose ratio is asked
 * for to a tenth.
 */
const roundsOf = ({ name }: Subject) => (name === 'floor' || name.startsWith('ours') ? 11 : 3);

/**
 * Checks of a status and one JSON value against a loopback server in its own process: a bare node:http floor, ours, peers
 * from npm, and hurl, k6 and venom where they are installed, in turns. A run counts only when it ended well and the server saw every request; a peer that cannot
 * do a case is said.
 */
export async function smoke(): Promise<Benched> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-smoke-'));
  const server = await startServer();
  try {
    const measure = measurer(folder);
    const all = subjects(folder, server.url);
    const notes: string[] = [];
    const rows: Row[] = [];
    for (const of of cases) {
      const able = all.flatMap((subject): Runnable[] => {
        const program = subject.program(of, false);
        if (!('cannot' in program)) return [{ subject, runs: [] }];
        notes.push(`${subject.name}: ${of.name} was not measured: ${program.cannot}.`);
        return [];
      });
      for (let round = 0; able.some(({ subject }) => round <= roundsOf(subject)); round++) {
        for (const { subject, runs } of able.filter((one) => round <= roundsOf(one.subject))) {
          const run = await runOnce(subject, of, server, measure);
          if (round > 0) runs.push(run);
        }
      }
      rows.push(...rowsOf(of, able));
    }
    notes.push(...(await falseGreens(all, measure)));
    const versions = Object.fromEntries(
      all.flatMap(({ name, version }) => (version === undefined ? [] : [[name, version]])),
    );
    return { rows, versions, notes };
  } finally {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Runnable {
  subject: Subject;
  runs: Measured[];
}

type Measure = (program: Program) => Promise<Measured>;

async function runOnce(subject: Subject, of: Case, server: Server, measure: Measure): Promise<Measured> {
  const program = subject.program(of, false);
  if ('cannot' in program) throw new Error(program.cannot);
  await server.seen();
  const run = await measure(program);
  const seen = await server.seen();
  if (run.code !== 0 || seen !== of.count)
    throw new Error(
      `${subject.name}, ${of.name}: exit ${run.code}, ${seen} of ${of.count} requests\n${run.output}`,
    );
  return run;
}

/** Whether a check that fails ends with an exit code that says so. */
async function falseGreens(all: readonly Subject[], measure: Measure): Promise<string[]> {
  const notes: string[] = [];
  for (const subject of all.filter(({ name }) => name !== 'floor')) {
    const program = subject.program(cases[0]!, true);
    if ('cannot' in program) continue;
    const { code } = await measure(program);
    if (code === 0) notes.push(`${subject.name}: a check that failed ended with exit code 0.`);
  }
  return notes;
}

function rowsOf({ name }: Case, able: readonly Runnable[]): Row[] {
  const figures = able.map(({ subject, runs }) => ({
    subject: subject.name,
    wall: median(runs.map(({ wallMs }) => wallMs)),
    memory: median(runs.map(({ peakMiB }) => peakMiB)),
  }));
  const floor = figures.find(({ subject }) => subject === 'floor')!;
  const rows = figures.flatMap(({ subject, wall, memory }): Row[] => [
    {
      subject,
      metric: `${name} wall`,
      value: Math.round(wall),
      unit: 'ms',
      ratioTo: 'floor',
      ratio: wall / floor.wall,
    },
    {
      subject,
      metric: `${name} peak memory`,
      value: Math.round(memory * 10) / 10,
      unit: 'MiB',
      ratioTo: 'floor',
      ratio: memory / floor.memory,
    },
  ]);
  const peers = figures.filter(({ subject }) => subject !== 'floor' && !subject.startsWith('ours'));
  const [best] = peers.sort((a, b) => a.wall - b.wall);
  const ours = figures.find(({ subject }) => subject === 'ours')!;
  if (best) {
    const metric = `${name} wall of the best peer, ${best.subject}`;
    rows.push({
      subject: best.subject,
      metric,
      value: Math.round(best.wall),
      unit: 'ms',
      ratioTo: 'ours',
      ratio: best.wall / ours.wall,
    });
  }
  return rows;
}

interface Server {
  url: string;
  /** Requests since it was last asked. */
  seen(): Promise<number>;
  close(): void;
}

async function startServer(): Promise<Server> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'bench/smoke/server.ts'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const { port } = JSON.parse(line.toString()) as { port: number };
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    seen: async () => ((await (await fetch(`${url}/seen`)).json()) as { seen: number }).seen,
    close: () => void child.stdin.end(),
  };
}
