import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dependencyReviewAction, trivyAction } from '../../../../rehearsal/runner/run-workflow.js';
import { openFixture, stepsOf, workflowOf, type Fixture } from '../fixture.js';

let fixture: Fixture;
let path: string;
beforeAll(async () => {
  fixture = await openFixture();
  const bin = join(fixture.root, 'bin');
  mkdirSync(bin);
  for (const [name, says] of Object.entries({
    python3: 'Python 3.11.2',
    go: 'go version go1.26.8 linux/amd64',
    pnpm: '10.4.1',
  })) {
    writeFileSync(join(bin, name), `#!/bin/sh\necho "${says}"\n`);
    chmodSync(join(bin, name), 0o755);
  }
  path = `${bin}:${process.env['PATH']}`;
});
afterAll(() => fixture.close());

const play = async (steps: string, job = '', more: Parameters<Fixture['run']>[1] = {}) =>
  stepsOf(await fixture.run(workflowOf(steps, job), { path, ...more }));

const said = (step?: { annotations: { message: string }[] }) =>
  step?.annotations.map(({ message }) => message).join('\n');

describe('the stand-ins that set up a tool', () => {
  it('offer what this machine has, and say which version that is', async () => {
    const steps = await play(`
- { name: py, id: py, uses: actions/setup-python@v7, with: { python-version: '3.13', cache: pip } }
- { name: go, id: go, uses: actions/setup-go@v7, with: { go-version: '1.26' } }
- { name: use, run: "python; go; echo '\${{ steps.py.outputs.python-version }} \${{ steps.go.outputs.go-version }}'" }`);
    expect(steps['py']?.log).toContain('Asked for python3 3.13; this machine has 3.11.2, and that is used\n');
    expect(steps['use']?.log).toContain('Python 3.11.2\ngo version go1.26.8 linux/amd64\n3.11.2 1.26.8\n');
  });

  it('refuse what the action would not understand, and warn of inputs that it does not have', async () => {
    const steps = await play(`
- { name: bad, uses: actions/setup-python@v7, with: { cache: npm }, continue-on-error: true }
- { name: odd, uses: actions/setup-go@v7, with: { version: '1.26' } }`);
    expect(said(steps['bad'])).toBe("Input cache is 'npm'; allowed: pip, pipenv, poetry");
    expect(said(steps['odd'])).toContain("Unexpected input(s) 'version'");
  });
});

describe('the stand-in for pnpm', () => {
  it('wants a version in its input or in package.json', async () => {
    fixture.commit({ 'web/package.json': '{ "packageManager": "pnpm@10.4.1" }', 'package.json': '{}' });
    const steps = await play(`
- uses: actions/checkout@v7
- { name: none, uses: pnpm/action-setup@v4, continue-on-error: true }
- { name: given, uses: pnpm/action-setup@v4, with: { version: 9 } }
- { name: file, uses: pnpm/action-setup@v4, with: { package_json_file: web/package.json } }`);
    expect(said(steps['none'])).toMatch(/^No pnpm version is specified\. Fix: .* in package\.json$/);
    expect(steps['given']?.log).toContain('Asked for pnpm 9; this machine has 10.4.1, and that is used');
    expect(steps['file']?.conclusion).toBe('success');
  });
});

describe('the stand-in for a cache', () => {
  it('never finds anything', async () => {
    const steps = await play(`
- { name: c, id: c, uses: actions/cache@v5, with: { path: a, key: k } }
- { name: out, run: "echo 'hit <\${{ steps.c.outputs.cache-hit }}>'" }
- { name: must, uses: actions/cache/restore@v5, with: { path: a, key: k, fail-on-cache-miss: true }, continue-on-error: true }
- { name: save, uses: actions/cache/save@v5, with: { path: a, key: k } }`);
    expect(steps['out']?.log).toContain('hit <>\n');
    expect(said(steps['must'])).toContain('Exiting as fail-on-cache-miss is set. Input key: k');
    expect(steps['save']?.conclusion).toBe('success');
  });

  it('refuses keys that the service would refuse', async () => {
    const steps = await play(`
- { name: none, uses: actions/cache@v5, continue-on-error: true }
- { name: comma, uses: actions/cache@v5, with: { path: a, key: 'a,b' }, continue-on-error: true }`);
    expect(said(steps['none'])).toBe(
      'Input required and not supplied: path\nInput required and not supplied: key',
    );
    expect(said(steps['comma'])).toContain('Key Validation Error: a,b cannot contain commas.');
  });
});

describe('the stand-ins for code scanning', () => {
  const write = `- run: 'mkdir report; echo "$SARIF" > report/a.sarif'\n  env: { SARIF: '{"version":"2.1.0","runs":[{"results":[1,2]}]}' }`;
  const upload = `- { name: up, uses: github/codeql-action/upload-sarif@v4, with: { sarif_file: report, category: c } }`;

  it('take results from a job that may write security events', async () => {
    const steps = await play(`${write}\n${upload}`, 'permissions: { security-events: write }');
    expect(steps['up']?.log).toContain("Uploaded 2 results of 1 files as category 'c'");
  });

  it('refuse them from any other job, and from the pull request of a fork', async () => {
    const fork = {
      action: 'opened',
      pull_request: { head: { ref: 'x', repo: { full_name: 'mallory/shop' } }, base: { ref: 'main' } },
    };
    const inFork = stepsOf(
      await fixture.run(
        workflowOf(`${write}\n${upload}`, 'permissions: { security-events: write }').replace(
          'on: push',
          'on: pull_request',
        ),
        { event: { name: 'pull_request', ref: 'refs/pull/1/merge', payload: fork } },
      ),
    );
    for (const steps of [await play(`${write}\n${upload}`, 'permissions: { contents: read }'), inFork])
      expect(said(steps['up'])).toMatch(/^Resource not accessible by integration\./);
  });

  it('refuse what is no SARIF, and what is not there', async () => {
    const steps = await play(`
- run: 'mkdir empty report; echo "{}" > report/a.sarif; echo "{" > broken.sarif'
- { name: missing, uses: github/codeql-action/upload-sarif@v4, with: { sarif_file: none }, continue-on-error: true }
- { name: empty, uses: github/codeql-action/upload-sarif@v4, with: { sarif_file: empty }, continue-on-error: true }
- { name: broken, uses: github/codeql-action/upload-sarif@v4, with: { sarif_file: broken.sarif }, continue-on-error: true }
- { name: other, uses: github/codeql-action/upload-sarif@v4, with: { sarif_file: report }, continue-on-error: true }`);
    expect(said(steps['missing'])).toContain('Path does not exist: ');
    expect(said(steps['empty'])).toContain('No SARIF files found to upload in');
    expect(said(steps['broken'])).toContain('Invalid SARIF. JSON syntax error');
    expect(said(steps['other'])).toContain('version 2.1.0 with runs was expected');
  });

  it('want init before analyze, and languages that CodeQL knows', async () => {
    const steps = await play(
      `
- { name: early, uses: github/codeql-action/analyze@v4, continue-on-error: true }
- { name: bad, uses: github/codeql-action/init@v4, with: { languages: 'javascript, cobol' }, continue-on-error: true }
- { uses: github/codeql-action/init@v4, with: { languages: actions, build-mode: none } }
- { name: done, uses: github/codeql-action/analyze@v4 }`,
      'permissions: { security-events: write }',
    );
    expect(said(steps['early'])).toContain("Did the 'init' action fail to start?");
    expect(said(steps['bad'])).toContain("Input languages is 'cobol'; allowed: actions, c-cpp");
    expect(steps['done']?.conclusion).toBe('success');
  });
});

describe('the stand-ins for scanners', () => {
  const finding = { id: 'CVE-2026-1', package: 'openssl', severity: 'HIGH' } as const;
  const trivy = { thirdParty: { 'aquasecurity/trivy-action': trivyAction([finding]) } };

  it('write what they are told to find, in the format asked for, and fail by exit-code', async () => {
    const steps = await play(
      `
- { uses: aquasecurity/trivy-action@v1, with: { image-ref: a:1, format: json, output: scans/a.json } }
- { uses: aquasecurity/trivy-action@v1, with: { scan-type: fs, format: sarif, output: b.sarif, severity: CRITICAL, exit-code: 1 } }
- { name: bad, uses: aquasecurity/trivy-action@v1, with: { image-ref: a:1, severity: 'HIGH,CRITICAL', exit-code: 1 }, continue-on-error: true }
- { name: show, run: "grep -o 'CVE-[0-9-]*' scans/a.json; cat b.sarif" }`,
      '',
      trivy,
    );
    expect(steps['show']?.log).toMatch(/CVE-2026-1\n[^]*"results":\[\]/);
    expect(steps['bad']?.log).toContain('openssl CVE-2026-1 HIGH\n');
    expect(said(steps['bad'])).toBe('Process completed with exit code 1.');
  });

  it('refuse what they would not understand', async () => {
    const steps = await play(`
- { name: format, uses: aquasecurity/trivy-action@v1, with: { image-ref: a, format: xml, severity: 'HIGH,BAD' }, continue-on-error: true }
- { name: image, uses: aquasecurity/trivy-action@v1, continue-on-error: true }`);
    expect(said(steps['format'])).toMatch(/Input severity is 'BAD'[^]*Input format is 'xml'/);
    expect(said(steps['image'])).toContain('image-ref or input is missing');
  });

  it('review dependencies of a pull request or of two refs, and nothing else', async () => {
    const review = (event: string, more = '') =>
      fixture.run(
        workflowOf(
          `- { name: r, uses: actions/dependency-review-action@v4, with: { fail-on-severity: high ${more} } }`,
        ).replace('on: push', `on: ${event}`),
        {
          event: { name: event, payload: { action: 'checks_requested' } },
          thirdParty: {
            'actions/dependency-review-action': dependencyReviewAction([
              { package: 'left-pad', severity: 'moderate' },
              { package: 'event-stream', severity: 'critical' },
            ]),
          },
        },
      );
    expect(said(stepsOf(await review('push'))['r'])).toMatch(
      /^Both a base ref and head ref must be provided/,
    );
    const found = stepsOf(await review('merge_group'))['r'];
    expect(found?.log).toContain('event-stream: critical\n');
    expect(found?.log).not.toContain('left-pad');
    expect(said(found)).toBe('Dependency review detected vulnerable packages.');
    const refs = ', base-ref: a, head-ref: b, warn-only: true';
    expect(stepsOf(await review('push', refs))['r']?.conclusion).toBe('success');
  });
});
