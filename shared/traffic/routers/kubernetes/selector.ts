import * as z from 'zod';
import type { Call } from '../../../contracts/call.js';
import { sameWeights, type Observed, type Weights } from '../../router.js';
import type { KubernetesConfig } from './config.js';

/** What of a Service decides where its requests go. */
export const serviceSchema = z.looseObject({
  metadata: z.looseObject({ resourceVersion: z.string().min(1) }),
  spec: z.looseObject({
    type: z.string().optional(),
    clusterIP: z.string().optional(),
    selector: z.record(z.string(), z.string()).nullish(),
  }),
});

export type Selector = Readonly<Record<string, string>>;

/** A Service as a plan needs it. */
export interface ServiceState {
  selector: Selector;
  /** Whether all its ready endpoints are pods that the selector means. */
  followed: boolean;
}

export interface ServiceObserved extends Observed {
  /** Left out where a state is only assumed: then nothing is planned. */
  services?: Readonly<Record<string, ServiceState>>;
}

export type SelectorReading =
  { ok: true; selector: Selector; resourceVersion: string; weights: Weights } | { ok: false; why: string };

/** Reads which colour a Service selects. */
export function readSelector(
  config: KubernetesConfig,
  service: z.output<typeof serviceSchema>,
): SelectorReading {
  const { spec, metadata } = service;
  const { label, values } = config;
  if (spec.type === 'ExternalName')
    return no('is of type ExternalName: it is a name only and selects nothing');
  if (spec.clusterIP === 'None')
    return no(
      'is headless: its clients keep the pod addresses they resolved, so a switch would reach them late or never',
    );
  const selector = spec.selector ?? {};
  const value = selector[label];
  if (value === undefined)
    return no(`has no "${label}" in its selector; add it, with one of ${Object.values(values).join(', ')}`);
  const colour = Object.keys(values).find((name) => values[name] === value);
  if (colour === undefined)
    return no(`selects ${label}=${value}, which is none of ${Object.values(values).join(', ')}`);
  const weights = Object.fromEntries(Object.keys(values).map((name) => [name, name === colour ? 100 : 0]));
  return { ok: true, selector, resourceVersion: metadata.resourceVersion, weights };
}

/** One PATCH for every Service that does not select the target, or whose endpoints do not follow its selector yet. */
export function planSelectors(config: KubernetesConfig, observed: ServiceObserved, target: Weights): Call[] {
  const colour = Object.keys(target).find((name) => target[name] === 100);
  const value = colour === undefined ? undefined : config.values[colour];
  if (value === undefined)
    throw new RangeError(
      'A Kubernetes Service gives all traffic to one colour; choose router type gateway-api for weighted steps',
    );
  return config.nodes.flatMap(({ name: node, namespace, service }) => {
    const state = observed.services?.[node];
    const weights = observed.nodes[node];
    if (!state || !weights || (sameWeights(weights, target) && state.followed)) return [];
    return [
      {
        node,
        say: `patch service ${namespace}/${service}: selector ${config.label}=${value}`,
        action: { do: 'select', value, expected: JSON.stringify(state.selector) },
      },
    ];
  });
}

/**
 * Whether the selector may be changed: done already, unchanged since it was planned from, or changed by somebody else.
 */
export function compareSelector(
  label: string,
  selector: Selector,
  action: Call['action'],
): 'done' | 'as-planned' | 'changed' {
  if (selector[label] === action['value']) return 'done';
  const expected = JSON.parse(action['expected'] ?? '{}') as Selector;
  const keys = [...new Set([...Object.keys(expected), ...Object.keys(selector)])];
  return keys.every((key) => expected[key] === selector[key]) ? 'as-planned' : 'changed';
}

/** A selector for people: `app=shop,slot=blue`. */
export function describeSelector(selector: Selector): string {
  return Object.entries(selector)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

function no(why: string): SelectorReading {
  return { ok: false, why };
}
