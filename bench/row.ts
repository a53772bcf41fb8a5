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

/** The middle of an odd number of measurements. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
