import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Call {
  method: string;
  path: string;
  body: Record<string, unknown>;
}

/** The `/_control` routes of the stand-in, and nothing more; everything that came in can be read back. */
export interface ControlFake {
  url: string;
  calls: Call[];
  /** Environments that need somebody; approve or refuse them through the sets. */
  protectedEnvironments: Set<string>;
  /** Environments, for every run, or `<environment> in <run id>`. */
  approved: Set<string>;
  refused: Map<string, string>;
  /** State of pull requests of org/shop; one that is not here is answered with an error. */
  pulls: Map<number, string>;
  /** Labels and branch of a pull request that has some. */
  asks: Map<number, { labels: string[]; head: string }>;
  /** How a branch compares with a commit, and the files that differ. */
  compared: { status: string; files: { filename: string; previous_filename?: string }[] };
  /** Statuses a job (by key) or the run (`run`) went through, with conclusion after a slash. */
  history: (who: string) => string[];
  close: () => Promise<void>;
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}

export async function startControlFake(): Promise<ControlFake> {
  const calls: Call[] = [];
  const histories = new Map<string, string[]>();
  const jobs = new Map<number, { key: string; run: number; environment?: string }>();
  const attempts = new Map<number, number>();
  let nextId = 100;
  const fake = {
    protectedEnvironments: new Set<string>(),
    approved: new Set<string>(),
    refused: new Map<string, string>(),
    pulls: new Map<number, string>(),
    asks: new Map<number, { labels: string[]; head: string }>(),
    compared: { status: 'identical', files: [] as { filename: string; previous_filename?: string }[] },
  };
  const remember = (who: string, { status, conclusion }: Record<string, unknown>) => {
    const entry = conclusion === undefined ? String(status) : `${String(status)}/${String(conclusion)}`;
    histories.set(who, [...(histories.get(who) ?? []), entry]);
  };
  const gate = (environment: string, run: number | undefined) => ({
    approved:
      !fake.refused.has(environment) &&
      (!fake.protectedEnvironments.has(environment) ||
        fake.approved.has(environment) ||
        fake.approved.has(`${environment} in ${run}`)),
    waitingFor: fake.protectedEnvironments.has(environment) ? ['rosa'] : [],
    refused: fake.refused.get(environment) ?? null,
  });

  const routes: [RegExp, (id: number, body: Record<string, unknown>) => unknown][] = [
    [
      /^POST \/runs$/,
      () => {
        const id = nextId++;
        attempts.set(id, 1);
        return { id, runNumber: 7, attempt: 1, checkSuiteId: nextId++ };
      },
    ],
    [
      /^POST \/runs\/(\d+)\/attempts$/,
      (id) => {
        attempts.set(id, (attempts.get(id) ?? 0) + 1);
        return { attempt: attempts.get(id) };
      },
    ],
    [/^PATCH \/runs\/(\d+)$/, (_id, body) => remember('run', body)],
    [
      /^POST \/runs\/(\d+)\/jobs$/,
      (run, body) => {
        const id = nextId++;
        jobs.set(id, { key: String(body['key']), run });
        return { id };
      },
    ],
    [/^PATCH \/jobs\/(\d+)$/, (id, body) => remember(jobs.get(id)?.key ?? '?', body)],
    [
      /^POST \/jobs\/(\d+)\/environment$/,
      (id, body) => {
        const environment = String(body['environment']);
        const { key = '?', run = 0 } = jobs.get(id) ?? {};
        jobs.set(id, { key, run, environment });
        return gate(environment, run);
      },
    ],
    [/^GET \/jobs\/(\d+)\/environment$/, (id) => gate(jobs.get(id)?.environment ?? '', jobs.get(id)?.run)],
    [/^POST \/tokens$/, (_id, body) => ({ token: `ghs_token_of_job_${String(body['jobId'])}` })],
  ];

  const server = createServer((request, response) => {
    void (async () => {
      const path = (request.url ?? '').replace('/_control', '');
      const body = await bodyOf(request);
      calls.push({ method: request.method ?? '', path, body });
      for (const [pattern, answer] of routes) {
        const match = pattern.exec(`${request.method} ${path}`);
        if (match === null) continue;
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify(answer(Number(match[1]), body) ?? {}));
        return;
      }
      const [, pull] = /^\/repos\/org\/shop\/pulls\/(\d+)$/.exec(path) ?? [];
      const state = fake.pulls.get(Number(pull));
      if (state !== undefined) {
        const { labels, head } = fake.asks.get(Number(pull)) ?? { labels: ['ephemeral'], head: 'feature' };
        const named = labels.map((name) => ({ name }));
        response.end(JSON.stringify({ number: Number(pull), state, labels: named, head: { ref: head } }));
        return;
      }
      if (/^\/repos\/org\/shop\/compare\/[0-9a-f]{40}\.\.\.main$/.test(path)) {
        response.end(JSON.stringify(fake.compared));
        return;
      }
      response.statusCode = 404;
      response.end(`no route for ${request.method} ${request.url}`);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(fake, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    history: (who: string) => histories.get(who) ?? [],
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  });
}
