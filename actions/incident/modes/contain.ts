import { coded, type Refusal } from '../../../shared/contracts/refusal-codes.js';
import type { IncidentReport } from '../../../shared/contracts/reports/incident-report.js';
import { runExecutable } from '../../../shared/exec/executable.js';
import type { IncidentMarker } from '../../../shared/ledger/incident-marker.js';
import { sameName } from '../../../shared/ledger/names.js';
import { code, escapeMarkdown } from '../../../shared/report/markdown.js';
import { characters } from '../../../shared/notify/text.js';
import { doubtAsker, roleOfAsker } from '../actor.js';
import type { Hook } from '../config/schema.js';
import { acknowledge, changeIncident, comment, isRefusal, prove, reported, writeIncident } from '../keep.js';
import { lockPorts, refused, type Done, type IncidentPorts } from '../ports.js';

type Call = IncidentReport['contained'][number];

/** Runs a hook of the file for everybody or for each tenant, and notes what came of it. */
export async function contain(ports: IncidentPorts): Promise<Done> {
  const { input, read, by } = ports;
  const number = input.issue!;
  const hook = read.rules.contain.find(({ name }) => name === input.hook);
  if (!hook) {
    const names = read.rules.contain.map(({ name }) => name).join(', ');
    return refused([
      coded(
        'hook-failed',
        `${read.path} has no hook ${input.hook} under contain${names ? `; it has ${names}` : ''}. Fix: name one of them, or add it on the default branch`,
      ),
    ]);
  }
  const found = await prove(ports, number);
  if (isRefusal(found)) return refused([found]);
  if (!found.incident.open)
    return refused([
      coded('incident-over', `incident #${number} is closed: open it again if it is not over`),
    ]);
  const { environment } = found.marker;
  if (input.environment !== undefined && !sameName(input.environment, environment))
    return refused([
      coded(
        'hook-failed',
        `incident #${number} is in ${environment}, and this job has the login of ${input.environment}. Fix: run mode contain with  environment: ${environment}`,
      ),
    ]);
  const person = doubtAsker(by, await roleOfAsker(ports));
  const doubt = person && mayByAlert(ports, found.marker, hook, person);
  if (doubt) return refused([doubt]);
  if (found.marker.untriaged)
    return refused([
      coded(
        'triage-not-allowed',
        `incident #${number} is untriaged: ${found.marker.untriaged.join('; ')}. Fix: run mode triage with its service first`,
      ),
    ]);
  const calls = await callAll(ports, hook, found.marker);
  const failed = calls.filter(({ ok }) => !ok);
  const text = calls
    .map(
      ({ tenant, ok, message }) =>
        `- ${ok ? '✅' : '❌'} ${tenant === null ? 'everybody' : code(tenant)}: ${escapeMarkdown(message)}`,
    )
    .join('\n');
  await comment(
    ports,
    number,
    `**${failed.length > 0 ? 'Not contained' : 'Contained'}** by hook ${code(hook.name)}\n\n${text}`,
  );
  const kept = await changeIncident({ ...ports, lock: lockPorts(ports) }, number, async (proved) => {
    const answered = person ? proved.marker : acknowledge(proved.marker, by, ports.github.now());
    if (answered !== proved.marker) await writeIncident(ports, proved, { marker: answered });
    return answered;
  });
  const marker = 'done' in kept ? kept.done : found.marker;
  const ok = failed.length === 0;
  const change = ok ? 'contained' : 'not-contained';
  const message = ok
    ? `Incident #${number} is contained by hook ${hook.name}.`
    : coded('hook-failed', `incident #${number} is not contained: ${failed[0]!.message}`);
  return {
    result: change,
    ok,
    message,
    reasons: ok ? [] : [message],
    incidents: [reported(found.incident, marker, change)],
    contained: calls,
  };
}

/** Without a person, a hook runs only for an alert that the file names for it. */
function mayByAlert(
  { host }: IncidentPorts,
  { origin, alert }: IncidentMarker,
  hook: Hook,
  doubt: Refusal,
): Refusal | undefined {
  const named = alert !== undefined && hook['on-alerts'].includes(alert);
  return host.context.eventName === 'repository_dispatch' && origin === 'alert' && named ? undefined : doubt;
}

/** One call for everybody, or one for each tenant; all are made, whatever the first ones did. */
async function callAll({ host, input }: IncidentPorts, hook: Hook, marker: IncidentMarker): Promise<Call[]> {
  const named = input.tenants.filter((tenant) => tenant.toLowerCase() !== 'all');
  const scope = input.tenants.length > 0 ? named : marker.scope === 'everybody' ? [] : (marker.scope ?? []);
  const tenants: (string | null)[] = scope.length > 0 ? scope : [null];
  const [file, ...args] = hook.run;
  const calls: Call[] = [];
  for (const tenant of tenants) {
    const ran = await runExecutable(
      file!,
      [...args, marker.service, marker.environment, ...(tenant === null ? [] : [tenant])],
      {
        workspace: host.context.workspace,
        variable: (name) => host.variable(name),
        given: { 'pass-env': input['pass-env'], 'strategy-timeout': hook.timeout },
      },
    );
    const output = ran.ok ? ran.stdout.trim().slice(-500) : ran.why;
    const message = characters(ran.ok ? output || 'done' : output, 500);
    calls.push({ hook: hook.name, tenant, ok: ran.ok, message });
  }
  return calls;
}
