import * as z from 'zod';
import parse from 'semver/functions/parse.js';
import { defineGate, shortSha } from '../../gate/gate.js';
import { letHotfix } from '../../gate/hotfix-proof.js';

const schema = z
  .strictObject({
    prefix: tagPrefix(),
    'let-hotfix': letHotfix('no such tag'),
  })
  .describe('A tag of a pre-release, such as v1.4.0-rc.1, stands on the released commit.');

/** The key for what stands before the version in a tag. */
export function tagPrefix() {
  return z
    .string()
    .max(60)
    .regex(/^[\w./@-]*$/, 'what stands before the version in a tag, such as v or shop-v')
    .default('v')
    .describe('What stands before the version in a tag.');
}

/** The version of a tag; undefined for one that is no version with this prefix. */
export const versionOfTag = (tag: string, prefix: string) =>
  tag.startsWith(prefix) ? (parse(tag.slice(prefix.length)) ?? undefined) : undefined;

/** The commit was tagged as a candidate, so that it could be tried before it goes out. */
export const releaseCandidate = defineGate({
  name: 'release-candidate',
  beforeMerge: 'tells',
  byPeople: true,
  schema,
  needs: { tags: true },
  hotfixLevels: (config) => [config['let-hotfix']],
  judge: ({ prefix }, { request, evidence: { tags } }) => {
    const here = tags.tags.filter(({ sha }) => sha === request.sha);
    const candidate = here.find(({ name }) => (versionOfTag(name, prefix)?.prerelease.length ?? 0) > 0);
    if (candidate) return { is: 'pass', reason: `${candidate.name} stands on ${shortSha(request.sha)}` };
    const seen = here.length > 0 ? `it has ${here.map(({ name }) => name).join(', ')}` : 'it has no tag';
    const cut = tags.truncated ? '; only the newest 100 tags were read' : '';
    return {
      is: 'fail',
      reason: `no tag of a release candidate, such as ${prefix}1.4.0-rc.1, stands on ${shortSha(request.sha)} (${seen}${cut}). Tag the commit and test it first`,
      despite: 'no release candidate on this commit',
    };
  },
});
