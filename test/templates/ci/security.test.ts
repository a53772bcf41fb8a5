/** What security-scan decides before any scanner is believed; the scanners themselves are `npm run test:real -- security`. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';

interface Step {
  name: string;
  uses?: string;
  run?: string;
  with?: Record<string, string>;
}
const { jobs } = parse(readFileSync('.github/workflows/security-scan.yml', 'utf8')) as {
  jobs: Record<string, { steps: Step[] }>;
};
const steps = Object.values(jobs).flatMap((job) => job.steps);

it('reports are judged where no file of the repository can stand for one', () => {
  const report = jobs['report']!.steps;
  const fetched = report.find(({ uses }) => uses?.startsWith('actions/download-artifact'))?.with?.['path'];
  const judged = report.find(({ uses }) => uses?.endsWith('/scan-report'))?.with?.['reports'];
  expect([fetched, judged]).toEqual(['${{ runner.temp }}/scans', '${{ runner.temp }}/scans']);
});

it('a job whose folder of reports was committed fails before its scanner', () => {
  const makes = steps.filter(({ run }) => /\bmkdir\b.*\bscans\b/.test(run ?? ''));
  expect(makes.length).toBeGreaterThan(10);
  // With -p it would go on with what the commit left there.
  expect(makes.filter(({ run }) => /mkdir -p\s+scans/.test(run!))).toEqual([]);
});

it('containers run by their digest', () => {
  const images = steps.flatMap(({ run }) => run?.match(/\bghcr\.io\/\S+/g) ?? []);
  expect(images.length).toBeGreaterThan(0);
  for (const image of images) expect(image).toMatch(/@sha256:[0-9a-f]{64}$/);
});

describe('whether new dependencies are looked at', () => {
  const lists = jobs['report']!.steps.find(({ name }) => name === 'Which images and languages?')!.run!;
  const play = (review: string) => {
    const folder = mkdtempSync(join(tmpdir(), 'lists-'));
    try {
      return spawnSync('bash', ['-e', '-c', lists], {
        encoding: 'utf8',
        env: {
          PATH: process.env['PATH'],
          GITHUB_OUTPUT: join(folder, 'output'),
          IMAGES: '[]',
          LANGUAGES: '[]',
          DEPENDENCY_REVIEW: review,
        },
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  };

  it.each(['true', 'false'])('may be said as %s', (review) => {
    expect(play(review).status).toBe(0);
  });

  it.each(['', 'yes', 'True', 'flase'])('is not left out for a word that nobody knows: "%s"', (review) => {
    const { status, stdout } = play(review);
    expect([status, stdout]).toEqual([
      1,
      `::error title=Settings::dependency-review is '${review}'. Fix: in the calling workflow write  dependency-review: 'true'  or  dependency-review: 'false'\n`,
    ]);
  });
});
