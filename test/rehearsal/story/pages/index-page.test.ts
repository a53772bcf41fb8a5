import { describe, expect, it } from '@jest/globals';
import { indexPage } from '../../../../rehearsal/story/pages/index-page.js';
import type { Story } from '../../../../rehearsal/story/story.js';

const step = (conclusion: 'success' | 'failure', summary: string) => ({ name: 'Gate', conclusion, summary });
/** As much of a story as the page shows. */
const story = {
  load: { sent: 5 },
  moves: [
    {
      environment: 'production',
      from: { version: '1.0.0', colour: 'blue' },
      to: { version: '1.1.0', colour: 'green' },
    },
  ],
  approvals: [
    { environment: 'production', by: 'rosa', runId: 7, comment: 'Fine <b>' },
    { environment: 'production', by: 'nobody', runId: 8, comment: 'of another run' },
  ],
  acts: [
    {
      name: 'good',
      title: 'Release 1.1.0',
      sha: 'a'.repeat(40),
      startedAt: 0,
      endedAt: 2_000,
      run: {
        runId: 7,
        attempt: 1,
        conclusion: 'failure',
        jobs: { gate: { steps: [step('success', '## Fine'), step('failure', '## No <script>x</script>')] } },
      },
    },
  ],
} as unknown as Story;
const check = (ok: boolean) => ({ name: 'Incident', want: 'open', got: ok ? 'open' : '<none>', ok });

describe('the page of a rehearsal', () => {
  it('holds every summary, who approved, how traffic moved, and the way to the DORA page', () => {
    const page = indexPage(story, [check(true)], 'dora.html');
    expect(page).toContain('The rehearsal went as expected');
    expect(page).toContain('<h2>Fine</h2>');
    expect(page).toContain('<h2>No </h2>');
    expect(page).toContain('rosa approved production');
    expect(page).toContain('production: traffic moved blue → green (1.0.0 → 1.1.0)');
    expect(page).toContain('<a href="dora.html">');
    expect(page).not.toMatch(/<script|<b>|of another run/);
  });

  it('begins with how many expectations were not met', () => {
    const page = indexPage(story, [check(true), check(false)], undefined);
    expect(page).toContain('1 of 2 expectations were not met');
    expect(page).toContain('&lt;none&gt;');
    expect(page).not.toContain('DORA page');
  });
});
