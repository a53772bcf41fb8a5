#!/usr/bin/env node
// Sends webhooks of Alertmanager to a repository as repository_dispatch: docs/incidents.md. Node alone, no packages.
import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const {
  GITHUB_API_URL: api = 'https://api.github.com',
  GITHUB_REPOSITORY: repository,
  GITHUB_TOKEN_FILE: tokenFile,
  RELAY_SECRET_FILE: secretFile,
  RELAY_HOST: host = '127.0.0.1',
  RELAY_PORT: port = '9095',
} = process.env;
const say = (line) => process.stderr.write(`${line}\n`);
if (!/^[\w.-]+\/[\w.-]+$/.test(repository ?? '') || !tokenFile || !secretFile) {
  say('Set GITHUB_REPOSITORY (owner/name), GITHUB_TOKEN_FILE and RELAY_SECRET_FILE.');
  process.exit(2);
}

/** Read each time: tokens of an App last an hour, and whoever renews them writes the file anew. */
const read = (file) => readFileSync(file, 'utf8').trim();
const digest = (text) => createHash('sha256').update(text).digest();
const isAllowed = (given = '') => timingSafeEqual(digest(given), digest(`Bearer ${read(secretFile)}`));

/** GitHub takes less than 64 KiB, in bytes; alerts beyond that are counted, as Alertmanager itself does. */
const largest = 60_000;
/** Largest body that is read, in bytes. */
const longest = 4_194_304;

const size = (value) => Buffer.byteLength(JSON.stringify(value));

/** What is kept of an alert that is too large alone; its labels say where it belongs. */
function shorten(alert) {
  const cut = (texts, count, most) =>
    Object.fromEntries(
      Object.entries(texts ?? {})
        .slice(0, count)
        .map(([name, text]) => [name.slice(0, 100), String(text).slice(0, most)]),
    );
  const { status, labels, annotations, startsAt, endsAt } = alert;
  return { status, labels: cut(labels, 30, 200), annotations: cut(annotations, 10, 500), startsAt, endsAt };
}

function fit(body) {
  // What fires is never left out for what is over.
  const isOver = ({ status }) => Number(status === 'resolved');
  const { alerts: all, truncatedAlerts = 0, version, status } = body;
  const sorted = [...all].sort((a, b) => isOver(a) - isOver(b));
  const largestOne = largest / 2;
  const alerts = sorted.map((alert) => (size(alert) > largestOne ? shorten(alert) : alert));
  // Only what the action reads: what Alertmanager says of the group may be large too.
  const left = (count) => ({
    version,
    status,
    alerts: alerts.slice(0, count),
    truncatedAlerts: truncatedAlerts + alerts.length - count,
  });
  let [fits, tooMany] = [1, alerts.length + 1];
  while (tooMany - fits > 1) {
    const middle = Math.floor((fits + tooMany) / 2);
    if (size(left(middle)) <= largest) fits = middle;
    else tooMany = middle;
  }
  return left(fits);
}

async function relay(text) {
  const body = JSON.parse(text);
  if (body?.version !== '4' || !Array.isArray(body.alerts) || body.alerts.length === 0) return 400;
  if (body.alerts.some((alert) => alert === null || typeof alert !== 'object')) return 400;
  const answer = await fetch(`${api}/repos/${repository}/dispatches`, {
    method: 'POST',
    redirect: 'error',
    signal: AbortSignal.timeout(10_000),
    headers: {
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${read(tokenFile)}`,
      'content-type': 'application/json',
      'user-agent': 'github-relay',
    },
    body: JSON.stringify({
      event_type: body.status === 'resolved' ? 'alert_resolved' : 'alert_fired',
      client_payload: { alert: fit(body) },
    }),
  });
  if (answer.status === 204) return 204;
  say(`GitHub answered ${answer.status}: ${(await answer.text()).slice(0, 500)}`);
  // Alertmanager tries again on 5xx alone.
  return 502;
}

const server = createServer(async (request, response) => {
  const end = (status) => response.writeHead(status).end();
  try {
    if (!isAllowed(request.headers.authorization)) return end(401);
    if (request.method !== 'POST') return end(405);
    const parts = [];
    let size = 0;
    for await (const part of request) {
      size += part.length;
      if (size > longest) return end(413);
      parts.push(part);
    }
    end(await relay(Buffer.concat(parts).toString('utf8')));
  } catch (error) {
    say(error instanceof SyntaxError ? 'The body is no JSON.' : String(error));
    end(error instanceof SyntaxError ? 400 : 502);
  }
});
server.listen(Number(port), host, () => say(`Listening on ${host}:${server.address().port}`));
