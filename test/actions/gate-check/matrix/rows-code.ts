import { allWrite } from '../../../rehearsal/github/support.js';
import { cdPath, ciPath, digest } from '../stage.js';
import type { Played } from './played.js';
import type { Row } from './row.js';

const quality = 'a hotfix may skip the queue, and no gate of quality';
const code = 'what a commit brings does not change by waiting';

const push = (at: Played, files: Record<string, string>) => ({ sha: at.push(files) });

/** The gates about the commit and what it brings. */
export const codeRows: Record<string, Row> = {
  branch: {
    config: () => '[main]',
    pass: (at) => at.release(),
    fail: async (at) => {
      at.git('checkout', '-q', '-b', 'feature/x');
      const asked = push(at, { 'app.txt': 'x' });
      at.git('checkout', '-q', 'main');
      return asked;
    },
    hold: 'a commit comes onto a branch by a merge, not by time',
    waived: quality,
  },
  checks: {
    config: () => `{ required: [{ name: test, workflow: ${ciPath}, events: [push] }] }`,
    pass: async (at) => {
      const asked = await at.release();
      at.ran({ sha: asked.sha });
      return asked;
    },
    fail: async (at) => {
      const asked = await at.release();
      at.ran({ sha: asked.sha, conclusion: 'failure' });
      return asked;
    },
    hold: async (at) => {
      const asked = await at.release();
      at.running({ sha: asked.sha, path: ciPath, job: 'test' });
      return asked;
    },
    waived: quality,
  },
  approvals: {
    config: () => '{ count: 1 }',
    pass: (at) => at.release(),
    fail: async (at) => push(at, { 'app.txt': 'pushed' }),
    hold: 'a person approves, not time',
    waived: quality,
  },
  hotfix: {
    config: () => `{ tests: ['test/**'] }`,
    pass: (at) => at.hotfix({ 'app.txt': 'fixed', 'test/basket.ts': 'covered' }),
    fail: (at) => at.hotfix({ 'app.txt': 'fixed' }),
    hold: code,
    waived: 'it is the gate of hotfixes',
  },
  documented: {
    config: () => `[{ changes: ['src/**'], docs: ['docs/**'] }]`,
    pass: (at) => at.release({ 'src/app.ts': 'next', 'docs/app.md': 'next' }),
    fail: (at) => at.release({ 'src/app.ts': 'next' }),
    hold: code,
    waived: { by: 'person', play: (at) => at.release({ 'src/app.ts': 'next' }) },
  },
  version: {
    config: () => '{}',
    pass: async (at) => {
      const asked = await at.release();
      at.git('tag', 'v1.1.0', asked.sha);
      return asked;
    },
    fail: async (at) => {
      const asked = await at.release();
      at.git('tag', 'v3.0.0', asked.sha);
      return asked;
    },
    hold: 'a tag is put by somebody, not by time',
    waived: quality,
  },
  'release-candidate': {
    config: () => '{ let-hotfix: true }',
    pass: async (at) => {
      const asked = await at.release();
      at.git('tag', 'v1.1.0-rc.1', asked.sha);
      return asked;
    },
    fail: (at) => at.release(),
    hold: 'a tag is put by somebody, not by time',
    waived: { by: 'hotfix', play: (at) => at.hotfix() },
  },
  provenance: {
    config: () => `{ signer-workflow: ${cdPath}, refs: [refs/heads/main] }`,
    files: ({ sigstore }) => ({ '.github/trusted_root.jsonl': `${sigstore.trustedRoot}\n` }),
    serverUrl: 'https://github.com',
    pass: async (at, { sigstore }) => {
      const asked = await at.release();
      const repository = `${at.at.owner}/${at.at.repo}`;
      const bundle = await sigstore.attest(digest, {
        iss: 'https://token.actions.githubusercontent.com',
        repository,
        sha: asked.sha,
        ref: 'refs/heads/main',
        job_workflow_ref: `${repository}/${cdPath}@refs/heads/main`,
        event_name: 'push',
        run_id: '77',
        run_attempt: '1',
        runner_environment: 'github-hosted',
      });
      const builder = at.octokit('octocat', { ...allWrite, attestations: 'write' } as never);
      await builder.request('POST /repos/{owner}/{repo}/attestations', { ...at.at, bundle } as never);
      return asked;
    },
    fail: (at) => at.release(),
    hold: 'the build attests before the release is asked for',
    waived: quality,
  },
};
