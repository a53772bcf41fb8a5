import type { Series } from '../../text/exposition.js';

/** What the watched release is called, and the labels by which series are chosen already. */
interface Selection {
  metric: string;
  match: Readonly<Record<string, string>>;
  version: string;
  colour?: string;
}

/**
 * Names that labels with the version of the application have; other labels called so (of HTTP, of an API) hold no
 * semantic versions.
 */
const versionLabels = new Set(['version', 'app_version', 'release', 'service_version']);
const semanticVersion = /^v?\d+\.\d+\.\d+/;

/** Names that labels with the colour have. */
const colourLabels = new Set(['colour', 'color', 'slot', 'deployment_colour', 'deployment_color']);

/** A version inside a longer text, such as the tag of an image; an address has versions of its own. */
const versionInside = /(?<![\d.])\d+\.\d+\.\d+(?![\d.])/;
const tagOf = (value: string) =>
  value.includes('/') && !value.includes(':') ? undefined : versionInside.exec(value)?.[0];

/**
 * Why the selected series count another version, or another colour, than the watched one; undefined when they do not.
 */
export function severalVersions(
  series: readonly Pick<Series, 'labels'>[],
  { metric, match, version, colour }: Selection,
): string | undefined {
  const values = new Map<string, Set<string>>();
  for (const { labels } of series)
    for (const [label, value] of Object.entries(labels))
      if (!Object.hasOwn(match, label)) values.set(label, (values.get(label) ?? new Set()).add(value));
  for (const [label, seen] of values) {
    const others = [...seen].filter((value) => value !== version && tagOf(value) !== tagOf(version));
    const isOfVersions = versionLabels.has(label) && [...seen].some((value) => semanticVersion.test(value));
    const own = [...seen].find(
      (value) => value === version || (tagOf(value) !== undefined && tagOf(value) === tagOf(version)),
    );
    const some = [...seen].slice(0, 5).join(', ');
    const fix = (value: string) => `Fix: under requests add  match: { ${label}: '${value}' }`;
    if (seen.size > 1 && (own === version || isOfVersions))
      return `${metric} counts several versions (${label}: ${some}), so their errors would be taken for those of ${version}. ${fix('{{ version }}')}`;
    if (own !== undefined && others.some((value) => tagOf(value) !== undefined))
      return `${metric} counts several versions (${label}: ${some}), so their errors would be taken for those of ${version}. ${fix(own.replace(version, '{{ version }}'))}`;
    if (isOfVersions && own === undefined && semanticVersion.test(version))
      return `${metric} counts ${label} ${some}, and not ${version}, so its errors would be taken for those of ${version}. ${fix('{{ version }}')}, or the value that stands for this release`;
    if (seen.size > 1 && colour !== undefined && colourLabels.has(label) && seen.has(colour))
      return `${metric} counts several colours (${label}: ${some}), so their errors would be taken for those of ${colour}. ${fix('{{ colour }}')}`;
  }
  return undefined;
}
