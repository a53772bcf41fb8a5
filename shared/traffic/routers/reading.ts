import type { Weights } from '../router.js';

/** What an answer or a file of a router means, or why it means nothing. */
export type Reading = { ok: true; weights: Weights } | { ok: false; why: string };

/** Shares finer than this part of a percent are an error of floating point: a router that says 0.07 of 1 means 7 %. */
const finest = 1e6;

/** Shares of their sum in percent, of the backends' own weights; all 0 when nothing gets traffic. */
export function sharesByColour(
  backends: Readonly<Record<string, string>>,
  weightOf: ReadonlyMap<string, number>,
): Weights {
  const weights = Object.entries(backends).map(
    ([colour, backend]) => [colour, weightOf.get(backend) ?? 0] as const,
  );
  const total = weights.reduce((sum, [, weight]) => sum + weight, 0);
  return Object.fromEntries(
    weights.map(([colour, weight]) => [
      colour,
      total === 0 ? 0 : Math.round((100 * finest * weight) / total) / finest,
    ]),
  );
}

/**
 * The target with every colour named, in whole percent; throws RangeError when it is none that a router could be told.
 */
export function wholeShares(backends: Readonly<Record<string, string>>, target: Weights): Weights {
  const colours = Object.keys(backends);
  const stranger = Object.keys(target).find((colour) => !colours.includes(colour));
  if (stranger !== undefined)
    throw new RangeError(`there is no colour "${stranger}" (known: ${colours.join(', ')})`);
  const shares = Object.fromEntries(colours.map((colour) => [colour, target[colour] ?? 0]));
  const sum = Object.values(shares).reduce((total, share) => total + share, 0);
  if (sum !== 100 || Object.values(shares).some((share) => !Number.isInteger(share) || share < 0))
    throw new RangeError(
      `weights must be whole percent that add up to 100, not ${colours.map((colour) => `${colour} ${shares[colour]}`).join(', ')}`,
    );
  return shares;
}

/** Weights out of a journaled call; undefined when they are not of exactly these colours. */
export function journaledWeights(
  backends: Readonly<Record<string, string>>,
  text: string | undefined,
): Weights | undefined {
  const weights = jsonOf(text ?? '');
  if (typeof weights !== 'object' || weights === null) return undefined;
  const colours = Object.entries(weights);
  const fits =
    colours.length === Object.keys(backends).length &&
    colours.every(([colour, weight]) => Object.hasOwn(backends, colour) && Number.isFinite(weight));
  return fits ? (weights as Weights) : undefined;
}

/**
 * An answer for people: on one line, at most 300 characters, and nothing in it that a runner would take for a command.
 */
export function quoteAnswer(answer: string): string {
  return JSON.stringify(answer.length > 300 ? `${answer.slice(0, 297)}...` : answer).replaceAll(
    '##[',
    '## [',
  );
}

/** The JSON value of an answer, undefined when it is none. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
