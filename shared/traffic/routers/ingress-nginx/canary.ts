import * as z from 'zod';
import type { Call } from '../../../contracts/call.js';
import { sameWeights, type Observed, type Weights } from '../../router.js';
import { quoteAnswer, wholeShares } from '../reading.js';
import type { IngressNginxConfig } from './config.js';

const backendSchema = z.looseObject({ service: z.looseObject({ name: z.string() }).optional() });

/** What of an Ingress decides where its requests go. */
export const ingressSchema = z.looseObject({
  metadata: z.looseObject({
    resourceVersion: z.string().min(1),
    annotations: z.record(z.string(), z.string()).nullish(),
  }),
  spec: z.looseObject({
    defaultBackend: backendSchema.nullish(),
    rules: z
      .array(
        z.looseObject({
          host: z.string().optional(),
          http: z
            .looseObject({
              paths: z.array(z.looseObject({ path: z.string().optional(), backend: backendSchema })),
            })
            .nullish(),
        }),
      )
      .nullish(),
  }),
});

export type Ingress = z.output<typeof ingressSchema>;

const prefix = 'nginx.ingress.kubernetes.io/';

/** The annotation that a switch changes. */
export const weightAnnotation = `${prefix}canary-weight`;

export type CanaryReading =
  { ok: true; weights: Weights; canary: string; total: number } | { ok: false; why: string };

/**
 * Reads two Ingresses: which colour each leads to, and the share of the canary. `why` begins with the Ingress that is
 * meant.
 */
export function readCanary(
  { backends }: Pick<IngressNginxConfig, 'backends'>,
  main: Ingress,
  canary: Ingress,
): CanaryReading {
  const annotation = (ingress: Ingress, name: string) => ingress.metadata.annotations?.[prefix + name];
  const no = (why: string): CanaryReading => ({ ok: false, why });
  const [from, to] = [colourOf(backends, main), colourOf(backends, canary)];
  if (!from.ok) return no(`the main Ingress ${from.why}`);
  if (!to.ok) return no(`the canary Ingress ${to.why}`);
  if (from.colour === to.colour)
    return no(`both Ingresses lead to ${backends[to.colour]}; the canary must lead to the other colour`);
  if (annotation(main, 'canary') === 'true')
    return no(`the main Ingress is itself a canary; remove its annotation ${prefix}canary`);
  if (annotation(canary, 'canary') !== 'true')
    return no(`the canary Ingress lacks the annotation ${prefix}canary: "true"`);
  const uncovered = placesOf(main).filter((place) => !placesOf(canary).includes(place));
  if (uncovered.length > 0)
    return no(
      `the canary Ingress has no path for ${uncovered.map(quoteAnswer).join(', ')} of the main one, whose requests would stay; add it`,
    );
  if (annotation(main, 'affinity') === 'cookie' && annotation(main, 'affinity-canary-behavior') !== 'legacy')
    return no(
      `the main Ingress keeps clients with a cookie on the colour they have; set ${prefix}affinity-canary-behavior: legacy`,
    );
  const total = numberOf(annotation(canary, 'canary-weight-total'), 100);
  const weight = numberOf(annotation(canary, 'canary-weight'), 0);
  if (weight === undefined || total === undefined || total === 0 || total % 100 !== 0 || weight > total)
    return no(
      `the canary Ingress has the annotations canary-weight ${quoteAnswer(annotation(canary, 'canary-weight') ?? '')} and canary-weight-total ${quoteAnswer(annotation(canary, 'canary-weight-total') ?? '')}; the total must be a multiple of 100 (or left out), the weight a whole number up to it`,
    );
  const share = (100 * weight) / total;
  return {
    ok: true,
    weights: {
      ...Object.fromEntries(Object.keys(backends).map((colour) => [colour, 0])),
      [from.colour]: 100 - share,
      [to.colour]: share,
    },
    canary: to.colour,
    total,
  };
}

function numberOf(text: string | undefined, otherwise: number): number | undefined {
  if (text === undefined) return otherwise;
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

const pathsOf = ({ spec }: Ingress) =>
  (spec.rules ?? []).flatMap(({ host, http }) =>
    (http?.paths ?? []).map(({ path, backend }) => ({ place: `${host ?? '*'}${path ?? '/'}`, backend })),
  );

const placesOf = (ingress: Ingress) => pathsOf(ingress).map(({ place }) => place);

function colourOf(
  backends: Readonly<Record<string, string>>,
  ingress: Ingress,
): { ok: true; colour: string } | { ok: false; why: string } {
  const all = [
    ...pathsOf(ingress).map(({ backend }) => backend),
    ...(ingress.spec.defaultBackend ? [ingress.spec.defaultBackend] : []),
  ];
  const services = [...new Set(all.map(({ service }) => service?.name ?? '(no Service)'))];
  const colour = Object.keys(backends).find((name) => backends[name] === services[0]);
  if (services.length === 1 && colour !== undefined) return { ok: true, colour };
  const leads = services.length === 0 ? 'nowhere' : `to ${services.map(quoteAnswer).join(', ')}`;
  return {
    ok: false,
    why: `leads ${leads}; all its paths must lead to one of ${Object.values(backends).join(', ')} (other paths belong in an Ingress of their own)`,
  };
}

/** One PATCH for every canary whose share is another. */
export function planCanaries(config: IngressNginxConfig, observed: Observed, target: Weights): Call[] {
  const shares = wholeShares(config.backends, target);
  const words = Object.entries(config.backends).map(([colour, service]) => `${service} ${shares[colour]}`);
  return config.nodes.flatMap(({ name: node, namespace, canary }) => {
    const weights = observed.nodes[node];
    if (!weights || sameWeights(weights, shares)) return [];
    return [
      {
        node,
        say: `annotate ingress ${namespace}/${canary}: canary-weight for ${words.join(', ')}`,
        action: { do: 'weigh', weights: JSON.stringify(shares), before: JSON.stringify(weights) },
      },
    ];
  });
}
