import { describe, expect, it } from '@jest/globals';
import type { GateEvidence } from '../../../actions/gate-check/evidence/registry.js';
import { render } from '../../../actions/gate-check/render.js';
import { isoInstant } from '../../../shared/time/instant.js';
import {
  changesOf,
  hotfixRequest,
  judge,
  known,
  now,
  otherSha,
  policyOf,
  pull,
  request,
  sha,
} from './facts.js';

function summaryOf(gates: string, evidence: GateEvidence, asked = request) {
  return render({
    schema: 'devops-actions/gate-report@1',
    request: asked,
    now: isoInstant(now),
    policy: policyOf(gates),
    evidence,
    ...judge(gates, evidence, now, asked),
  });
}

describe('the summary for the person who has to approve', () => {
  const live = {
    deployment: 3,
    sha: otherSha,
    version: '1.4.1',
    since: now - 86_400_000,
    status: 'ahead' as const,
  };

  it('says what changes since the live release, by whom, approved by whom, with a link to compare', () => {
    const summary = summaryOf('approvals: {}', {
      changes: known(changesOf()),
      comparison: known({ live }),
    });
    expect(summary).toContain('**What changes:** 1 commit in 1 pull request by 1 person since `1.4.1`');
    expect(summary).toContain('live since 2026-11-21T12:00:00.000Z');
    expect(summary).toContain('1 file, 4 lines');
    expect(summary).toContain(`/compare/${otherSha}...${sha})`);
    expect(summary).toMatch(/\| \[.*21\]\(.*pull\/21\) \| Fix the basket \| octocat \| hubot \|/);
  });

  it('warns of direct pushes, and says where nobody approved', () => {
    const commits = [{ sha, title: 'x', author: 'octocat', pulls: [] }];
    const summary = summaryOf('approvals: {}', {
      changes: known(changesOf({ commits, pulls: [pull({ reviews: [] })] })),
    });
    expect(summary).toContain('1 commit came without a pull request');
    expect(summary).toContain('nobody whose approval counts');
  });

  it('says what is unusual: workflows, dependencies, the schema, the policy, no test, size', () => {
    const file = (path: string, added = 1) => ({ path, status: 'modified', added, removed: 0 });
    const summary = (files: ReturnType<typeof file>[]) =>
      summaryOf('approvals: {}', { changes: known(changesOf({ files })) });
    const all = summary([
      file('.github/workflows/cd.yml'),
      file('package-lock.json', 2_000),
      file('db/migrations/7_drop.sql'),
      file(request.policy.path),
      file('docs/<img src=x>/CODEOWNERS'),
    ]);
    expect(all).toMatch(/\*\*Look at:\*\*.*changes the release policy: /);
    for (const note of [
      'how it is built',
      'who has to approve',
      'dependencies',
      'no gate looks at',
      'no test',
    ])
      expect(all).toContain(note);
    expect(all).toContain('is large: 2004 lines');
    expect(all).not.toContain('<img');
    expect(summary([file('src/basket.ts'), file('test/basket.test.ts')])).not.toContain('Look at');
  });

  it('has a line on migrations where the policy has the gate', () => {
    const gates = 'migration: { workflow: .github/workflows/cd.yml, job: migrations }';
    expect(summaryOf(gates, { migrations: known([]), comparison: known({ live }) })).toMatch(
      /\*\*Migrations:\*\* ❌ no run of/,
    );
    expect(summaryOf('approvals: {}', { changes: known(changesOf()) })).not.toContain('Migrations:');
  });

  it('escapes titles of others', () => {
    const summary = summaryOf('approvals: {}', {
      changes: known(changesOf({ pulls: [pull({ title: '<img src=x> [a](https://evil.example) | @org' })] })),
    });
    expect(summary).not.toMatch(/<img|\]\(https:\/\/evil|@org/);
  });

  it('is silent about changes that no gate had looked up', () =>
    expect(summaryOf('window: { timezone: UTC, freeze: [{ days: fri }] }', {})).not.toContain(
      'What changes',
    ));

  it('lists exactly what was let through', () => {
    const open = [{ number: 12, title: 'Slow', url: 'https://github.example/12', is: 'issue' as const }];
    const evidence = {
      blockers: known([{ label: 'blocker', exists: true, open }]),
      changes: known(changesOf()),
      incidents: known([]),
    };
    const gates = 'blockers: { labels: [blocker], let-hotfix: true }';
    expect(summaryOf(gates, evidence, hotfixRequest)).toMatch(
      /Let through:[^]*\| `blockers` \| .* \| hubot \|/,
    );
    expect(summaryOf(gates, evidence)).not.toContain('Let through');
  });
});
