import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { tmpdir } from 'node:os';
import { runIncident } from '../../../actions/incident/main.js';
import { inputs } from '../../../actions/incident/inputs.js';
import { render } from '../../../actions/incident/render.js';
import {
  incidentReportSchema,
  type IncidentReport,
  type ReportedIncident,
} from '../../../shared/contracts/reports/incident-report.js';
import { readIncident, type ReadIncident } from '../../../shared/ledger/incidents.js';
import { inputVariable, readInputs } from '../../../shared/runner/read-inputs.js';
import type { Clock } from '../../../shared/time/clock.js';
import type { Permissions } from '../../../rehearsal/github/actors-model.js';
import { testHost } from '../../support/runner/host.js';
import { ledgerStage, type LedgerStage } from '../../shared/ledger/stage.js';

/** What a step of the action ended with. */
export interface Stepped {
  ok: boolean;
  message: string;
  outputs: Record<string, string>;
  report: IncidentReport;
  /** The incident that the step is about. */
  first: ReportedIncident;
  summary: string;
  notices: string[];
}

interface Asker {
  /** Login of who started the run. */
  by?: string;
  event?: { name: string; payload?: unknown };
  permissions?: Permissions;
  variables?: Record<string, string>;
}

export interface IncidentStage {
  ledger: LedgerStage;
  workspace: string;
  step(given: Record<string, string>, asker?: Asker): Promise<Stepped>;
  /** The same, with errors as they come. */
  /** Commits the file of incidents to the default branch. */
  rules(text: string): void;
  write(path: string, text: string, mode?: number): string;
  issue(number: number): Promise<ReadIncident>;
  comments(number: number): Promise<string[]>;
  /** A person's comment. */
  say(by: string, number: number, body: string): Promise<void>;
  /** A change of an issue by hand; gives the event that GitHub sends. */
  byHand(
    by: string,
    number: number,
    change: Record<string, unknown>,
    action: string,
    label?: string,
  ): Promise<Asker>;
  /** An issue of a person. */
  opened(by: string, issue: { title: string; body?: string; labels?: string[] }): Promise<number>;
  /** Lets the time of the stand-in and of the action go on, in milliseconds. */
  later(milliseconds: number): void;
  now(): number;
  close(): Promise<void>;
}

/** The action before a stand-in of GitHub with real requests; octocat is admin, hubot writes, mona triages, eve reads. */
export async function incidentStage(): Promise<IncidentStage> {
  let ahead = 0;
  const ledger = await ledgerStage({ now: () => Date.now() + ahead });
  const { server } = ledger;
  server.control.addUser({ login: 'mona', role: 'triage' });
  server.control.addUser({ login: 'eve', role: 'none' });
  const workspace = mkdtempSync(join(tmpdir(), 'incident-'));
  const clock: Clock = {
    now: () => Date.now() + ahead,
    sleep: (milliseconds) => new Promise((done) => setTimeout(done, Math.min(milliseconds, 20))),
  };
  const write: IncidentStage['write'] = (path, text, mode = 0o644) => {
    const place = join(workspace, path);
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, text, { mode });
    return place;
  };
  const stage: IncidentStage = {
    ledger,
    workspace,
    write,
    async step(
      given,
      { by = 'octocat', event = { name: 'workflow_dispatch' }, permissions, variables = {} } = {},
    ) {
      const { token } = server.control.addToken({
        actor: 'github-actions[bot]',
        permissions: permissions ?? { contents: 'write', issues: 'write' },
      });
      const host = testHost({
        clock,
        random: Math.random,
        variables,
        context: {
          apiUrl: server.url,
          serverUrl: server.url,
          triggeringActor: by,
          actor: by,
          eventName: event.name,
          eventPath:
            event.payload === undefined ? undefined : write('event.json', JSON.stringify(event.payload)),
          workspace,
        },
      });
      const variablesOf = Object.fromEntries(
        Object.entries({ ...given, 'github-token': token }).map(([name, value]) => [
          inputVariable(name),
          value,
        ]),
      );
      const outcome = await runIncident(readInputs(inputs, variablesOf), host);
      const report = incidentReportSchema.parse(JSON.parse(JSON.stringify(outcome.report)));
      return {
        ok: outcome.ok,
        message: outcome.message,
        outputs: outcome.outputs as Record<string, string>,
        report,
        first: report.incidents[0]!,
        summary: render(report),
        notices: (outcome.annotations ?? []).map(({ message }) => message),
      };
    },
    rules(text) {
      mkdirSync(join(ledger.gitDir, '.github'), { recursive: true });
      ledger.commit('.github/incidents.yml', text);
    },
    issue: async (number) => (await readIncident(ledger.github, number))!,
    comments: async (number) =>
      (
        await ledger.octokit().rest.issues.listComments({ ...ledger.at, issue_number: number, per_page: 100 })
      ).data.map(({ body }) => body ?? ''),
    async say(by, number, body) {
      await ledger.octokit(by).rest.issues.createComment({ ...ledger.at, issue_number: number, body });
    },
    async byHand(by, number, change, action, label) {
      const { data } = await ledger
        .octokit(by)
        .rest.issues.update({ ...ledger.at, issue_number: number, ...change });
      const payload = {
        action,
        issue: { number, state_reason: data.state_reason ?? null },
        ...(label === undefined ? {} : { label: { name: label } }),
        sender: { login: by, type: by.endsWith('[bot]') ? 'Bot' : 'User' },
      };
      return { by, event: { name: 'issues', payload } };
    },
    opened: async (by, { title, body = '', labels = [] }) =>
      (await ledger.octokit(by).rest.issues.create({ ...ledger.at, title, body, labels })).data.number,
    later: (milliseconds) => void (ahead += milliseconds),
    now: () => clock.now(),
    async close() {
      await ledger.close();
      rmSync(workspace, { recursive: true, force: true });
    },
  };
  return stage;
}
