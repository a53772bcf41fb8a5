/** What a release is called, and whether it may be made. Pure. */
import semver from 'semver';

export interface ReleasePlan {
  version: string;
  /** The tag that never moves, such as v1.2.3. */
  tag: string;
  /** The tag that follows the newest release, such as v1, or v1-next for pre-releases. */
  moving: string;
  prerelease: boolean;
  /** Its section of the change log. */
  notes: string;
}

export type Planned = { ok: true; plan: ReleasePlan } | { ok: false; problems: string[] };

/** All that speaks against a version, or the plan. `tags` are those that the repository has. */
export function planRelease(asked: {
  version: string;
  packageVersion: string;
  tags: readonly string[];
  changelog: string;
}): Planned {
  const version = semver.parse(asked.version);
  if (!version || version.build.length > 0 || version.version !== asked.version)
    return { ok: false, problems: [`${asked.version} is not a version such as 1.2.3 or 1.3.0-rc.1`] };
  const problems: string[] = [];
  if (asked.packageVersion !== version.version)
    problems.push(
      `package.json says ${asked.packageVersion}. Fix: npm version ${version.version} --no-git-tag-version`,
    );
  const newer = newerRelease(version.version, asked.tags);
  if (newer)
    problems.push(
      `${newer} is released already, and the moving tag must not go back. Fix: take a version above it`,
    );
  const notes = sectionOf(asked.changelog, version.version);
  if (notes === undefined)
    problems.push(`CHANGELOG.md has no section of it. Fix: write  ## ${version.version}  and what changed`);
  if (problems.length > 0) return { ok: false, problems };
  const prerelease = version.prerelease.length > 0;
  return {
    ok: true,
    plan: {
      version: version.version,
      tag: `v${version.version}`,
      moving: prerelease ? `v${version.major}-next` : `v${version.major}`,
      prerelease,
      notes: notes!,
    },
  };
}

/** The newest tag that the moving tag of a version would go back from: of a stable one, pre-releases have their own. */
export function newerRelease(version: string, tags: readonly string[]): string | undefined {
  const { major, prerelease } = semver.parse(version)!;
  const newest = released(tags)
    .filter((one) => one.major === major && semver.gt(one, version))
    .filter((one) => prerelease.length > 0 || one.prerelease.length === 0)
    .sort(semver.compare)
    .at(-1);
  return newest && `v${newest.version}`;
}

const released = (tags: readonly string[]) =>
  tags.flatMap((tag) => (tag.startsWith('v') ? (semver.parse(tag.slice(1)) ?? []) : []));

/** The text below `## <version>` up to the next heading of that level; undefined when there is none or it is empty. */
function sectionOf(changelog: string, version: string): string | undefined {
  const lines = changelog.split('\n');
  const start = lines.findIndex((line) => line === `## ${version}` || line.startsWith(`## ${version} `));
  if (start < 0) return undefined;
  const length = lines.slice(start + 1).findIndex((line) => line.startsWith('## '));
  const section = lines.slice(start + 1, length < 0 ? undefined : start + 1 + length);
  return section.join('\n').trim() || undefined;
}
