import type { Call } from '../../../contracts/call.js';
import { sameWeights, type Observed, type Weights } from '../../router.js';
import type { NginxIncludeConfig } from './config.js';

/** First line of every include file written here; a file without it belongs to someone else. */
export const includeHeader =
  '# Written by devops-actions after the traffic file; changes by hand are overwritten.';

/** Shares as the include file and the probe say them: `blue=70 green=30`, in percent. */
export function sharesOf(config: NginxIncludeConfig, weights: Weights): string {
  return Object.keys(config.upstreams)
    .map((colour) => `${colour}=${percent(weights[colour] ?? 0)}`)
    .join(' ');
}

/** The opposite of sharesOf; undefined for anything else. */
export function parseShares(config: NginxIncludeConfig, text: string): Weights | undefined {
  const colours = Object.keys(config.upstreams);
  const pairs = text.split(' ').map((pair) => /^(.+)=(\d{1,3}(?:\.\d{1,2})?)$/.exec(pair));
  const weights = Object.fromEntries(pairs.flatMap((pair) => (pair ? [[pair[1]!, Number(pair[2])]] : [])));
  const whole =
    pairs.length === colours.length &&
    colours.every((colour) => weights[colour] !== undefined) &&
    isWhole(weights);
  return whole ? weights : undefined;
}

/** The include file: one variable with the upstream of a request, one with the shares a worker has loaded. */
export function renderInclude(config: NginxIncludeConfig, weights: Weights): string {
  const lit = Object.keys(config.upstreams).filter((colour) => (weights[colour] ?? 0) > 0);
  const shares = lit
    .slice(0, -1)
    .map((colour) => `  ${percent(weights[colour]!)}% ${config.upstreams[colour]};\n`)
    .join('');
  return `${includeHeader}
split_clients "$request_id" $${config.variable} {
${shares}  * ${config.upstreams[lit.at(-1)!]};
}
map "" $${config.variable}_shares {
  default "${sharesOf(config, weights)}";
}
`;
}

/**
 * What a reload would bring. A file of our own that says something outdated is unknown, and the plan writes it; a
 * foreign one is not touched.
 */
export function readInclude(
  config: NginxIncludeConfig,
  text: string | undefined,
): { ok: true; weights: Weights | undefined } | { ok: false; why: string } {
  if (text === undefined || !text.startsWith(includeHeader)) {
    const first = Object.keys(config.upstreams)[0]!;
    const wanted = renderInclude(config, { [first]: 100 });
    const found = text === undefined ? 'does not exist' : 'was not written by this suite';
    return {
      ok: false,
      why: `${config.include} ${found}; put this there (with the colour that is live), include it in the http block, and reload:\n${wanted}`,
    };
  }
  const shares = /^ {2}default "([^"]*)";$/m.exec(text)?.[1] ?? '';
  const weights = parseShares(config, shares);
  return { ok: true, weights: weights && renderInclude(config, weights) === text ? weights : undefined };
}

/**
 * All files first, each tested by nginx, then the reloads: a configuration that one node refuses moves nothing
 * anywhere.
 */
export function planInclude(config: NginxIncludeConfig, observed: Observed, target: Weights): Call[] {
  if (!isWhole(target)) throw new RangeError('the shares of the colours must add up to 100 %');
  const shares = sharesOf(config, target);
  const nodes = Object.keys(observed.nodes);
  return [
    ...nodes
      .filter((node) => !sameWeights(observed.saved?.[node] ?? {}, target))
      .map((node): Call => {
        const saved = observed.saved?.[node];
        const from: Record<string, string> = saved ? { from: sharesOf(config, saved) } : {};
        return {
          node,
          say: `write ${shares} to ${config.include} and run ${config.test.join(' ')}`,
          action: { do: 'write-include', shares, ...from },
        };
      }),
    ...nodes
      .filter((node) => !sameWeights(observed.nodes[node]!, target))
      .map((node) => ({
        node,
        say: `${config.reload.join(' ')}, until new connections are served ${shares}`,
        action: { do: 'reload', shares },
      })),
  ];
}

/** nginx takes shares in hundredths of a percent. */
function percent(weight: number): number {
  return Number(weight.toFixed(2));
}

function isWhole(weights: Weights): boolean {
  const shares = Object.values(weights);
  const sum = shares.reduce((total, weight) => total + weight, 0);
  return shares.every((weight) => weight >= 0) && Math.abs(sum - 100) < 0.01;
}
