import type { Sigstore } from '../../../support/sigstore.js';
import type { Asked, Played } from './played.js';

/** What gates ask besides GitHub, played by the test. */
export interface Outside {
  sigstore: Sigstore;
  /** A server of numbers: what it says is left, and its status. */
  slo: { url: string; left: number; status: number };
}

/** Brings the world into a state, and says what is asked then. */
export type Play = (at: Played, outside: Outside) => Promise<Asked>;

/** Why a state cannot be: a sentence for people. */
export type Never = string;

/** Lets a release through that fails or is held without it; `play` makes that release. */
export type Waiver =
  | { by: 'hotfix'; play: Play }
  /** By a comment of somebody else on the pull request, as the policy's overrides let them. */
  | { by: 'person'; play: (at: Played, outside: Outside) => Promise<Asked & { pull: number }> }
  /** By a line of the policy itself. */
  | { by: 'policy'; play: (at: Played, outside: Outside) => Promise<Asked & { policy: string }> };

/** One gate in each of its states. That it does not pass unknown, or without a permission, is played for every gate. */
export interface Row {
  /** Its part of the policy. */
  config(outside: Outside): string;
  /** Files of the default branch that it reads. */
  files?(outside: Outside): Record<string, string>;
  serverUrl?: string;
  pass: Play;
  fail: Play;
  hold: Play | Never;
  waived: Waiver | Never;
  /** Makes what it asks besides GitHub answer 502. */
  blind?(outside: Outside): void;
}
