import * as z from 'zod';
import { duration } from '../../config/fields.js';
import type { Containment } from '../../contracts/reports/analysis-report.js';
import { formatDuration } from '../../time/duration.js';
import { givesOf, type SourceConfig } from '../registry.js';

/**
 * The longest that the executable may take for all whom a failure meets together, in milliseconds: nobody looks at the
 * release meanwhile.
 */
export const longestContaining = 300_000;

/** What is done about a failure that meets few. */
export const containFields = () =>
  z
    .strictObject({
      source: z.string().describe('The source whose requests tell whom a failure meets.'),
      by: z
        .string()
        .regex(/^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/, 'the name of a label')
        .describe('The label by which they are told apart, such as tenant.'),
      'at-most': z.int().min(1).max(20).describe('So many may be contained in a watch, together.'),
      share: z
        .string()
        .regex(/^([1-9]|[1-4]\d|50)\s*%$/, 'a share up to "50 %"')
        .describe('And no more than this share of all that made requests.'),
      hook: z
        .string()
        .regex(/^(?!\/)(?!.*(^|\/)\.\.(\/|$))[\w./-]+$/, 'a path inside the workspace')
        .default('deploy/contain')
        .describe(
          'Executable of the workspace that takes one of them out (a flag, a maintenance page): service, environment, value.',
        ),
      timeout: duration()
        .prefault('1m')
        .describe('How long it may take for one of them; for all together 5 min, while nobody looks.'),
    })
    .optional()
    .describe('A failure that meets few is contained, and not rolled back for everybody.');

type Written = NonNullable<z.output<ReturnType<typeof containFields>>>;

/** The rule as a plan has it. */
export const resolveContain = (written: Written): Containment => ({
  source: written.source,
  by: written.by,
  atMost: written['at-most'],
  share: Number.parseInt(written.share, 10) / 100,
  hook: written.hook,
  timeoutMs: written.timeout,
});

/** What is wrong with a rule, each with its key. */
export function containProblems(
  { source, timeout }: Written,
  sources: Readonly<Record<string, SourceConfig>>,
): { key: keyof Written; allowed: string }[] {
  const gives = Object.hasOwn(sources, source) ? givesOf(sources[source]!) : undefined;
  return [
    ...(gives === undefined
      ? [{ key: 'source' as const, allowed: `one of the sources: ${Object.keys(sources).join(', ')}` }]
      : gives.is !== 'counts' || !gives.by
        ? [{ key: 'source' as const, allowed: 'a source that counts requests and has labels' }]
        : []),
    ...(timeout > longestContaining
      ? [{ key: 'timeout' as const, allowed: `at most ${formatDuration(longestContaining)}` }]
      : []),
  ];
}
