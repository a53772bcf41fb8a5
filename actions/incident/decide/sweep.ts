import type { IncidentMarker } from '../../../shared/ledger/incident-marker.js';
import { parseInstant } from '../../../shared/time/instant.js';

/** An open incident as the sweep looks at it. */
export interface SweptFact {
  number: number;
  marker: Pick<
    IncidentMarker,
    'deadline' | 'acknowledged' | 'resolvedAt' | 'escalatedAt' | 'remindedAt'
  > | null;
  /** Whether its post-mortem is needed and not there. */
  owesPostMortem: boolean;
}

export type SweepAct = { number: number; act: 'escalate' | 'remind' };

/**
 * What is to be done about open incidents: nobody answered in time, or nobody wrote the post-mortem. Each once. Instants
 * in epoch milliseconds. Pure.
 */
export function decideSweep(facts: readonly SweptFact[], nowMs: number, remindAfterMs: number): SweepAct[] {
  const at = (text: string | undefined) => (text === undefined ? undefined : parseInstant(text));
  return facts.flatMap(({ number, marker, owesPostMortem }): SweepAct[] => {
    if (!marker) return [];
    const deadline = at(marker.deadline);
    const late =
      deadline !== undefined &&
      deadline < nowMs &&
      !marker.acknowledged &&
      !marker.resolvedAt &&
      !marker.escalatedAt;
    const resolved = at(marker.resolvedAt);
    const owed =
      resolved !== undefined && resolved + remindAfterMs < nowMs && owesPostMortem && !marker.remindedAt;
    return [
      ...(late ? [{ number, act: 'escalate' } as const] : []),
      ...(owed ? [{ number, act: 'remind' } as const] : []),
    ];
  });
}
