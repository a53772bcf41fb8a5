import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../message-of.js';
import { findService } from '../plan/find-service.js';
import { compileCondition, evaluateText } from '../read/expression/expressions.js';
import { positions } from '../read/expression/positions.js';
import type { Service } from '../read/workflow.js';
import type { RunningService, ServicePort, ServiceRequest } from '../request.js';
import { unlessAborted } from './job/job-control.js';
import type { JobState } from './job/job-state.js';
import type { PlannedStep, StepContext } from './step/step.js';

/** `5432`, `15432:5432`, each with `/tcp` behind it or not. */
function portOf(text: string): ServicePort {
  const found = /^(?:(\d+):)?(\d+)(?:\/tcp)?$/.exec(text.trim());
  if (found === null) throw new Error(`'${text}' is not a port: write 5432 or 15432:5432`);
  const [, host, container] = found;
  return { container: Number(container), ...(host !== undefined && { host: Number(host) }) };
}

/** Docker checks the health only of a container that says how. */
const checksHealth = (options: string) =>
  /--health-cmd[ =]/.test(options) && !options.includes('--no-healthcheck');

/** The servers that stand for the `services` of one job. */
export class Services {
  private readonly running: { request: ServiceRequest; service: RunningService }[] = [];

  constructor(private readonly job: JobState) {}

  /** Steps around those of the job, named as GitHub names them; none where the job has no services. */
  steps(): { first: PlannedStep[]; last: PlannedStep[] } {
    if (this.job.parts.job.services.length === 0) return { first: [], last: [] };
    const step = (name: string, condition: string, execute: PlannedStep['execute']): PlannedStep => ({
      stage: condition === 'always()' ? 'post' : 'pre',
      fallbackName: name,
      action: '__services',
      condition: compileCondition(condition, positions.stepIf, false),
      env: {},
      state: {},
      execute,
    });
    return {
      first: [step('Initialize containers', 'success()', (context) => this.start(context))],
      last: [
        step('Stop containers', 'always()', async () => {
          await this.stop();
          return true;
        }),
      ],
    };
  }

  /** Stops what still runs; safe to call twice. */
  async stop(): Promise<void> {
    await Promise.allSettled(this.running.splice(0).map(({ service }) => service.stop()));
  }

  private async start(context: StepContext): Promise<boolean> {
    for (const service of this.job.parts.job.services) await this.startOne(service, context);
    let healthy = true;
    for (const { request, service } of this.running) {
      if (!checksHealth(request.options)) continue;
      try {
        if (service.ready !== undefined) await unlessAborted(service.ready, context.cancel);
        context.output.write(`${request.name} service is healthy.`);
      } catch (error) {
        healthy = false;
        context.output.error(`Failed to initialize container ${request.image}: ${messageOf(error)}`);
      }
    }
    if (!healthy) throw new Error('One or more containers failed to start.');
    return true;
  }

  private async startOne(declared: Service, { scope, output, cancel }: StepContext): Promise<void> {
    const { machine, run } = this.job.parts;
    const image = evaluateText(declared.image, scope);
    // GitHub docs, "Workflow syntax: services.<service_id>.image": an empty one is not started.
    if (image === '') return;
    const { name } = declared;
    const folder = join(machine.root, 'services', name.replace(/[^A-Za-z0-9_-]/g, '_'));
    mkdirSync(folder, { recursive: true });
    const request: ServiceRequest = {
      name,
      image,
      env: Object.fromEntries(
        Object.entries(declared.env).map(([key, value]) => [key, evaluateText(value, scope)]),
      ),
      ports: declared.ports.map((port) => portOf(evaluateText(port, scope))),
      options: evaluateText(declared.options, scope),
      folder,
      signal: cancel,
    };
    const starting = findService(image, run.request.services)(request);
    const service = await unlessAborted(starting, cancel);
    if (service === undefined) {
      starting.then(({ stop }) => stop()).catch(() => undefined);
      throw new Error(`The job was cancelled while service '${name}' started`);
    }
    // Nobody may look at it where no health is checked.
    service.ready?.catch(() => undefined);
    this.running.push({ request, service });
    const ports = request.ports.map((port) => [String(port.container), portAt(port, service, name)]);
    this.job.services[name] = {
      id: `local-${name}`,
      network: 'local',
      ports: Object.fromEntries(ports) as Record<string, string>,
    };
    output.write(`${name}: ${image} is played by a server of this machine`);
  }
}

/** Without `ports` a service is on no port of the machine, as on GitHub. */
function portAt({ container, host }: ServicePort, { ports }: RunningService, name: string): string {
  const port = ports[container];
  if (port === undefined) {
    const known = Object.keys(ports).join(', ');
    throw new Error(`The server for service '${name}' has no port ${container}; it has ${known || 'none'}`);
  }
  if (host === undefined || host === port) return String(port);
  throw new Error(
    `Service '${name}' asks for port ${host} of the machine, and its local server is at another one. ` +
      `Fix: under ports write  - ${container}  and use job.services.${name}.ports['${container}']`,
  );
}
