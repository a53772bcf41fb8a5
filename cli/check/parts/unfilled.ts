import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Executables that init writes as stubs, and what stands in a line that nobody has filled in. */
const stubs = ['deploy/ephemeral', 'deploy/contain', 'test/acceptance'];
const mark = /(^|[\s)])unfilled [^(]/;

/** Lines of stubs that still fail, with their place. */
export async function unfilledIn(root: string): Promise<string[]> {
  const texts = await Promise.all(
    stubs.map(async (path) => [path, await readFile(join(root, path), 'utf8').catch(() => '')] as const),
  );
  return texts.flatMap(([path, text]) =>
    text
      .split('\n')
      .flatMap((line, index) =>
        mark.test(line.replace(/^\s*#.*/, '')) && !line.includes('echo')
          ? [`${path}:${index + 1}: ${line.trim()}`]
          : [],
      ),
  );
}
