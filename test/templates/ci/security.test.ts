/** What security-scan decides before any scanner is believed; the scanners themselves are `npm run test:real -- security`. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
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

describe('what a playbook says of its own exceptions', () => {
  const run = (name: string) => jobs['ansible']!.steps.find((step) => step.name === name)!.run!;

  it.each<[what: string, path: string, text: string]>([
    ['a comment', 'plays/site.yml', '- shell: ls # noqa\n'],
    ['a tag', 'plays/site.yml', '- shell: ls\n  tags: [skip_ansible_lint]\n'],
    ['settings', 'plays/.ansible-lint', 'exclude_paths: [.]\n'],
    ['settings in the other place for them', 'plays/.config/ansible-lint.yml', 'exclude_paths: [.]\n'],
    ['a list of findings', 'plays/.config/ansible-lint-ignore.txt', 'site.yml no-changed-when\n'],
  ])('%s is gone when ansible-lint looks', (_what, path, text) => {
    const folder = mkdtempSync(join(tmpdir(), 'plays-'));
    const write = (name: string, content: string) => {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), content);
    };
    try {
      write('plays/site.yml', '- shell: ls\n');
      write(path, text);
      // Stands in for ansible-lint, and writes down what it would have read.
      write('bin/pipx', '#!/bin/sh\nfind . -type f | sort > "$SEEN"\ncat site.yml >> "$SEEN"\necho "{}"\n');
      chmodSync(join(folder, 'bin/pipx'), 0o755);
      for (const step of ['Leave out every other file of exceptions', 'Scan'])
        expect(
          spawnSync('bash', ['-e', '-o', 'pipefail', '-c', run(step)], {
            cwd: folder,
            encoding: 'utf8',
            env: {
              PATH: `${join(folder, 'bin')}:${process.env['PATH']}`,
              FOLDER: 'plays',
              RUNNER_TEMP: folder,
              SEEN: join(folder, 'seen'),
            },
          }),
        ).toMatchObject({ status: 0 });
      const seen = readFileSync(join(folder, 'seen'), 'utf8');
      expect(seen).toMatch(/^\.\/site\.yml\n- shell: ls/);
      expect(seen).not.toMatch(/noqa|skip_ansible_lint|ansible-lint/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
