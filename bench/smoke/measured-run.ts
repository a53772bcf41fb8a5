import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A program to run, of node unless it is a file of its own: its arguments, and what its environment has beside PATH and HOME. */
export interface Program {
  args: readonly string[];
  /** A binary, which is trusted to reach nothing but loopback. */
  file?: string;
  env?: Readonly<Record<string, string>>;
  cwd?: string;
}

/** What a run cost, its exit code, and the end of what it wrote. */
export interface Measured {
  wallMs: number;
  peakMiB: number;
  code: number | null;
  output: string;
}

/**
 * Every measured process says at its end how much memory it held at most, and reaches nothing but loopback; PostHog
 * clients do nothing.
 */
const preload = `
const { appendFileSync } = require('node:fs');
const { Socket } = require('node:net');
const Module = require('node:module');
process.on('exit', () => appendFileSync(process.env.BENCH_PEAK, process.resourceUsage().maxRSS + '\\n'));
const connect = Socket.prototype.connect;
Socket.prototype.connect = function (...args) {
  const [options] = Array.isArray(args[0]) ? args[0] : args;
  const host = typeof options === 'object' ? options.host : typeof args[1] === 'string' ? args[1] : undefined;
  if (options?.path || host === undefined || host === 'localhost' || /^(127\\.|::1$)/.test(host)) return connect.apply(this, args);
  process.nextTick(() => this.destroy(Object.assign(new Error('loopback only: ' + host), { code: 'ECONNREFUSED' })));
  return this;
};
const load = Module._load;
const idle = new Proxy(function () {}, { get: (_, key) => (key === 'then' ? undefined : () => Promise.resolve()), construct: () => idle });
Module._load = function (name, ...rest) {
  return name === 'posthog-node' ? { PostHog: idle, default: idle } : load.call(this, name, ...rest);
};
`;

/** Runs a binary, and writes how long it took and how much memory it held at most, which node cannot tell of others. */
const wrapper = `
import json, os, resource, subprocess, sys, time
begun = time.monotonic()
code = subprocess.run(sys.argv[1:]).returncode
wall = time.monotonic() - begun
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
json.dump({'wallMs': wall * 1000, 'peakMiB': peak / 1024, 'code': code}, open(os.environ['BENCH_PEAK'], 'w'))
`;

/** How long one run may take, in milliseconds. */
const limitMs = 180_000;

/** A way to run programs one after the other and measure each whole process; `folder` is a scratch folder. */
export function measurer(folder: string): (program: Program) => Promise<Measured> {
  const hook = join(folder, 'preload.cjs');
  const peak = join(folder, 'peak.txt');
  writeFileSync(hook, preload);
  const run = async (
    command: string,
    { args, env = {}, cwd = folder }: Program,
    own: Record<string, string>,
  ) => {
    rmSync(peak, { force: true });
    const { PATH = '', HOME = '' } = process.env;
    const start = process.hrtime.bigint();
    const child = spawn(command, args, {
      cwd,
      env: { PATH, HOME, BENCH_PEAK: peak, ...own, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: limitMs,
      killSignal: 'SIGKILL',
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk: string) => (output = (output + chunk).slice(-4_000)));
    const [code] = (await once(child, 'close')) as [number | null];
    return { wallMs: Number(process.hrtime.bigint() - start) / 1e6, code, output };
  };
  return async (program) => {
    const { file } = program;
    if (file !== undefined) {
      const { output } = await run(
        'python3',
        { ...program, args: ['-c', wrapper, file, ...program.args] },
        {},
      );
      return { ...(JSON.parse(readFileSync(peak, 'utf8')) as Omit<Measured, 'output'>), output };
    }
    const { wallMs, code, output } = await run(process.execPath, program, {
      NODE_OPTIONS: `--require ${hook}`,
    });
    const peaks = code === null ? [] : readFileSync(peak, 'utf8').trim().split('\n').map(Number);
    return { wallMs, peakMiB: Math.max(0, ...peaks) / 1_024, code, output };
  };
}
