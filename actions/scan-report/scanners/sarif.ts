import * as z from 'zod';
import { defineScanner, severityOf, severityOfScore, type Found, type Reading } from './scanner.js';

const message = z.object({ text: z.string().default('') });
// An empty text would become 0, the best score of all.
const score = z.union([z.number(), z.string().regex(/^\d+(\.\d+)?$/)]).transform(Number);
const notices = z
  .array(
    z.object({
      level: z.string().optional(),
      message: message.default({ text: '' }),
      descriptor: z.object({ id: z.string().default('') }).optional(),
    }),
  )
  .default([]);
const rule = z.object({
  id: z.string(),
  properties: z.object({ 'security-severity': score.catch(NaN).optional() }).optional(),
  defaultConfiguration: z.object({ level: z.string().optional() }).optional(),
});
const result = z.object({
  ruleId: z.string().optional(),
  ruleIndex: z.int().optional(),
  rule: z
    .object({
      id: z.string().optional(),
      index: z.int().optional(),
      toolComponent: z.object({ index: z.int().optional() }).optional(),
    })
    .optional(),
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
        toolExecutionNotifications: notices,
        toolConfigurationNotifications: notices,
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
    ...invocations.flatMap((each) => [
      ...(each.executionSuccessful ? [] : ['the tool says that it did not succeed']),
      ...[...each.toolExecutionNotifications, ...each.toolConfigurationNotifications]
        .filter(({ level }) => level === 'error')
        .map(({ message }) => message.text || 'the tool tells of an error'),
    ]),
  ]),
});

function foundIn({ tool, results }: Run): Found[] {
  return (results ?? []).map((each): Found => {
    const of = ruleOf(tool, each);
    const score = of?.properties?.['security-severity'];
    // SARIF's own "warning" is for a rule that is known.
    const level = each.level ?? (of ? (of.defaultConfiguration?.level ?? 'warning') : undefined);
    const at = each.locations[0]?.physicalLocation;
    const line = at?.region?.startLine;
    return {
      id: each.ruleId ?? each.rule?.id ?? of?.id ?? 'no rule',
      severity: score === undefined ? severityOf(level) : severityOfScore(score),
      title: each.message.text,
      ...(at ? { file: at.artifactLocation.uri } : {}),
      ...(line === undefined ? {} : { line }),
    };
  });
}

/** The rule of a result, by its place or by its name; the name may go on behind a slash. */
function ruleOf(tool: Run['tool'], { ruleId, ruleIndex, rule }: z.output<typeof result>) {
  const id = ruleId ?? rule?.id;
  const at = ruleIndex ?? rule?.index;
  const known = [tool.driver, ...tool.extensions].flatMap((each) => each.rules);
  const component = rule?.toolComponent?.index;
  const own = component === undefined ? tool.driver : tool.extensions[component];
  const placed = at === undefined ? undefined : own?.rules[at];
  const byName = id === undefined ? undefined : known.find((each) => id === each.id);
  return byName ?? placed ?? known.find((each) => id?.startsWith(`${each.id}/`));
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
