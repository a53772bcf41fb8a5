import type { PlainMap, PlainValue } from '../expression/expression-data.js';
import type { Combination } from './combinations.js';

/** One job of a matrix. */
export interface Leg {
  /** Unique in its job, and an id: GitHub names the job `test._20_ubuntu` by it where it cancels a matrix. */
  id: string;
  /** Behind the name of a job whose own name has no expression. */
  suffix: string;
  contexts: { matrix: PlainMap; strategy: PlainMap };
}

/** Texts of all leaves, in their order; empty and null ones say nothing. */
function leaves(value: PlainValue): string[] {
  if (Array.isArray(value)) return (value as readonly PlainValue[]).flatMap(leaves);
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(leaves);
  return value === null || value === '' ? [] : [String(value)];
}

/** `IdBuilder.cs` of actions/runner: letters, digits, - and _, and no digit or - in front. */
function idOf(texts: readonly string[]): string {
  const joined = texts.map((text) => text.replace(/[^A-Za-z0-9_-]/g, '_')).join('_');
  if (joined === '') return 'job';
  return (/^[0-9-]/.test(texts[0] ?? '') ? `_${joined}` : joined).replace(/^__+/, '_').slice(0, 100);
}

/** The jobs of a matrix; its values that includes add to a combination are not in names. */
export function legsOf(
  combinations: readonly Combination[],
  strategy: { failFast: boolean; maxParallel: number | undefined },
): Leg[] {
  const used = new Set<string>();
  const unique = (id: string) => {
    for (let count = 1; ; count++) {
      const candidate = count === 1 ? id : `${id}_${count}`;
      if (used.has(candidate)) continue;
      used.add(candidate);
      return candidate;
    }
  };
  return combinations.map(({ own, extra }, index) => {
    const texts = leaves(own);
    return {
      id: unique(idOf(texts)),
      suffix: texts.length === 0 ? '' : ` (${texts.join(', ')})`,
      contexts: {
        matrix: { ...own, ...extra },
        strategy: {
          'fail-fast': strategy.failFast,
          'job-index': index,
          'job-total': combinations.length,
          'max-parallel': strategy.maxParallel ?? combinations.length,
        },
      },
    };
  });
}

/** `JobNameBuilder.cs` of actions/runner: a name made from a matrix ends after 100 letters. */
export function legName(name: string, { suffix }: Leg): string {
  const whole = name + suffix;
  return whole.length > 100 ? `${whole.slice(0, 97)}...` : whole;
}
