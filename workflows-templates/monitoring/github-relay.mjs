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

/** GitHub takes less than 64 KiB; alerts beyond that are counted, as Alertmanager itself does. */
const largest = 60_000;
/** Largest body that is read, in bytes. */
const longest = 4_194_304;

function fit(body) {
  const alerts = [...body.alerts];
  const left = () => ({
    ...body,
    alerts,
    truncatedAlerts: (body.truncatedAlerts ?? 0) + body.alerts.length - alerts.length,
  });
  while (alerts.length > 1 && JSON.stringify(left()).length > largest) alerts.pop();
  return left();
}

async function relay(text) {
  const body = JSON.parse(text);
  if (body?.version !== '4' || !Array.isArray(body.alerts) || body.alerts.length === 0) return 400;
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
