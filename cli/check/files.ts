import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The suite's own files, by the schema an editor checks them with. */
export type Kind =
  | 'traffic'
  | 'policy'
  | 'rollback'
  | 'suite'
  | 'incidents'
  | 'go-live'
  | 'migrations'
  | 'waivers'
  | 'ruleset';

/** A file of a repository: its path from the root with forward slashes, and its text. */
export interface Found {
  path: string;
  kind: Kind;
  text: string;
  /** A symbolic link: GitHub gives its target's name for what it holds. */
  isLink: boolean;
}

/** Where the templates look for each kind; the environment of a traffic file is its name. */
const places: readonly (readonly [RegExp, Kind])[] = [
  [/^\.github\/traffic\/[^/]+\.ya?ml$/, 'traffic'],
  [/^\.github\/release-policy\.ya?ml$/, 'policy'],
  [/^\.github\/rollback\.ya?ml$/, 'rollback'],
  [/^\.github\/smoke(-[^/]+)?\.ya?ml$/, 'suite'],
  [/^\.github\/incidents\.ya?ml$/, 'incidents'],
  [/^\.github\/go-live\.ya?ml$/, 'go-live'],
  [/^\.github\/migrations\.ya?ml$/, 'migrations'],
  [/^\.github\/security\/waivers\.ya?ml$/, 'waivers'],
  [/^\.github\/rulesets\/[^/]+\.json$/, 'ruleset'],
];

const schemas: Readonly<Record<string, Kind>> = {
  traffic: 'traffic',
  'release-policy': 'policy',
  rollback: 'rollback',
  'smoke-suite': 'suite',
  incidents: 'incidents',
  'go-live': 'go-live',
  migrations: 'migrations',
  waivers: 'waivers',
};

/** What an editor is told about a file, and so are we: the first comment that names a schema of the suite. */
const modeline = /^#\s*yaml-language-server:\s*\$schema=\S*?([\w-]+)\.json\s*$/m;

/** The files of the suite below `.github`, by their place or their first comment, in the order of their paths. */
export async function findFiles(root: string): Promise<Found[]> {
  const paths = (await below(root, '.github'))
    .filter(({ path }) => /\.(ya?ml|json)$/.test(path))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  const found: Found[] = [];
  for (const { path, isLink } of paths) {
    if (path.startsWith('.github/workflows/')) continue;
    const text = isLink ? '' : await readFile(join(root, path), 'utf8');
    const [, schema = ''] = modeline.exec(text.slice(0, 2_000)) ?? [];
    const kind = Object.hasOwn(schemas, schema)
      ? schemas[schema]
      : places.find(([place]) => place.test(path))?.[1];
    if (kind !== undefined) found.push({ path, kind, text, isLink });
  }
  return found;
}

async function below(root: string, folder: string): Promise<Pick<Found, 'path' | 'isLink'>[]> {
  let entries;
  try {
    entries = await readdir(join(root, folder), { withFileTypes: true });
  } catch {
    return [];
  }
  const paths = await Promise.all(
    entries.map(async (entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return below(root, path);
      const isLink = entry.isSymbolicLink();
      return entry.isFile() || isLink ? [{ path, isLink }] : [];
    }),
  );
  return paths.flat();
}
