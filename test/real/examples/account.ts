import { join } from 'node:path';
import { installed } from '../../support/servers/real.js';
import { anybody, startMoto, texts } from '../switch/alb-moto.js';
import { putTool, startRegistry, startWayIn } from './images.js';
import type { Place } from './play.js';
import { startPrometheus } from './prometheus.js';
import { region, startTasks } from './tasks.js';
import { startTeam } from './team.js';

export const example = join('examples', 'ecs-alb');

/** The AWS command line; what is waited for are the tasks of the test, which moto does not know. */
const aws = (program: string, awaited: string) => `#!/bin/sh
if test "$1 $2" = 'ecs wait'; then
  touch '${awaited}'
  while test -e '${awaited}'; do sleep 0.1; done
  exit 0
fi
exec '${program}' "$@"
`;

/** What the page says of the account, with what has to be there before. */
const setUp = (page: string) => {
  const [, commands] = /```sh\n(aws iam [^]*?)```/.exec(page)!;
  return `#!/usr/bin/env bash
set -euo pipefail
REPOSITORY=acme/shop RUNNERS=198.51.100.7/32
VPC=$(aws ec2 describe-vpcs --query 'Vpcs[0].VpcId' --output text)
SUBNETS=$(aws ec2 describe-subnets --query 'join(\`,\`, Subnets[].SubnetId)' --output text)
CERTIFICATE=$(aws acm request-certificate --domain-name shop.example.com --query CertificateArn --output text)
SECRET=$(aws secretsmanager create-secret --name ghcr --secret-string '{}' --query ARN --output text)
${commands}`;
};

/** The account of the example in a moto of its own. */
export async function startAccount(): Promise<Place> {
  const moto = await startMoto();
  const team = await startTeam(example);
  const { root } = team;
  const prometheus = await startPrometheus(root);
  Object.assign(team.variables, anybody, { AWS_DEFAULT_REGION: region, AWS_ENDPOINT_URL: moto.url });
  const awaited = join(root, 'awaited');
  putTool(root, 'aws', aws(installed('awscli'), awaited));
  putTool(root, 'set-up', setUp(team.page));
  const made = await team.script('../bin/set-up');
  if (made.status !== 0) throw new Error(made.stderr);

  const elb = (action: string, parameters: Record<string, string> = {}) =>
    moto.aws('elasticloadbalancing', action, parameters);
  const groups = texts(await elb('DescribeTargetGroups'), 'TargetGroupArn');
  const groupOf = (colour: string) => groups.find((arn) => arn.includes(`/shop-production-${colour}/`))!;
  const balancer = texts(await elb('DescribeLoadBalancers'), 'LoadBalancerArn')[0]!;
  const listeners = await elb('DescribeListeners', { LoadBalancerArn: balancer });
  const listener = texts(listeners, 'ListenerArn')[texts(listeners, 'Port').indexOf('443')]!;

  const tasks = startTasks(moto, {
    images: startRegistry(root),
    targets: prometheus.targets('tasks'),
    awaited,
    listener,
    groups: { 'shop-blue': groupOf('blue'), 'shop-green': groupOf('green') },
  });
  const entry = await startWayIn(tasks.portsOfUsers);
  const blue = await startWayIn(() => tasks.portsOf(groupOf('blue')));
  const green = await startWayIn(() => tasks.portsOf(groupOf('green')));

  return {
    team,
    url: entry.url,
    // What the page says to fill in, and the places of this machine.
    here: (text) =>
      text
        .replace(/arn:aws:elasticloadbalancing\S+:listener\/\S+/, listener)
        .replace(/arn:aws:elasticloadbalancing\S+:targetgroup\/shop-production-blue\S+/, groupOf('blue'))
        .replace(/arn:aws:elasticloadbalancing\S+:targetgroup\/shop-production-green\S+/, groupOf('green'))
        .replace('  target-groups:', `  endpoint: ${moto.url}\n  target-groups:`)
        .replace('http://blue.shop-production.internal:8080', blue.url)
        .replace('http://green.shop-production.internal:8080', green.url)
        .replace('https://shop.example.com', entry.url)
        .replace('http://prometheus.internal:9090', prometheus.url),
    brokenSays: 'took the deployment back',
    yours: /\.github\/traffic\/production\.yml:\d+: listener: arn:aws:elasticloadbalancing:.* # yours/,
    async close() {
      for (const colour of ['blue', 'green'])
        await team.script('deploy/remove', 'shop', 'production', colour);
      await tasks.stop();
      for (const way of [entry, blue, green]) await way.close();
      await prometheus.stop();
      await team.close();
      await moto.stop();
    },
  };
}
