import * as z from 'zod';
import { severitySchema } from '../../../../shared/contracts/severity.js';
import { defineGate } from '../../gate/gate.js';
import { proveHotfix, refusesHotfix } from '../../gate/hotfix-proof.js';
import { filePatterns, matchesAny, type ChangedFile } from './file-patterns.js';

const schema = z
  .strictObject({
    'max-files': z.int().min(1).max(300).default(10).describe('Most files that a hotfix changes.'),
    'max-lines': z
      .int()
      .min(1)
      .max(10_000)
      .default(200)
      .describe('Most lines that a hotfix adds and removes.'),
    exclude: filePatterns().optional().describe('Paths that do not count for its size, such as lock files.'),
    tests: filePatterns().describe('Paths of tests; a hotfix adds lines to one of them at least.'),
    severity: severitySchema
      .optional()
      .describe('Least severity of the incident that it fixes; by default it needs no incident.'),
  })
  .describe('A hotfix is small, tested and proved; a release passes.');

/** A hotfix brings only what fixes the fault: proved, small, with a test, without renames. */
export const hotfix = defineGate({
  name: 'hotfix',
  beforeMerge: 'decides',
  schema,
  needs: { changes: true, incidents: true },
  judge: (config, { request, evidence: { changes, incidents } }) => {
    if (request.kind !== 'hotfix') return { is: 'pass', reason: 'released as no hotfix' };
    if (request.ahead && changes.base?.status === 'identical')
      return { is: 'pass', reason: 'it is live, and is merged now' };
    const proof = proveHotfix(changes, incidents, request);
    const refusal = refusesHotfix(config.severity ?? true, proof);
    if (refusal !== undefined || !proof.proved)
      return { is: 'fail', reason: `this is no hotfix: ${refusal}` };
    if (changes.filesTruncated)
      return { is: 'fail', reason: 'it changes more files than GitHub lists: a hotfix is small' };
    const excluded = matchesAny(config.exclude ?? []);
    const counted = changes.files.filter(({ path }) => !excluded(path));
    const reasons = [
      ...sizeOf(counted, config),
      ...movesIn(changes.files),
      ...testsIn(changes.files, config.tests),
    ];
    const evidence = changes.pulls.map(({ number, url }) => ({ text: `#${number}`, url }));
    if (reasons.length > 0)
      return {
        is: 'fail',
        reason: `${reasons.join('; ')}. Keep to what fixes the fault, or release it as kind: release`,
        despite: reasons.join('; '),
        evidence,
      };
    return {
      is: 'pass',
      reason: `hotfix by ${proof.what}: ${counted.length} files, ${linesIn(counted)} lines, with a test`,
      evidence,
    };
  },
});

const linesIn = (files: readonly ChangedFile[]) =>
  files.reduce((sum, { added, removed }) => sum + added + removed, 0);

function sizeOf(files: readonly ChangedFile[], config: z.output<typeof schema>): string[] {
  const [mostFiles, mostLines] = [config['max-files'], config['max-lines']];
  const lines = linesIn(files);
  return [
    ...(files.length > mostFiles ? [`it changes ${files.length} files, allowed ${mostFiles}`] : []),
    ...(lines > mostLines ? [`it adds and removes ${lines} lines, allowed ${mostLines}`] : []),
  ];
}

/** Moving code is refactoring, and hides what changed. */
function movesIn(files: readonly ChangedFile[]): string[] {
  const moved = files.filter(({ status }) => status === 'renamed' || status === 'copied');
  return moved.length > 0 ? [`it renames or copies ${moved.length} files`] : [];
}

function testsIn(files: readonly ChangedFile[], tests: readonly string[]): string[] {
  const isTest = matchesAny(tests);
  return files.some(({ path, status, added }) => status !== 'removed' && added > 0 && isTest(path))
    ? []
    : [`it adds nothing to a test (${tests.join(', ')})`];
}
