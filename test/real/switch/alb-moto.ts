import { AwsV4Signer } from 'aws4fetch';
import { answers, freePorts, installed, startServer, type RealServer } from '../../support/servers/real.js';

const region = 'eu-west-1';

/** Credentials that moto takes while it checks none. */
export const anybody = { AWS_ACCESS_KEY_ID: 'testing', AWS_SECRET_ACCESS_KEY: 'testing' };

const versions = { ec2: '2016-11-15', iam: '2010-05-08', elasticloadbalancing: '2015-12-01' };

/** moto's server on loopback, asked by a client of our own, so that the router's is not what checks itself. */
export interface Moto extends RealServer {
  url: string;
  /** The XML of an answer; throws on any status but 200. */
  aws(service: keyof typeof versions, action: string, parameters?: Record<string, string>): Promise<string>;
}

/**
 * What a service runs behind: two target groups with two healthy targets each, and a listener and a rule that forward
 * to blue alone, with stickiness.
 */
export interface Balancer {
  groups: Record<string, string>;
  listener: string;
  rule: string;
}

/** All texts of an element by name. */
export const texts = (xml: string, name: string) =>
  [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map((match) => match[1]!);

/** Starts the moto that scripts/install/moto.sh installed. */
export async function startMoto(): Promise<Moto> {
  const [port] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const server = await startServer(
    [installed('moto'), '-H', '127.0.0.1', '-p', String(port)],
    () => answers(`${url}/moto-api/data.json`),
    120_000,
  );
  return { ...server, url, aws: (service, action, parameters) => ask(url, service, action, parameters) };
}

async function ask(
  url: string,
  service: keyof typeof versions,
  action: string,
  parameters: Record<string, string> = {},
): Promise<string> {
  const body = new URLSearchParams({ Action: action, Version: versions[service], ...parameters }).toString();
  const { headers } = await new AwsV4Signer({
    accessKeyId: anybody.AWS_ACCESS_KEY_ID,
    secretAccessKey: anybody.AWS_SECRET_ACCESS_KEY,
    service,
    region,
    url,
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body,
  }).sign();
  const answer = await fetch(url, { method: 'POST', headers, body });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${action}: ${answer.status} ${text}`);
  return text;
}

/** Makes one in the default network. */
export async function createBalancer(
  moto: Moto,
  name: string,
  colours: readonly string[],
): Promise<Balancer> {
  const elb = (action: string, parameters?: Record<string, string>) =>
    moto.aws('elasticloadbalancing', action, parameters);
  const subnets = texts(await moto.aws('ec2', 'DescribeSubnets'), 'subnetId');
  const vpc = texts(await moto.aws('ec2', 'DescribeVpcs'), 'vpcId')[0]!;
  const balancer = texts(
    await elb('CreateLoadBalancer', {
      Name: name,
      'Subnets.member.1': subnets[0]!,
      'Subnets.member.2': subnets[1]!,
    }),
    'LoadBalancerArn',
  )[0]!;
  const groups: Record<string, string> = {};
  for (const [index, colour] of colours.entries()) {
    const made = await elb('CreateTargetGroup', {
      Name: `${name}-${colour}`,
      Protocol: 'HTTP',
      Port: '80',
      VpcId: vpc,
      TargetType: 'ip',
    });
    groups[colour] = texts(made, 'TargetGroupArn')[0]!;
    await elb('RegisterTargets', {
      TargetGroupArn: groups[colour]!,
      'Targets.member.1.Id': `10.0.${index}.1`,
      'Targets.member.2.Id': `10.0.${index}.2`,
    });
  }
  const forward = (list: string, weight: string) => ({
    [`${list}.member.1.Type`]: 'forward',
    [`${list}.member.1.Order`]: '1',
    [`${list}.member.1.ForwardConfig.TargetGroups.member.1.TargetGroupArn`]: groups['blue']!,
    [`${list}.member.1.ForwardConfig.TargetGroups.member.1.Weight`]: weight,
    [`${list}.member.1.ForwardConfig.TargetGroupStickinessConfig.Enabled`]: 'true',
    [`${list}.member.1.ForwardConfig.TargetGroupStickinessConfig.DurationSeconds`]: '60',
  });
  const made = await elb('CreateListener', {
    LoadBalancerArn: balancer,
    Protocol: 'HTTP',
    Port: '80',
    ...forward('DefaultActions', '7'),
  });
  const listener = texts(made, 'ListenerArn')[0]!;
  const madeRule = await elb('CreateRule', {
    ListenerArn: listener,
    Priority: '10',
    'Conditions.member.1.Field': 'path-pattern',
    'Conditions.member.1.Values.member.1': '/api/*',
    ...forward('Actions', '1'),
  });
  const rule = texts(madeRule, 'RuleArn')[0]!;
  return { groups, listener, rule };
}
