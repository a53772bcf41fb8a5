import type { Delivery, Notification } from '../contracts/notification.js';
import { retryAfter } from '../http/retry-after.js';
import type { HttpClient, HttpFault, HttpResponse } from '../http/types.js';
import type { Clock } from '../time/clock.js';
import { formatDuration } from '../time/duration.js';
import { addressProblem, type Channel, type Settings } from './channel.js';
import { characters, cut } from './text.js';

/** What delivery reaches the world by. */
export interface DeliveryPorts {
  client: Pick<HttpClient, 'send'>;
  clock: Clock;
  /** Uniform in [0, 1). */
  random: () => number;
  signal: AbortSignal;
  /** Takes secrets out of what a service answers. */
  redact: (text: string) => string;
}

/** Longest time for one try, in milliseconds. */
const tryMs = 10_000;

/** Most tries of one channel. */
const mostTries = 5;

/** Faults of the network that may pass. */
const passing: readonly HttpFault['kind'][] = ['timeout', 'dns', 'refused', 'reset'];

/**
 * Sends a message by one channel, again after what may pass, until `deadline` (epoch ms). Never throws: what went wrong
 * is the delivery's message.
 */
export async function deliver(
  channel: Channel,
  { message, repository }: { message: Notification; repository: string },
  settings: Settings,
  deadline: number,
  ports: DeliveryPorts,
): Promise<Delivery> {
  const { clock, client, random, signal, redact } = ports;
  const failed = (why: string, tries: number): Delivery => ({
    channel: channel.name,
    result: 'failed',
    message: why,
    tries,
  });
  const unusable = unusableInput(channel, settings);
  if (unusable) return failed(unusable, 0);
  for (let tries = 1; ; tries++) {
    const left = deadline - clock.now();
    if (left <= 0 || signal.aborted) return failed(stopped(signal), tries - 1);
    // Made anew for each try: a signature is of its moment.
    const outgoing = channel.form(message, settings, { now: clock.now(), repository });
    const timeoutMs = Math.min(tryMs, left);
    const result = await client.send({
      ...outgoing,
      method: 'POST',
      timeoutMs,
      maxBodyBytes: 65_536,
      signal,
    });
    const answer = result.ok ? new TextDecoder().decode(result.response.body) : '';
    const doubt = result.ok ? channel.doubt(result.response.status, answer) : undefined;
    if (result.ok && doubt === undefined)
      return {
        channel: channel.name,
        result: 'delivered',
        message: `accepted with ${result.response.status}`,
        tries,
      };
    const why = result.ok
      ? refusal(channel, result.response, redact(oneLine(answer)), doubt!)
      : noAnswer(result.fault, timeoutMs);
    const wait = tries < mostTries ? waitAfter(result, channel, tries, clock.now(), random) : undefined;
    if (wait === undefined) return failed(why, tries);
    if (clock.now() + wait >= deadline)
      return failed(
        `${why} The next try would come in ${formatDuration(wait)}, after the time-out of the step.`,
        tries,
      );
    await clock.sleep(wait, signal);
  }
}

function unusableInput({ inputs }: Channel, settings: Settings): string | undefined {
  for (const name of inputs) {
    const value = settings[name];
    if (!value)
      return `The input "${name}" is empty. Fix: pass its secret, or leave "${inputs[0]}" empty too.`;
    const problem = /-(webhook|url)$/.test(name) ? addressProblem(value) : undefined;
    if (problem)
      return `The input "${name}" cannot be used: ${problem}. Fix: put the whole https address into its secret.`;
  }
  return undefined;
}

const stopped = (signal: AbortSignal) =>
  signal.aborted
    ? 'The step was asked to stop before it was sent.'
    : 'The time-out of the step was over before it was sent.';

function noAnswer({ kind }: HttpFault, timeoutMs: number): string {
  return kind === 'timeout'
    ? `No answer within ${formatDuration(timeoutMs)}.`
    : `No answer (${faults[kind]}).`;
}

/** The fault in words of our own: the client's name the path of the address, which is a secret here. */
const faults: Record<HttpFault['kind'], string> = {
  timeout: 'too slow',
  dns: 'the name of the server is not known',
  refused: 'the connection was refused',
  reset: 'the connection broke off',
  tls: 'the certificate of the server is not trusted',
  protocol: 'it was not valid HTTP',
  'too-large': 'it was too large',
  'forbidden-address': 'the address hands out cloud credentials and is never contacted',
  'too-many-redirects': 'too many redirects',
  cancelled: 'cancelled',
};

const oneLine = (text: string) => characters(text, text.length).replace(/\s+/g, ' ').trim();

function refusal({ name, inputs }: Channel, { status }: HttpResponse, answer: string, doubt: string): string {
  // Cut only what is redacted: the beginning of a secret would be known to no masker.
  const text = cut(answer, 200);
  const said = `Refused with ${status}${text ? `: ${text}` : ''}.`;
  if ([401, 403, 404, 410].includes(status))
    return `${said} This webhook or key is dead or not allowed any more. Fix: make a new one in ${name} and put it into the secret behind "${inputs[0]}".`;
  if (status >= 300 && status < 400)
    return `${said} Redirects are not followed. Fix: put the final address into the secret behind "${inputs[0]}".`;
  return `${said} Expected: ${doubt}.`;
}

/** Milliseconds until the next try, or undefined when trying again cannot help. */
function waitAfter(
  result: { ok: true; response: HttpResponse } | { ok: false; fault: HttpFault },
  { spacingMs }: Channel,
  tries: number,
  now: number,
  random: () => number,
): number | undefined {
  const backoff = spacingMs * 2 ** (tries - 1) * (1 + random() / 2);
  if (!result.ok) return passing.includes(result.fault.kind) ? backoff : undefined;
  const { status, headers } = result.response;
  if (status !== 429 && status !== 408 && status < 500) return undefined;
  const asked = retryAfter(headers['retry-after']?.[0], now);
  return asked === undefined ? backoff : Math.max(asked, spacingMs);
}
