import { zipSync } from 'fflate';
import { action as doraReport } from '../../../../actions/dora-report/main.js';
import { allWrite } from '../../../rehearsal/github/support.js';
import { systemClock } from '../../../../shared/runner/port.js';
import { testHost } from '../../../support/runner/host.js';
import { cdPath, gatePermissions } from '../stage.js';
import type { Asked, Played } from './played.js';
import type { Row } from './row.js';

const minute = 60_000;
const day = 24 * 60 * minute;
const inTransit = 'somebody closes it, not time';
const figure = 'whether a number changes by waiting is not known';
const rule = 'what a rule of the team looks at does not change by waiting';
const doraPath = '.github/workflows/dora-report.yml';

async function staged(at: Played): Promise<Asked> {
  const asked = await at.release();
  const runId = at.ran({ sha: asked.sha, path: cdPath });
  await at.deployed({ service: 'shop', environment: 'staging', sha: asked.sha, runId });
  return asked;
}

async function migrated(at: Played, conclusion: string): Promise<Asked> {
  const { sha } = await at.release();
  return { sha, runId: at.ran({ sha, path: cdPath, job: 'migrations', conclusion }) };
}

/** Somebody else reviews, nobody bypasses, and only main deploys. */
async function protect(at: Played): Promise<void> {
  const { id } = at.server.control.addUser({ login: 'mona', role: 'maintain' });
  const admin = at.octokit('octocat', allWrite);
  const where = { ...at.at, environment_name: 'production' };
  const path = 'repos/{owner}/{repo}/environments/{environment_name}';
  await admin.request(`PUT /${path}`, {
    ...where,
    reviewers: [{ type: 'User', id }],
    prevent_self_review: true,
    deployment_branch_policy: { protected_branches: false, custom_branch_policies: true },
  });
  await admin.request(`POST /${path}/deployment-branch-policies`, { ...where, name: 'main' });
  const { owner, repo: name } = at.at;
  at.server.control.setAdminBypass({ owner, name, environment: 'production', allowed: false });
}

/**
 * What dora-report says `later` on, as the artifact of a scheduled run. It measures until GitHub's now, in whole
 * seconds, so what went out in this very second is not in it.
 */
async function measured(at: Played, later = 1_000): Promise<void> {
  at.later(later);
  const { token } = at.server.control.addToken({
    actor: 'github-actions[bot]',
    permissions: gatePermissions,
  });
  const input = doraReport.inputs.parse({
    environment: 'production',
    'pull-requests': 'false',
    'github-token': token,
  });
  const { url } = at.server;
  const host = testHost({ clock: systemClock, context: { apiUrl: url, serverUrl: url } });
  const { report } = await doraReport.run(input, host);
  const runId = at.ran({ sha: at.git('rev-parse', 'main'), path: doraPath, event: 'schedule' });
  const zip = zipSync({ 'report.json': new TextEncoder().encode(JSON.stringify(report)) });
  at.server.control.addArtifact(runId, { name: 'dora-report-production', zip });
}

/** Nothing more went out for six days: a deployment in a week is less than the policy of the row asks for. */
async function idle(at: Played): Promise<void> {
  await measured(at, 6 * day);
}

const icsTime = (at: number) => new Date(at).toISOString().replace(/[-:]|\.\d+/g, '');
const frozen = (name: string, from: number, to: number) =>
  `BEGIN:VEVENT\r\nUID:${name}\r\nDTSTAMP:20260101T000000Z\r\nSUMMARY:${name}\r\nDTSTART:${icsTime(from)}\r\nDTEND:${icsTime(to)}\r\nEND:VEVENT\r\n`;

/** In ten days for one, and in twenty days for three years. */
const calendar = (now: number) =>
  `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//shop//freezes//EN\r\n${frozen('Fair', now + 10 * day, now + 11 * day)}${frozen('Closed', now + 20 * day, now + 1_100 * day)}END:VCALENDAR\r\n`;

/** The gates about the ledger, the environment, numbers, and time. */
export const worldRows: Record<string, Row> = {
  promotion: {
    config: () => '{ from: staging, soak: 10m }',
    pass: async (at) => {
      const asked = await staged(at);
      at.later(11 * minute);
      return asked;
    },
    fail: (at) => at.release(),
    hold: staged,
    waived: {
      by: 'policy',
      play: async (at) => {
        const asked = await staged(at);
        const deployment = await at.deployed({
          service: 'shop',
          environment: 'production',
          sha: asked.sha,
          runId: at.ran({ sha: asked.sha, path: cdPath }),
          states: ['success', 'failure'],
        });
        at.later(11 * minute);
        const readmit = `{ deployment: ${deployment}, reason: The payment provider was down, by: mona }`;
        return { ...asked, policy: `{ from: staging, soak: 10m, readmit: [${readmit}] }` };
      },
    },
  },
  monotonic: {
    config: () => 'true',
    pass: (at) => at.release(),
    fail: async (at) => {
      const older = await at.release();
      const { sha } = await at.release({ 'app.txt': 'newest' });
      const runId = at.ran({ sha, path: cdPath });
      await at.deployed({ service: 'shop', environment: 'production', sha, runId });
      return older;
    },
    hold: 'an older commit does not get newer by waiting',
    waived: 'going back is what auto-rollback is for',
  },
  migration: {
    config: () => `{ workflow: ${cdPath}, job: migrations }`,
    pass: (at) => migrated(at, 'success'),
    fail: (at) => migrated(at, 'failure'),
    hold: async (at) => {
      const { sha } = await at.release();
      return { sha, runId: at.running({ sha, path: cdPath, job: 'migrations' }) };
    },
    waived: 'a finding is waived in the migration itself, which migration-check reads',
  },
  environment: {
    config: () => '{}',
    pass: async (at) => {
      await protect(at);
      return at.release();
    },
    fail: (at) => at.release(),
    hold: 'settings are changed by somebody, not by time',
    waived: 'a door that is open for everybody protects from nobody',
  },
  incidents: {
    config: () => '{ block-at: high, let-hotfix: true }',
    pass: (at) => at.release(),
    fail: async (at) => {
      await at.incident();
      return at.release();
    },
    hold: inTransit,
    waived: {
      by: 'hotfix',
      play: async (at) => {
        await at.incident();
        return at.hotfix();
      },
    },
  },
  blockers: {
    config: () => '{ labels: [blocker], let-hotfix: true }',
    pass: async (at) => {
      const issue_number = await at.issue('blocker');
      const octocat = await at.as('octocat');
      await octocat.rest('PATCH /repos/{owner}/{repo}/issues/{issue_number}', {
        issue_number,
        state: 'closed',
      });
      return at.release();
    },
    fail: async (at) => {
      await at.issue('blocker');
      return at.release();
    },
    hold: inTransit,
    waived: {
      by: 'hotfix',
      play: async (at) => {
        await at.issue('blocker');
        return at.hotfix();
      },
    },
  },
  metric: {
    config: ({ slo }) =>
      `{ let-hotfix: true, bounds: [{ name: budget, min: 0.1, source: { type: json, url: "${slo.url}", value: $.left } }] }`,
    pass: (at) => at.release(),
    fail: (at, { slo }) => {
      slo.left = 0.01;
      return at.release();
    },
    hold: figure,
    waived: {
      by: 'hotfix',
      play: (at, { slo }) => {
        slo.left = 0.01;
        return at.hotfix();
      },
    },
    blind: ({ slo }) => {
      slo.status = 502;
    },
  },
  dora: {
    config: () =>
      `{ workflow: ${doraPath}, let-hotfix: true, bounds: [{ figure: deployments-per-day, min: 0.5 }] }`,
    pass: async (at) => {
      await measured(at);
      return at.release();
    },
    fail: async (at) => {
      await idle(at);
      return at.release();
    },
    hold: figure,
    waived: {
      by: 'hotfix',
      play: async (at) => {
        const asked = await at.hotfix();
        await idle(at);
        return asked;
      },
    },
  },
  cel: {
    config: () =>
      `[{ name: no infrastructure, sees: [changes], expression: "!evidence.changes.files.exists(f, f.path.startsWith('infra/'))" }]`,
    pass: (at) => at.release(),
    fail: (at) => at.release({ 'infra/main.tf': '# open' }),
    hold: rule,
    waived: { by: 'person', play: (at) => at.release({ 'infra/main.tf': '# open' }) },
  },
  rego: {
    config: () => '[{ name: no infrastructure, file: .github/release.rego, sees: [changes] }]',
    files: () => ({ '.github/release.rego': 'package release\n' }),
    pass: (at) => at.release(),
    fail: (at) => at.release({ 'infra/main.tf': '# open' }),
    hold: rule,
    waived: { by: 'person', play: (at) => at.release({ 'infra/main.tf': '# open' }) },
  },
  window: {
    config: () => '{ timezone: UTC, freeze: [{ calendar: .github/freezes.ics, let-hotfix: true }] }',
    files: () => ({ '.github/freezes.ics': calendar(Date.now()) }),
    pass: (at) => at.release(),
    fail: async (at) => {
      const asked = await at.release();
      at.later(25 * day);
      return asked;
    },
    hold: async (at) => {
      const asked = await at.release();
      at.later(10.5 * day);
      return asked;
    },
    waived: {
      by: 'hotfix',
      play: async (at) => {
        const asked = await at.hotfix();
        at.later(10.5 * day);
        return asked;
      },
    },
  },
};
