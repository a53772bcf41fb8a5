import * as z from 'zod';
import type SemVer from 'semver/classes/semver.js';
import compare from 'semver/functions/compare.js';
import parse from 'semver/functions/parse.js';
import { defineGate, shortSha, type GateResult } from '../../gate/gate.js';
import { tagPrefix, versionOfTag } from './release-candidate.js';

const steps = ['major', 'minor', 'patch'] as const;
type Step = (typeof steps)[number];

const schema = z
  .strictObject({
    prefix: tagPrefix(),
    steps: z
      .array(z.enum(steps))
      .min(1)
      .default([...steps])
      .describe('Which part of the version a release may raise; a hotfix raises patch only.'),
  })
  .describe('The tag on the released commit is the next version after the live one.');

/** The version that stands on the commit is one step after the live one: nothing skipped, nothing used twice. */
export const version = defineGate({
  name: 'version',
  beforeMerge: 'decides',
  schema,
  needs: { tags: true, comparison: true },
  judge: ({ prefix, steps: allowed }, { request, evidence: { tags, comparison } }) => {
    const found = tags.tags
      .filter(({ sha }) => sha === request.sha)
      .map(({ name }) => ({ name, version: versionOfTag(name, prefix) }))
      .filter((one): one is { name: string; version: SemVer } => one.version?.prerelease.length === 0)
      .sort((a, b) => compare(b.version, a.version));
    const [tag, other] = found;
    const here = shortSha(request.sha);
    const { live } = comparison;
    const may = request.kind === 'hotfix' ? (['patch'] as const) : allowed;
    const cut = tags.truncated ? ' (only the newest 100 tags were read)' : '';
    if (request.ahead && live?.sha !== request.sha) return judgeAhead(tags.tags, live, { prefix, may });
    if (request.ahead) return { is: 'pass', reason: `${live?.version ?? ''} is what is live` };
    if (!tag)
      return {
        is: 'fail',
        reason: `no tag of a version, such as ${prefix}1.4.0, stands on ${here}${cut}. Tag it first`,
      };
    if (other && compare(other.version, tag.version) !== 0)
      return {
        is: 'fail',
        reason: `${tag.name} and ${other.name} both stand on ${here}: which one is released is not clear`,
      };
    if (!live) return { is: 'pass', reason: `${tag.name}, the first release to ${request.environment}` };
    if (live.sha === request.sha) return { is: 'pass', reason: `${tag.name} is what is live` };
    const from = parse(live.version) ?? versionOfTag(live.version, prefix);
    if (!from)
      return {
        is: 'fail',
        reason: `the live release calls itself ${live.version}, which is no version that ${tag.name} could follow`,
      };
    const next = may.map((step) => after(from, step));
    if (next.includes(tag.version.version))
      return { is: 'pass', reason: `${tag.name} follows ${from.version}` };
    const what = request.kind === 'hotfix' ? 'a hotfix' : 'a release';
    return {
      is: 'fail',
      reason: `${tag.name} does not follow ${from.version}, which is live: ${what} may be ${next.map((one) => `${prefix}${one}`).join(' or ')}`,
      despite: `version ${tag.version.version} after ${from.version}`,
    };
  },
});

/** Before the merge no tag can stand on it: which one has to, and whether it is still free. */
function judgeAhead(
  tags: readonly { name: string }[],
  live: { version: string } | null,
  { prefix, may }: { prefix: string; may: readonly Step[] },
): GateResult {
  if (!live) return { is: 'pass', reason: 'nothing is live, so any version may be the first' };
  const from = parse(live.version) ?? versionOfTag(live.version, prefix);
  if (!from)
    return {
      is: 'fail',
      reason: `the live release calls itself ${live.version}, which is no version that another could follow`,
    };
  const next = may.map((step) => `${prefix}${after(from, step)}`);
  const free = next.filter((name) => !tags.some((tag) => tag.name === name));
  return free.length > 0
    ? { is: 'pass', reason: `tag it ${free.join(' or ')}: ${from.version} is live` }
    : {
        is: 'fail',
        reason: `${next.join(' and ')} would follow ${from.version}, which is live, and stands on another commit already`,
      };
}

function after({ major, minor, patch, prerelease }: SemVer, step: Step): string {
  if (step === 'major') return `${major + 1}.0.0`;
  if (step === 'minor') return `${major}.${minor + 1}.0`;
  // After a pre-release comes the version it was for.
  return `${major}.${minor}.${prerelease.length > 0 ? patch : patch + 1}`;
}
