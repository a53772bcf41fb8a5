import { openGitHub } from '../../shared/github/client.js';
import { ConfigurationError } from '../../shared/config/problem.js';
import { githubRefStore } from '../../shared/ledger/refs/refs.js';
import type { IncidentReport } from '../../shared/contracts/reports/incident-report.js';
import { runUrl } from '../../shared/runner/context.js';
import { defineAction, type Outcome } from '../../shared/runner/define-action.js';
import type { Host } from '../../shared/runner/host.js';
import { isoInstant } from '../../shared/time/instant.js';
import { readRules } from './config/read.js';
import { inputs, outputs, type Inputs, type Outputs } from './inputs.js';
import { close } from './modes/close.js';
import { contain } from './modes/contain.js';
import { follow } from './modes/follow.js';
import { note } from './modes/note.js';
import { open } from './modes/open.js';
import { resolve } from './modes/resolve.js';
import { sweep } from './modes/sweep.js';
import { triage } from './modes/triage.js';
import type { Done, IncidentPorts } from './ports.js';
import { render } from './render.js';

const modes = { open, triage, contain, note, resolve, close, follow, sweep } as const;

export const action = defineAction({
  name: 'incident',
  title: 'Incident',
  description:
    'Opens an incident once, arms its deadline, triages, contains and resolves it, and closes it when its post-mortem is there.',
  branding: { icon: 'alert-triangle', color: 'red' },
  inputs,
  outputs,
  render,
  run: (input, host) => runIncident(input, host),
});

/** Asks the rules of the default branch, does what the mode says, and reports the incident as it then stands. */
export async function runIncident(input: Inputs, host: Host): Promise<Outcome<Outputs, IncidentReport>> {
  const { context, clock, random, signal } = host;
  const github = await openGitHub({ token: input['github-token'], at: context, clock, random, signal });
  const read = await readRules(github, input.config);
  if (read.problems.length > 0 && input.mode !== 'open') throw new ConfigurationError(read.problems);
  const ports: IncidentPorts = {
    github,
    store: githubRefStore(github),
    host,
    input,
    read,
    writers: input['ledger-writers'],
    by: context.triggeringActor,
    run: runUrl(context),
  };
  const done: Done & { by?: string } = await modes[input.mode](ports);
  return toOutcome(ports, done);
}

function toOutcome(
  { github, input, read, by, run }: IncidentPorts,
  done: Done & { by?: string },
): Outcome<Outputs, IncidentReport> {
  const { result, ok, message, incidents = [], notes = [], hooks = [] } = done;
  const absent = read.commit === null && read.problems.length === 0;
  const said = absent
    ? [...notes, `There is no ${read.path} on the default branch, so the defaults hold.`]
    : notes;
  const [first] = incidents;
  return {
    ok,
    message,
    outputs: {
      result,
      issue: first?.url ?? '',
      number: first ? String(first.number) : '',
      severity: first?.severity ?? '',
      deadline: first?.deadline ?? '',
      hooks: JSON.stringify(hooks),
    },
    report: {
      schema: 'devops-actions/incident-report@1',
      mode: input.mode,
      result,
      ok,
      message,
      reasons: [...(done.reasons ?? [])],
      notes: [...said],
      by: done.by ?? by,
      at: isoInstant(github.now()),
      run,
      rules: { path: read.path, commit: read.commit },
      incidents: [...incidents],
      contained: [...(done.contained ?? [])],
      hooks: [...hooks],
      question: done.question ?? null,
    },
    annotations: notes.map((text) => ({ level: 'notice', title: 'Incident', message: text })),
  };
}
