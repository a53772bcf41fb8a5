import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { metadataHostPatterns } from '../../http/connect/addresses.js';
import { programEnvironment } from '../../exec/run.js';
import { ProbeFailure } from '../within.js';
import { devTools, type DevTools } from './devtools.js';

/** Programs that are Chromium, as they are called on the systems that ship it. */
const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

/** What it is started with: nothing that asks a person, calls home, or needs more than a runner has. */
const switches = [
  ...['--headless=new', '--remote-debugging-pipe', '--no-first-run', '--no-default-browser-check'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-default-apps'],
  ...[
    '--disable-extensions',
    '--disable-sync',
    '--disable-breakpad',
    '--disable-gpu',
    '--disable-dev-shm-usage',
  ],
  ...['--no-proxy-server', '--no-pings', '--mute-audio', '--password-store=basic', '--use-mock-keychain'],
  ...['--window-size=1280,900'],
];

export interface Start {
  sandbox: boolean;
  /** Addresses of hosts that were looked up already, by name. */
  addresses: Readonly<Record<string, string>>;
}

/** Characters kept of what it writes as errors. */
const maxErrors = 4_000;

/**
 * Starts a Chromium of the PATH with a profile of its own, which goes with it; it and everything it started are killed
 * when `use` is done, or the signal aborts.
 */
export async function withChromium<T>(
  { sandbox, addresses }: Start,
  signal: AbortSignal,
  use: (browser: DevTools) => Promise<T>,
): Promise<T> {
  const program = await findChromium(process.env['PATH'] ?? '');
  if (sandbox && process.getuid?.() === 0)
    throw new ProbeFailure(
      'browser',
      "Chromium's sandbox does not work as root: run the job as another user, or write sandbox: 'off' if every page it loads is yours",
    );
  const profile = await mkdtemp(join(tmpdir(), 'smoke-browser-'));
  const rules = [
    // In all of its processes: not every request, such as a worker's, can be looked at before it is sent.
    ...metadataHostPatterns.map((pattern) => `MAP ${pattern} ~NOTFOUND`),
    ...Object.entries(addresses).map(([host, address]) => `MAP ${host} ${address}`),
  ];
  const child = spawn(
    program,
    [
      ...switches,
      `--user-data-dir=${profile}`,
      ...(sandbox ? [] : ['--no-sandbox']),
      `--host-resolver-rules=${rules.join(', ')}`,
      'about:blank',
    ],
    {
      // Its own group, so that what it started can be killed with it; its own home, so that nothing is left there.
      detached: true,
      env: programEnvironment({ HOME: profile, XDG_CONFIG_HOME: profile, XDG_CACHE_HOME: profile }),
      stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
    },
  );
  const gone = new Promise<void>((resolve) =>
    child.once('close', () => resolve()).once('error', () => resolve()),
  );
  const browser = devTools(child.stdio[3] as Writable, child.stdio[4] as Readable);
  let errors = '';
  child.stderr
    ?.setEncoding('utf8')
    .on('data', (chunk: string) => (errors = (errors + chunk).slice(-maxErrors)));
  child.once('error', (error) => browser.close(new ProbeFailure('browser', `${program}: ${error.message}`)));
  child.once('exit', (code, killedBy) => {
    const last = errors.trim().split('\n').at(-1) ?? '';
    browser.close(new ProbeFailure('browser', `${program} ended by itself (${code ?? killedBy}): ${last}`));
  });
  const kill = () => {
    try {
      if (child.pid) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // The group is gone already.
    }
  };
  const stop = () => {
    kill();
    browser.close(signal.reason as Error);
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    signal.throwIfAborted();
    return await use(browser);
  } finally {
    signal.removeEventListener('abort', stop);
    kill();
    await gone;
    await rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

/** The first Chromium of a PATH; it is never downloaded. */
export async function findChromium(path: string): Promise<string> {
  for (const name of names)
    for (const folder of path.split(delimiter).filter((entry) => entry !== '')) {
      const program = join(folder, name);
      if (await isProgram(program)) return program;
    }
  throw new ProbeFailure(
    'browser',
    `there is no Chromium on the PATH (${names.join(', ')}), and none is downloaded: install one in a step before, e.g. apt-get install chromium`,
  );
}

/** Folders can be "executed" too, and there are some by such a name. */
async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
