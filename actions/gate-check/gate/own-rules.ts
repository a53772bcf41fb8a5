import type { SeenKind } from '../evidence/rules/seen.js';
import type { AnyGate, GateResult } from './gate.js';

/** What came of one rule of the team: its truth, or why it has none. */
export type RuleAnswer = { name: string } & (
  { is: 'held'; value: boolean; reasons?: readonly string[] | undefined } | { is: 'error'; reason: string }
);

/** Every rule is true. One that cannot be evaluated, or was not asked, does not pass, and nobody may let it through. */
export function judgeRules(rules: readonly { name: string }[], found: readonly RuleAnswer[]): GateResult {
  const judged = rules.map(({ name }) => {
    const answer = found.find((one) => one.name === name);
    if (answer?.is !== 'held')
      return {
        name,
        is: 'unknown',
        text: `${name}: not known, the expression fails: ${answer?.reason ?? 'it was not asked'}`,
      };
    const why = answer.reasons?.length ? `: ${answer.reasons.join('; ')}` : '';
    return answer.value
      ? { name, is: 'true', text: name }
      : { name, is: 'false', text: `${name}: does not hold${why}` };
  });
  const wrong = judged.filter(({ is }) => is === 'false');
  const unknown = judged.filter(({ is }) => is === 'unknown');
  const texts = (some: typeof judged) => some.map(({ text }) => text).join('; ');
  if (wrong.length + unknown.length === 0) return { is: 'pass', reason: texts(judged) };
  return {
    is: 'fail',
    reason: texts([...wrong, ...unknown]),
    byPerson: unknown.length === 0 ? wrong.map(({ name }) => name).join('; ') : undefined,
  };
}

/** A gate of rules that name the evidence they look at; what they name is collected. */
export const withSeen = (gate: AnyGate): AnyGate => ({
  ...gate,
  needs: (config, request) => [
    ...gate.needs(config, request),
    ...[...new Set((config as { sees: SeenKind[] }[]).flatMap(({ sees }) => sees))].map((kind) => ({
      kind,
      detail: true,
    })),
  ],
});
