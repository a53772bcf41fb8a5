/** One measured fact, and how it compares. */
export interface Row {
  subject: string;
  metric: string;
  value: number;
  unit: string;
  of?: number;
  ratioTo?: string;
  ratio?: number;
}

/** What a bench measured, at which versions, and what must be known to read it. */
export interface Benched {
  rows: Row[];
  versions?: Readonly<Record<string, string>>;
  notes?: readonly string[];
}

/** The middle of an odd number of measurements. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
