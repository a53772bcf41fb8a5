import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** The documents of a router's page, as a team would copy them: its code blocks of YAML and JSON, parsed. */
export function pageBlocks(router: string): unknown[] {
  const text = readFileSync(join('docs', 'routers', `${router}.md`), 'utf8');
  return [...text.matchAll(/^```(?:yaml|json)\n([\s\S]*?)^```$/gm)]
    .map(([, block]) => block!.split(/^---$/m).map((part) => parse(part) as unknown))
    .flat();
}

/** The document of a page that is one; throws when there is none. */
export function pageBlock<T>(router: string, fits: (document: Record<string, unknown>) => boolean): T {
  const found = pageBlocks(router).find((document) => fits(document as Record<string, unknown>));
  if (!found) throw new Error(`docs/routers/${router}.md has no such block`);
  return found as T;
}
