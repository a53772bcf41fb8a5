/** What is refused or found wrong when releases are made and watched. */
export const releaseCodes = [
  'verdict-missing',
  'verdict-unreadable',
  'verdict-for-another-release',
  'verdict-of-another-attempt',
  'verdict-too-long',
  'verdict-expired',
  'verdict-ends-before-steps',
  'verdict-from-the-future',
  'lock-missing',
  'lock-of-another-run',
  'lock-in-another-phase',
  'lock-busy',
  'lock-not-proved',
  'deployment-deleted',
  'watch-busy',
  'incident-opened',
  'digest-rolled-back',
  'traffic-moved',
  'traffic-mixed',
  'router-cannot-weigh',
  'router-holds-down',
  'router-not-ready',
  'router-failed',
  'router-refused',
  'colour-unknown',
  'colour-live',
  'colour-answers',
  'colour-not-well',
  'colour-says-nothing',
  'colour-runs-another',
  'colour-overwritten',
  'live-of-another-run',
  'remove-failed',
  'deployed-before',
  'already-recorded',
  'record-would-not-count',
  'schema-too-new',
  'entry-not-answering',
  'nothing-live',
  'nothing-to-go-back-to',
  'router-differs-from-ledger',
  'node-not-saved',
  'deployment-left-over',
  'nobody-paged',
  'permission-missing',
] as const;

/** The same when incidents are handled. */
export const incidentCodes = [
  'incident-not-proved',
  'incident-over',
  'triage-not-allowed',
  'post-mortem-missing',
  'hook-failed',
] as const;

/** Stable names of everything that is refused or found wrong; each is a heading of docs/troubleshooting.md. */
export const refusalCodes = [...releaseCodes, ...incidentCodes] as const;

export type RefusalCode = (typeof refusalCodes)[number];

declare const withCode: unique symbol;

/** Why something is refused, as a text with its code behind it: a text without one is refused by the type checker. */
export type Refusal = string & { readonly [withCode]: true };

/** A refusal's text with its code behind it, so that it can be looked up wherever the text is shown. */
export function coded(code: RefusalCode, text: string): Refusal {
  return `${text} [${code}]` as Refusal;
}

/** The same refusal with words around it. */
export function retold(before: string, refusal: Refusal, after = ''): Refusal {
  return `${before}${refusal}${after}` as Refusal;
}

/** The codes in texts, each once, in the order of the list. */
export function codesIn(texts: readonly string[]): RefusalCode[] {
  return refusalCodes.filter((code) => texts.some((text) => text.includes(`[${code}]`)));
}
