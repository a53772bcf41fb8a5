import * as z from 'zod';
import type { Serving } from '../../router.js';
import type { StatusAnswer } from '../http-exchange.js';
import { jsonOf, quoteAnswer } from '../reading.js';

const serviceSchema = z.object({
  status: z.string(),
  error: z.array(z.string()).optional(),
  loadBalancer: z
    .object({ servers: z.array(z.unknown()).nullish(), healthCheck: z.unknown().optional() })
    .optional(),
  serverStatus: z.record(z.string(), z.string()).optional(),
});

/** A backend as Traefik's API names it: one without a provider comes from a file. */
export const fullName = (backend: string) => (backend.includes('@') ? backend : `${backend}@file`);

/**
 * Reads the answer of `/api/http/services/BACKEND`: which servers Traefik holds up. A service without a health check
 * has every server UP for ever, which proves nothing.
 */
export function readServerStatus(backend: string, { status, text }: StatusAnswer): Serving {
  const name = fullName(backend);
  if (status === 404) return { is: 'down', why: `Traefik has no service "${name}"` };
  const parsed = serviceSchema.safeParse(jsonOf(text));
  if (status !== 200 || !parsed.success)
    return { is: 'unknown', why: `its API answers ${status} for ${name}: ${quoteAnswer(text)}` };
  const { loadBalancer, serverStatus = {}, error = [], status: state } = parsed.data;
  if (state === 'disabled')
    return {
      is: 'down',
      why: `Traefik has disabled ${name}: ${error.map(quoteAnswer).join(', ') || 'no reason given'}`,
    };
  if (!loadBalancer) return { is: 'unknown', why: `${name} has no servers of its own (no loadBalancer)` };
  if ((loadBalancer.servers ?? []).length === 0) return { is: 'down', why: `${name} has no servers` };
  if (loadBalancer.healthCheck === undefined)
    return { is: 'unknown', why: `${name} has no loadBalancer.healthCheck, so Traefik checks no server` };
  const servers = Object.entries(serverStatus);
  const up = servers.filter(([, is]) => is === 'UP').length;
  if (up > 0) return { is: 'up', servers: up };
  const said = servers.map(([url, is]) => `${quoteAnswer(url)} is ${quoteAnswer(is)}`).join(', ');
  return { is: 'down', why: `no server of ${name} is UP: ${said || 'none is listed'}` };
}
