import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Check } from '../judge/check.js';
import { doraOutputs } from '../jobs.js';
import type { Story } from '../story.js';
import { indexPage } from './index-page.js';

/**
 * Writes the pages of a rehearsal to its folder and returns their paths; `dora` is undefined when the story made none.
 */
export function keepPages(
  dir: string,
  story: Story,
  checks: readonly Check[],
): { index: string; dora: string | undefined } {
  const made = doraOutputs(story.dora.run)['html'];
  const dora = made ? join(dir, 'dora.html') : undefined;
  if (made && dora) copyFileSync(made, dora);
  const index = join(dir, 'index.html');
  writeFileSync(index, indexPage(story, checks, dora && 'dora.html'));
  return { index, dora };
}
