import { readWorkspaceFile } from '../../shared/config/load.js';
import { ConfigurationError } from '../../shared/config/problem.js';
import type { Delivery, NotifyReport } from '../../shared/contracts/notification.js';
import { openGitHub } from '../../shared/github/client.js';
import { GitHubError } from '../../shared/github/problem.js';
import { keepComment, pullOf } from '../../shared/github/sticky-comment.js';
import { createHttpClient } from '../../shared/http/client.js';
import type { HttpClient } from '../../shared/http/types.js';
import type { Setting } from '../../shared/notify/message.js';
import { deliver } from '../../shared/notify/deliver.js';
import { channels } from '../../shared/notify/registry.js';
import { tellLostJob, tellRefused, tellReport, type Told } from '../../shared/notify/reports.js';
import { ownWorkflow, runUrl } from '../../shared/runner/context.js';
import { defineAction, type Outcome } from '../../shared/runner/define-action.js';
import type { Host } from '../../shared/runner/host.js';
import { Secrets } from '../../shared/runner/secrets.js';
import { isoInstant } from '../../shared/time/instant.js';
import { emptyInputs, isOn, resultOf, skipReason } from './decide.js';
import { inputs, outputs, type Inputs, type Outputs } from './inputs.js';
import { commentText } from './pull-comment.js';
import { render } from './render.js';
import { keepIssue } from './schedule-issue.js';
import { secretParts } from './secret-parts.js';

export const action = defineAction({
  name: 'notify',
  title: 'Notify',
  description:
    'Tells people what an action of the suite found or did: Slack, Microsoft Teams, PagerDuty, or a signed webhook.',
  branding: { icon: 'bell', color: 'yellow' },
  inputs,
  outputs,
  render,
  run: (given, host) => runNotify(given, host),
});

/** Largest report that is read, in bytes. */
const mostBytes = 33_554_432;

/**
 * Reads the report, makes one message of it, and sends that to every channel that is on. A message that was not
 * delivered fails the step only when it is `required`.
 */
export async function runNotify(
  given: Inputs,
  host: Host,
  connect: () => HttpClient = () => createHttpClient({ userAgent: 'devops-actions-notify' }),
): Promise<Outcome<Outputs, NotifyReport>> {
  const settings = Object.fromEntries(
    channels.flatMap(({ inputs }) =>
      inputs.map((name) => [name, given[name as keyof Inputs] as string | undefined]),
    ),
  );
  const secrets = new Secrets();
  for (const value of Object.values(settings)) if (value) secrets.add(value);
  for (const part of Object.values(settings).flatMap(secretParts)) {
    host.mask(part);
    secrets.add(part);
  }
  const { context, clock, random, signal } = host;
  const repository = `${context.owner}/${context.repository}`;
  const told = await tell(given, host, {
    repository,
    serverUrl: context.serverUrl,
    runUrl: runUrl(context),
    actor: context.triggeringActor,
    environment: given.environment,
    service: given.service,
    now: isoInstant(clock.now()),
  });
  const { notification } = told;
  const client = connect();
  const deadline = clock.now() + given.timeout;
  try {
    const deliveries = await Promise.all(
      channels
        .filter((channel) => isOn(channel, settings))
        .map(async (channel): Promise<Delivery> => {
          const why = skipReason(channel, notification, given.on);
          if (why) return { channel: channel.name, result: 'skipped', message: why, tries: 0 };
          return deliver(channel, { message: notification, repository }, settings, deadline, {
            client,
            clock,
            random,
            signal,
            redact: (text) => secrets.redact(text),
          });
        }),
    );
    const issue = given.issue ? await tellIssue(given, host, notification) : {};
    const uncommented = await tellPull(given, host, notification);
    return toOutcome(told, { deliveries, issue, uncommented, empty: emptyInputs(settings) }, given.required);
  } finally {
    client.close();
  }
}

async function tell(given: Inputs, { context }: Host, setting: Setting): Promise<Told> {
  const { report, result, lost } = given;
  if (lost !== undefined) return tellLostJob(lost, result, setting);
  if (report === undefined)
    return tellRefused(
      `The step left no report${result ? `; GitHub says that it ended with ${result}` : ''}.`,
      setting,
    );
  try {
    return tellReport(await readWorkspaceFile(context.workspace, report, 'report', mostBytes), setting);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return tellRefused(
      `The report cannot be read: ${error.problems.map(({ file, got }) => `${file}: ${got}`).join('; ')}.`,
      setting,
    );
  }
}

type Issue = { kept?: NotifyReport['issue']; why?: string };

/** Opens, updates or closes the issue of a schedule; what goes wrong is told and changes no verdict. */
async function tellIssue(
  given: Inputs,
  { context, clock, random }: Host,
  notification: NotifyReport['notification'],
): Promise<Issue> {
  try {
    const github = await openGitHub({ token: given['github-token'], at: context, clock, random });
    const { environment, service, result } = given;
    const now = isoInstant(clock.now());
    const schedule = { workflow: ownWorkflow(context), environment, service, run: runUrl(context), now };
    const kept = await keepIssue(github, schedule, result === 'success', notification);
    return kept ? { kept } : {};
  } catch (error) {
    if (!(error instanceof GitHubError)) throw error;
    return { why: error.message };
  }
}

/** Keeps the comment on the pull request of this run; gives why there is none where there should be. */
async function tellPull(
  given: Inputs,
  { context, clock, random }: Host,
  notification: NotifyReport['notification'],
): Promise<string | undefined> {
  if (!given.comment) return undefined;
  const pull = pullOf(context);
  if (pull === undefined)
    return 'This run is of no pull request. Fix: comment: true in runs of pull_request only.';
  const github = await openGitHub({ token: given['github-token'], at: context, clock, random });
  const about = [ownWorkflow(context), given.environment ?? '', given.service ?? ''];
  return keepComment(
    github,
    { pull, kind: 'notify', about, text: commentText(notification), run: runUrl(context) },
    { repository: `${context.owner}/${context.repository}`, writers: ['github-actions[bot]'] },
  );
}

interface Sent {
  deliveries: Delivery[];
  issue: Issue;
  uncommented: string | undefined;
  empty: string[];
}

function toOutcome(
  { source, refused, notification }: Told,
  { deliveries, issue, uncommented, empty }: Sent,
  required: boolean,
): Outcome<Outputs, NotifyReport> {
  const { result, message: sent } = resultOf(deliveries, empty);
  const { kept, why } = issue;
  const message = kept ? `${sent} Issue #${kept.number} is ${kept.is}.` : sent;
  const failures = deliveries.filter((delivery) => delivery.result === 'failed');
  const bad = failures.length > 0 || refused !== undefined || why !== undefined || uncommented !== undefined;
  const level = required ? 'error' : 'warning';
  return {
    ok: !(required && bad),
    message,
    outputs: { result, issue: kept?.url ?? '' },
    report: {
      schema: 'devops-actions/notify-report@1',
      result,
      message,
      source,
      ...(refused === undefined ? {} : { refused }),
      notification,
      deliveries,
      ...(kept ? { issue: kept } : {}),
      empty,
    },
    annotations: [
      ...(refused === undefined
        ? []
        : [{ level, title: 'The report was refused', message: refused } as const]),
      ...(why === undefined
        ? []
        : [{ level, title: 'The issue of the schedule was not written', message: why } as const]),
      ...(uncommented === undefined
        ? []
        : [{ level, title: 'The pull request was not told', message: uncommented } as const]),
      ...failures.map(
        ({ channel, message }) => ({ level, title: `Not delivered to ${channel}`, message }) as const,
      ),
    ],
  };
}
