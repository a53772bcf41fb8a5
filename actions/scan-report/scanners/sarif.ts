import * as z from 'zod';
import { defineScanner, severityOf, severityOfScore, type Found, type Reading } from './scanner.js';

const message = z.object({ text: z.string().default('') });
const rule = z.object({
  id: z.string(),
  properties: z.object({ 'security-severity': z.coerce.number().optional() }).optional(),
  defaultConfiguration: z.object({ level: z.string().optional() }).optional(),
});
const result = z.object({
  ruleId: z.string().default(''),
  level: z.string().optional(),
  message,
  locations: z
    .array(
      z.object({
        physicalLocation: z
          .object({
            artifactLocation: z.object({ uri: z.string().default('') }),
            region: z.object({ startLine: z.int().optional() }).optional(),
          })
          .optional(),
      }),
    )
    .default([]),
});
const rules = z.object({ rules: z.array(rule).default([]) });
const run = z.object({
  // CodeQL keeps its rules in the packs that they come from.
  tool: z.object({ driver: rules, extensions: z.array(rules).default([]) }),
  invocations: z
    .array(
      z.object({
        executionSuccessful: z.boolean(),
        toolExecutionNotifications: z
          .array(
            z.object({
              level: z.string().optional(),
              message: message.default({ text: '' }),
              descriptor: z.object({ id: z.string().default('') }).optional(),
            }),
          )
          .default([]),
      }),
    )
    .default([]),
  artifacts: z.array(z.unknown()).optional(),
  // Left out means that it did not look; an empty list, that it found nothing.
  results: z.array(result).nullish(),
});

type Run = z.output<typeof run>;

/** A report of SARIF 2.1.0. */
export const sarifSchema = z.object({
  version: z.literal('2.1.0'),
  runs: z.array(run).min(1, 'no run of a tool'),
});

/** What the tools of all runs found, and what they say went wrong. */
export const readRuns = (runs: readonly Run[]): Pick<Reading, 'findings'> & { blind: string[] } => ({
  findings: runs.flatMap(foundIn),
  blind: runs.flatMap(({ invocations, results }) => [
    ...(results ? [] : ['a run has no list of results: the tool did not look']),
    ...invocations.flatMap(({ executionSuccessful, toolExecutionNotifications: told }) => [
      ...(executionSuccessful ? [] : ['the tool says that it did not succeed']),
      ...told.filter(({ level }) => level === 'error').map(({ message }) => message.text),
    ]),
  ]),
});

function foundIn({ tool, results }: Run): Found[] {
  const known = [tool.driver, ...tool.extensions].flatMap((each) => each.rules);
  return (results ?? []).map((each): Found => {
    const of = known.find(({ id }) => id === each.ruleId);
    const score = of?.properties?.['security-severity'];
    const level = each.level ?? of?.defaultConfiguration?.level ?? 'warning';
    const at = each.locations[0]?.physicalLocation;
    const line = at?.region?.startLine;
    return {
      id: each.ruleId,
      severity: score === undefined ? severityOf(level) : severityOfScore(score),
      title: each.message.text,
      ...(at ? { file: at.artifactLocation.uri } : {}),
      ...(line === undefined ? {} : { line }),
    };
  });
}

/** SARIF 2.1.0 of any other tool. How much it looked at is told beside it, or by its list of artifacts. */
export const sarif = defineScanner({
  unit: 'files',
  exits: { found: [1] },
  schema: sarifSchema,
  read({ runs }) {
    const known = runs.flatMap(({ artifacts }) => artifacts ?? []);
    return {
      lookedAt: runs.every(({ artifacts }) => artifacts === undefined) ? undefined : known.length,
      ...readRuns(runs),
    };
  },
});
