import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { AwsV4Signer } from 'aws4fetch';
import { systemClock } from '../../../shared/runner/port.js';
import { freePorts } from '../../support/servers/real.js';
import { anybody, texts, type Moto } from '../switch/alb-moto.js';
import { runContainer, type Container } from './images.js';

export const region = 'eu-west-1';
const cluster = 'shop-production';

interface Service {
  serviceName: string;
  taskDefinition: string;
  desiredCount: number;
}

interface Definition {
  containerDefinitions: [{ image: string; environment: { name: string; value: string }[] }];
}

interface Task {
  definition: string;
  container: Container;
  /** Its address as a target. */
  address: string;
  isTarget: boolean;
}

interface Options {
  images: string;
  /** Where Prometheus reads what it scrapes. */
  targets: string;
  /** File that is there while somebody waits for services to be stable. */
  awaited: string;
  listener: string;
  /** Target group of each ECS service. */
  groups: Readonly<Record<string, string>>;
}

/** Asks moto for ECS as the agent of a machine would. */
async function ecs(moto: Moto, action: string, body: object): Promise<unknown> {
  const request = {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AmazonEC2ContainerServiceV20141113.${action}`,
    },
    body: JSON.stringify(body),
  };
  const { headers } = await new AwsV4Signer({
    accessKeyId: anybody.AWS_ACCESS_KEY_ID,
    secretAccessKey: anybody.AWS_SECRET_ACCESS_KEY,
    service: 'ecs',
    region,
    url: moto.url,
    ...request,
  }).sign();
  const answer = await fetch(moto.url, { ...request, headers });
  if (!answer.ok) throw new Error(`${action}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

/** Tasks of the services as processes of this machine, registered as targets and deregistered as ECS does. */
export function startTasks(moto: Moto, { images, targets, awaited, listener, groups }: Options) {
  const running = new Map<string, Task[]>();
  const ports = new Map<string, number>();
  let made = 0;
  let ended = false;
  const elb = (action: string, parameters: Record<string, string>) =>
    moto.aws('elasticloadbalancing', action, parameters);

  async function startTask(definition: string): Promise<Task> {
    const { taskDefinition } = (await ecs(moto, 'DescribeTaskDefinition', {
      taskDefinition: definition,
    })) as {
      taskDefinition: Definition;
    };
    const [{ image, environment }] = taskDefinition.containerDefinitions;
    const [port] = await freePorts(1);
    const address = `10.0.0.${++made}`;
    ports.set(address, port!);
    const env = Object.fromEntries(environment.map(({ name, value }) => [name, value]));
    return { definition, container: runContainer(images, image, port!, env), address, isTarget: false };
  }
  const asTarget = (group: string, { address }: Task) => ({
    TargetGroupArn: group,
    'Targets.member.1.Id': address,
  });
  async function stopTask(group: string, task: Task): Promise<void> {
    if (task.isTarget) await elb('DeregisterTargets', asTarget(group, task));
    await task.container.stop();
  }

  /** New tasks beside the old ones, which go when all new ones are well; gives whether nothing is left to do. */
  async function runService({ serviceName, taskDefinition, desiredCount }: Service): Promise<boolean> {
    const group = groups[serviceName]!;
    const tasks = running.get(serviceName) ?? [];
    const news = desiredCount === 0 ? [] : tasks.filter(({ definition }) => definition === taskDefinition);
    for (let missing = desiredCount - news.length; missing > 0; missing--) {
      const task = await startTask(taskDefinition);
      tasks.push(task);
      news.push(task);
    }
    running.set(serviceName, tasks);
    for (const task of news.filter(({ isTarget }) => !isTarget)) {
      const answer = await fetch(`http://127.0.0.1:${task.container.port}/health`).catch(() => undefined);
      if (!answer?.ok) continue;
      await elb('RegisterTargets', asTarget(group, task));
      task.isTarget = true;
    }
    const before = tasks.find(({ definition }) => definition !== taskDefinition)?.definition;
    if (news.some(({ container }) => !container.isUp()) && before !== undefined) {
      // The circuit breaker.
      await ecs(moto, 'UpdateService', { cluster, service: serviceName, taskDefinition: before });
      for (const task of news) await stopTask(group, task);
      running.set(
        serviceName,
        tasks.filter((task) => !news.includes(task)),
      );
      return false;
    }
    if (!news.every(({ isTarget }) => isTarget)) return false;
    for (const old of tasks.filter((task) => !news.includes(task))) await stopTask(group, old);
    running.set(serviceName, news);
    return true;
  }

  async function run(): Promise<void> {
    while (!ended) {
      const isAwaited = existsSync(awaited);
      const { services } = (await ecs(moto, 'DescribeServices', {
        cluster,
        services: Object.keys(groups),
      })) as { services: Service[] };
      const stable = await Promise.all(services.map(runService));
      const scraped = [...running.values()].flat().map(({ container }) => ({
        targets: [`127.0.0.1:${container.port}`],
        labels: { app: 'shop', cluster },
      }));
      writeFileSync(targets, JSON.stringify(scraped));
      if (isAwaited && stable.every((is) => is)) rmSync(awaited);
      await systemClock.sleep(100);
    }
  }
  const loop = run();
  loop.catch((error: unknown) => process.stderr.write(`the tasks of the test stopped: ${String(error)}\n`));

  /** Where a connection to a target group may go: to the targets that moto calls healthy. */
  async function portsOf(group: string): Promise<number[]> {
    const health = await elb('DescribeTargetHealth', { TargetGroupArn: group });
    const states = texts(health, 'State');
    return texts(health, 'Id')
      .filter((_, index) => states[index] === 'healthy')
      .flatMap((address) => ports.get(address) ?? []);
  }

  return {
    portsOf,
    /** Where a user's connection may go: all or nothing, by the weights of the listener. */
    async portsOfUsers(): Promise<number[]> {
      const xml = await elb('DescribeListeners', { 'ListenerArns.member.1': listener });
      const weighted = xml.split('<TargetGroups>')[1]?.split('</TargetGroups>')[0];
      if (weighted === undefined) return portsOf(texts(xml, 'TargetGroupArn')[0]!);
      const weights = texts(weighted, 'Weight');
      const live = texts(weighted, 'TargetGroupArn').filter((_, index) => Number(weights[index]) > 0);
      return (await Promise.all(live.map(portsOf))).flat();
    },
    async stop() {
      ended = true;
      await loop.catch(() => undefined);
      for (const { container } of [...running.values()].flat()) await container.stop();
    },
  };
}
