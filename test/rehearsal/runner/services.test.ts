import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ServiceRequest, StartService } from '../../../rehearsal/runner/run-workflow.js';
import { until } from '../../support/until.js';
import { jobsOf, logged, openFixture, stepsOf, workflowOf, type Fixture } from './fixture.js';

// GitHub docs: "Workflow syntax: jobs.<job_id>.services"; ContainerOperationProvider.cs of actions/runner.
let fixture: Fixture;
let open: Server[];
let asked: ServiceRequest[];
beforeEach(async () => {
  fixture = await openFixture();
  open = [];
  asked = [];
});
afterEach(() => fixture.close());

/** A database that greets whoever connects, on a port that nobody knows before. */
const greeting =
  (text: string, ready?: Promise<void>): StartService =>
  async (request) => {
    asked.push(request);
    const server = createServer((socket) => socket.end(`${text}\n`));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    open.push(server);
    return {
      ports: { 5432: (server.address() as AddressInfo).port },
      ...(ready !== undefined && { ready }),
      stop: () =>
        new Promise((resolve) => {
          open = open.filter((each) => each !== server);
          server.close(() => resolve());
        }),
    };
  };

const connect = (port: string) => `exec 3<>/dev/tcp/127.0.0.1/${port} && echo ">$(head -1 <&3)"`;
const database = (more = '') => `
services:
  db:
    image: postgres:16-alpine@sha256:0123
    env: { POSTGRES_PASSWORD: "\${{ secrets.PW }}" }
    ports: [5432]
    ${more}`;

describe('the services of a job', () => {
  it('are local servers, and the steps find their ports in job.services', async () => {
    const report = await fixture.run(
      workflowOf(
        `
- { name: ask, run: '${connect("${{ job.services.db.ports['5432'] }}")}' }
- { name: other, run: 'echo ">\${{ job.services.db.id != '' }} <\${{ job.services.none.ports['1'] }}>"' }`
          .replaceAll("'5432'", "''5432''")
          .replaceAll("!= ''", "!= ''''")
          .replaceAll("'1'", "''1''"),
        database('options: --health-cmd pg_isready --health-interval 10s'),
      ),
      { services: { postgres: greeting('hello') }, secrets: { PW: 'p' } },
    );
    expect(report.conclusion).toBe('success');
    const steps = stepsOf(report);
    expect(steps['ask']?.log).toContain('>hello\n');
    expect(steps['other']?.log).toContain('>true <>\n');
    expect(asked).toMatchObject([
      {
        name: 'db',
        image: 'postgres:16-alpine@sha256:0123',
        env: { POSTGRES_PASSWORD: 'p' },
        ports: [{ container: 5432 }],
      },
    ]);
    expect(report.jobs['main']?.steps.map(({ name }) => name)).toEqual([
      'Initialize containers',
      'ask',
      'other',
      'Stop containers',
    ]);
    expect(steps['Initialize containers']?.log).toContain('db service is healthy.');
    expect(open).toEqual([]);
  });

  it('are on no port of the machine where none is listed', async () => {
    const report = await fixture.run(
      workflowOf(
        `- { name: s, run: 'echo "<\${{ toJSON(job.services.db.ports) }}>"' }`,
        'services: { db: { image: postgres } }',
      ),
      { services: { postgres: greeting('x') } },
    );
    expect(stepsOf(report)['s']?.log).toContain('<{}>\n');
  });

  it('are awaited until they are healthy where their options say how to see it, and only there', async () => {
    const job = (options: string) =>
      workflowOf(`- { name: s, run: echo }`, `services: { db: { image: postgres, options: "${options}" } }`);
    const sick = { services: { postgres: greeting('x', Promise.reject(new Error('no disk'))) } };
    const report = await fixture.run(job('--health-cmd pg_isready'), sick);
    expect(report.conclusion).toBe('failure');
    expect(stepsOf(report)['s']?.conclusion).toBe('skipped');
    expect(stepsOf(report)['Initialize containers']?.annotations.map(({ message }) => message)).toEqual([
      'Failed to initialize container postgres: no disk',
      'One or more containers failed to start.',
    ]);
    expect(open).toEqual([]);
    const later = { services: { postgres: greeting('x', Promise.reject(new Error('no disk'))) } };
    expect((await fixture.run(job('--tmpfs /data'), later)).conclusion).toBe('success');
  });

  it('may be chosen by a matrix, each job with its own', async () => {
    const report = await fixture.run(
      jobsOf(`
test:
  runs-on: x
  strategy: { matrix: { db: [postgres:16, postgres:17, ''] } }
  services:
    db: { image: "\${{ matrix.db }}", ports: [5432/tcp] }
  steps:
    - { name: ask, if: matrix.db != '', run: '${connect('${{ job.services.db.ports[5432] }}')}' }
    - { run: 'echo ">port <\${{ job.services.db.ports[5432] }}>"' }`),
      { services: { postgres: greeting('any'), 'postgres:17': greeting('seventeen') } },
    );
    const logOf = (key: string, name: string) =>
      report.jobs[key]?.steps.find((step) => step.name === name)?.log ?? '';
    expect(report.conclusion).toBe('success');
    expect(logOf('test.postgres_16', 'ask')).toContain('>any\n');
    expect(logOf('test.postgres_17', 'ask')).toContain('>seventeen\n');
    // An empty image starts nothing.
    expect(asked).toHaveLength(2);
    expect(report.jobs['test.job']?.steps.map(({ log }) => log).join('')).toContain('>port <>');
  });

  it('stop with the job when it is cancelled or its machine is lost', async () => {
    const workflow = workflowOf(`- run: 'echo has-begun; exec sleep 60'`, database());
    for (const how of ['signal', 'lose'] as const) {
      const end = new AbortController();
      const run = fixture.run(workflow, {
        [how]: end.signal,
        services: { postgres: greeting('x') },
        secrets: { PW: 'p' },
      });
      await Promise.race([run, logged(fixture.progress, 'has-begun')]);
      end.abort();
      expect((await run).conclusion).toBe(how === 'signal' ? 'cancelled' : 'failure');
      expect(open).toEqual([]);
      fixture.progress.length = 0;
    }
  });

  it('that never start or never get healthy end with the job when it is cancelled', async () => {
    let begun = 0;
    const never = new Promise<never>(() => undefined);
    const hanging: StartService[] = [
      () => {
        begun++;
        return never;
      },
      async () => {
        begun++;
        return { ports: {}, ready: never, stop: () => Promise.resolve() };
      },
    ];
    for (const [index, start] of hanging.entries()) {
      const abort = new AbortController();
      const run = fixture.run(
        workflowOf('- run: echo', 'services: { db: { image: postgres, options: --health-cmd x } }'),
        { signal: abort.signal, services: { postgres: start } },
      );
      await until(() => begun > index, 'the server was asked for');
      abort.abort();
      expect((await run).conclusion).toBe('cancelled');
    }
  });

  it('cannot be had on a port that the local server does not have', async () => {
    const play = async (port: string) => {
      const report = await fixture.run(
        workflowOf('- run: echo', `services: { db: { image: postgres, ports: ["${port}"] } }`),
        { services: { postgres: greeting('x') } },
      );
      expect(open).toEqual([]);
      return stepsOf(report)['Initialize containers']?.annotations[0]?.message;
    };
    expect(await play('1:5432')).toMatch(
      /asks for port 1 of the machine.*Fix: under ports write {2}- 5432 {2}and use job\.services\.db\.ports\['5432'\]/,
    );
    expect(await play('6379')).toBe("The server for service 'db' has no port 6379; it has 5432");
    expect(await play('x')).toBe("'x' is not a port: write 5432 or 15432:5432");
  });
});

describe('an image without a local server', () => {
  it('stops the run before anything runs, with its line and what to add', async () => {
    const run = fixture.run(workflowOf('- run: echo', 'services:\n  cache:\n    image: redis:7'), {
      services: { postgres: greeting('x') },
    });
    await expect(run).rejects.toThrow(
      /cd\.yml:7: jobs\.main\.services\.cache: image 'redis:7' has no local server: add 'redis' to `services` of the request; mapped are postgres/,
    );
    expect(fixture.control.calls).toEqual([]);
  });

  it('fails its job when only the run knows it', async () => {
    const report = await fixture.run(
      workflowOf('- run: echo', 'services: { db: { image: "${{ github.event.image }}" } }'),
      { services: { postgres: greeting('x') }, event: { payload: { image: 'postgresql-fake:1' } } },
    );
    expect(stepsOf(report)['Initialize containers']?.annotations[0]?.message).toContain(
      "image 'postgresql-fake:1' has no local server",
    );
  });
});
