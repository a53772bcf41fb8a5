import { Agent, type RequestOptions } from 'node:https';
import { guardedLookup } from '../../../http/connect/addresses.js';
import { exchange } from '../../../http/exchange.js';
import { classify } from '../../../http/faults.js';
import { startTimeLimit } from '../../../http/time-limit.js';
import type { HttpResult } from '../../../http/types.js';
import type { KubeSend } from './client.js';
import type { ExecCredential } from './exec-credential.js';
import type { KubeAccess } from './kubeconfig.js';

/** A list of pods with everything Kubernetes says of them is long (bytes). */
const maxAnswer = 64 * 1024 * 1024;

/**
 * One exchange with an API server on a connection of its own. The cluster's authority is the only one believed, so the
 * shared client, which adds to the public roots, does not fit; nor does it take client certificates.
 */
export async function exchangeOnce(
  request: Parameters<KubeSend>[0],
  access: KubeAccess,
  ca: string | undefined,
  { token, certificate, key }: ExecCredential,
  timeoutMs: number,
): Promise<HttpResult> {
  const startedAt = performance.now();
  const url = new URL(`${access.server.replace(/\/+$/, '')}${request.path}`);
  const secure = url.protocol === 'https:';
  const limit = startTimeLimit(timeoutMs);
  try {
    const route: RequestOptions = {
      protocol: url.protocol,
      hostname: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port || (secure ? 443 : 80),
      path: `${url.pathname}${url.search}`,
      lookup: guardedLookup(),
      ...(secure
        ? {
            agent: new Agent({
              maxCachedSessions: 0,
              ...(ca ? { ca } : {}),
              ...(certificate && key ? { cert: certificate, key } : {}),
              ...(access.serverName ? { servername: access.serverName } : {}),
            }),
          }
        : {}),
    };
    const headers = {
      'user-agent': 'devops-actions',
      ...request.headers,
      ...(token ? { authorization: `Bearer ${token}` } : {}),
    };
    const outgoing = { method: request.method, headers, body: request.body, maxBodyBytes: maxAnswer };
    const result = await exchange(outgoing, route, limit.stopping.signal);
    if (!result.ok) return { ok: false, fault: classify(result.error, request.method, url) };
    const { status, headers: answered, body } = result;
    return {
      ok: true,
      response: { url: url.href, status, headers: answered, body, durationMs: performance.now() - startedAt },
    };
  } catch (error) {
    // A certificate or key that is none is refused while the agent is made ready.
    return { ok: false, fault: classify(error, request.method, url) };
  } finally {
    limit.release();
  }
}
