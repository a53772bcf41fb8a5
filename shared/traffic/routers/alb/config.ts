import * as z from 'zod';
import { routerFields } from '../router-type.js';
import { hasNoTwoOf, hasSomeOf, withJsonForm } from '../../../schema/json-form.js';
import { nodeName } from '../../transports/config.js';
import { nameSchema } from '../../../contracts/formats.js';
import { duration } from '../../../config/fields.js';

const arn = (kind: string, form: string) =>
  z
    .string()
    .regex(
      new RegExp(`^arn:aws(-cn|-us-gov)?:elasticloadbalancing:[a-z0-9-]+:\\d{12}:${form}$`),
      `the ARN of ${kind}, such as arn:aws:elasticloadbalancing:eu-west-1:123456789012:…`,
    );

const nodeSchema = z
  .strictObject({
    name: nodeName,
    listener: arn('an ALB listener', 'listener/app/[A-Za-z0-9-]+/[0-9a-f]+/[0-9a-f]+')
      .optional()
      .describe('Listener whose default action is switched.'),
    rule: arn('an ALB listener rule', 'listener-rule/app/[A-Za-z0-9-]+/[0-9a-f]+/[0-9a-f]+/[0-9a-f]+')
      .optional()
      .describe('Rule whose action is switched.'),
  })
  .refine(
    withJsonForm(
      ({ listener, rule }: { listener?: string; rule?: string }) =>
        (listener === undefined) !== (rule === undefined),
      () => [hasSomeOf(['listener', 'rule']), ...hasNoTwoOf(['listener', 'rule'])],
    ),
    'exactly one of listener (its default action) or rule',
  );

/** AWS Application Load Balancer: the weights of the target groups in forward actions. */
export const albSchema = z
  .strictObject({
    ...routerFields('aws-alb'),
    nodes: z
      .array(nodeSchema)
      .min(1)
      .refine(
        (nodes) => new Set(nodes.map((node) => node.name)).size === nodes.length,
        'node names that differ',
      )
      .refine(
        (nodes) => new Set(nodes.map((node) => node.listener ?? node.rule)).size === nodes.length,
        'every listener and rule once',
      )
      .describe('The listeners and rules that forward to the target groups.'),
    'target-groups': z
      .record(nameSchema, arn('a target group', 'targetgroup/[A-Za-z0-9-]+/[0-9a-f]+'))
      .refine(
        (groups) => new Set(Object.values(groups)).size === Object.keys(groups).length,
        'target groups that differ',
      )
      .describe('Target group of each colour.'),
    'healthy-within': duration()
      .prefault('2m')
      .describe('How long the targets of a colour may take to be healthy before it gets traffic.'),
    endpoint: z
      .string()
      .regex(
        /^(https:\/\/|http:\/\/(127\.0\.0\.1|localhost)[:/])[^\s]+$/,
        'an https address (http only on loopback)',
      )
      .optional()
      .describe('Address of the ELBv2 API where it is not the public one (a VPC endpoint).'),
  })
  .refine(
    (alb) => new Set(arnsOf(alb).map((each) => each.split(':').slice(1, 5).join(':'))).size === 1,
    'listeners, rules and target groups of one account and region',
  );

export type AlbConfig = z.output<typeof albSchema>;

interface WithArns {
  nodes: readonly { listener?: string | undefined; rule?: string | undefined }[];
  'target-groups': Readonly<Record<string, string>>;
}

function arnsOf({ nodes, 'target-groups': groups }: WithArns): string[] {
  return [...nodes.flatMap(({ listener, rule }) => listener ?? rule ?? []), ...Object.values(groups)];
}

/** Region of everything named, and address of its API. */
export function albEndpoint(config: AlbConfig): { region: string; url: string } {
  const [, partition, , region = ''] = arnsOf(config)[0]!.split(':');
  const suffix = partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
  return { region, url: config.endpoint ?? `https://elasticloadbalancing.${region}.${suffix}/` };
}
