import * as z from 'zod';
import type { HttpResult } from '../../../http/types.js';
import { RouterError } from '../../router.js';
import { jsonOf, quoteAnswer } from '../reading.js';

/** One exchange with an API server, authenticated: path and query below the server's address. */
export type KubeSend = (request: {
  method: 'GET' | 'PATCH';
  path: string;
  headers: Readonly<Record<string, string>>;
  body?: string;
}) => Promise<HttpResult>;

/** A kind of object in a namespace, and one of it unless a list is meant. */
export interface KubeTarget {
  group: string;
  version: string;
  resource: string;
  namespace: string;
  name?: string;
  /** Only objects with these labels. */
  labels?: Readonly<Record<string, string>>;
}

export type Patched = { ok: true; object: unknown } | { ok: false; conflict: string };

/** The API of one cluster, as far as routers need it. Everything but a conflict that goes wrong is a RouterError. */
export interface KubeApi {
  get(target: KubeTarget): Promise<unknown>;
  /** A conflict: the object is no longer of the resourceVersion that the patch names. */
  patch(target: KubeTarget, type: 'merge-patch' | 'json-patch', patch: unknown): Promise<Patched>;
}

/** The API of a cluster, for the node of a router that lives there. */
export function kubeApi(node: string, send: KubeSend): KubeApi {
  async function ask(
    method: 'GET' | 'PATCH',
    target: KubeTarget,
    payload?: { type: string; body: unknown },
  ): Promise<{ status: number; document: unknown }> {
    const headers = {
      accept: 'application/json',
      ...(payload ? { 'content-type': `application/${payload.type}+json` } : {}),
    };
    const query =
      method === 'PATCH' ? '?fieldManager=devops-actions&fieldValidation=Strict' : selectorQuery(target);
    const result = await send({
      method,
      path: `${pathOf(target)}${query}`,
      headers,
      ...(payload ? { body: JSON.stringify(payload.body) } : {}),
    });
    if (!result.ok) throw new RouterError(`Node "${node}": ${result.fault.message}.`, node);
    const { status, body } = result.response;
    const document = jsonOf(new TextDecoder().decode(body));
    if (status === 409 || (status >= 200 && status < 300 && document !== undefined))
      return { status, document };
    throw new RouterError(`Node "${node}": ${explain(status, messageOf(document), method, target)}`, node);
  }
  return {
    get: async (target) => (await ask('GET', target)).document,
    async patch(target, type, body) {
      const { status, document } = await ask('PATCH', target, { type, body });
      return status === 409
        ? { ok: false, conflict: messageOf(document) ?? '409 Conflict' }
        : { ok: true, object: document };
    },
  };
}

/** Path of an object or list in the API. */
export function pathOf({ group, version, resource, namespace, name }: KubeTarget): string {
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  return `${root}/namespaces/${namespace}/${resource}${name === undefined ? '' : `/${name}`}`;
}

function selectorQuery({ labels }: KubeTarget): string {
  if (!labels) return '';
  const selector = Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
  return `?labelSelector=${encodeURIComponent(selector)}`;
}

/** What an answer that is no success means, and what to change. */
function explain(
  status: number,
  message: string | undefined,
  method: 'GET' | 'PATCH',
  target: KubeTarget,
): string {
  const { group, resource, namespace, name } = target;
  const what = `${resource}${name === undefined ? '' : ` "${name}"`} in namespace "${namespace}"`;
  const quoted = message ? ` (it says: ${message})` : '';
  const verb = method === 'PATCH' ? 'patch' : name === undefined ? 'list' : 'get';
  switch (status) {
    case 401:
      return `the API server does not know us${quoted}; the token or certificate is wrong or has expired.`;
    case 403:
      return `the API server does not let us ${verb} ${what}${quoted}. Add to our Role there: { apiGroups: ["${group}"], resources: ["${resource}"], verbs: ["${verb}"] }`;
    case 404:
      return `there are no ${what}${quoted}; check the names in the traffic file${group === '' ? '' : `, and that the CRDs of ${group} are installed`}.`;
    default:
      return `the API server answered ${verb} of ${what} with status ${status}${quoted || ' and nothing that is understood'}.`;
  }
}

const statusSchema = z.looseObject({ kind: z.literal('Status'), message: z.string() });

function messageOf(document: unknown): string | undefined {
  const status = statusSchema.safeParse(document);
  return status.success ? quoteAnswer(status.data.message) : undefined;
}

/** Checks an object of the API against what is read of it; another form is a RouterError. */
export function understood<S extends z.ZodType>(
  schema: S,
  document: unknown,
  what: string,
  node: string,
): z.output<S> {
  const result = schema.safeParse(document);
  if (result.success) return result.data;
  const wrong = result.error.issues.map(
    ({ path, message }) => `${path.join('.') || 'the whole'}: ${message}`,
  );
  throw new RouterError(`Node "${node}": ${what} is not understood: ${wrong.slice(0, 5).join('; ')}.`, node);
}
