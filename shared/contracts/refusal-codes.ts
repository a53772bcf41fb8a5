/** Stable names of everything that is refused or found wrong; each is a heading of docs/troubleshooting.md. */
export const refusalCodes = [
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
  'watch-busy',
  'incident-opened',
  'digest-rolled-back',
  'traffic-moved',
  'traffic-mixed',
  'router-cannot-weigh',
  'router-holds-down',
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

export type RefusalCode = (typeof refusalCodes)[number];

/** A refusal's text with its code behind it, so that it can be looked up wherever the text is shown. */
export function coded(code: RefusalCode, text: string): string {
  return `${text} [${code}]`;
}

/** The codes in texts, each once, in the order of the list. */
export function codesIn(texts: readonly string[]): RefusalCode[] {
  return refusalCodes.filter((code) => texts.some((text) => text.includes(`[${code}]`)));
}
