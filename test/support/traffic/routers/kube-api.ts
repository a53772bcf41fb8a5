import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { serve } from '../../servers/http.js';

type Json = Record<string, unknown>;
interface Stored extends Json {
  metadata: {
    name: string;
    resourceVersion: string;
    generation: number;
    annotations?: Record<string, string>;
  };
}

/** A small API server: objects by path with versions and conflicts as Kubernetes has them, and endpoints by Service. */
export interface FakeKube {
  folder: string;
  put(path: string, object: Json): void;
  get(path: string): Stored;
  /** Ready endpoints by name of the Service; the pod behind endpoint N of it is `SERVICE-N`. */
  ready: Record<string, number>;
  /** Runs before the next PATCH is looked at, as a change by somebody else. */
  meanwhile: (() => void) | undefined;
  patches: { path: string; body: unknown }[];
  close(): Promise<void>;
}

export async function startFakeKube(): Promise<FakeKube> {
  const objects = new Map<string, Stored>();
  const server = await serve((request, response) => {
    let text = '';
    request.on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://localhost');
      const answer = (status: number, document: unknown) =>
        response.writeHead(status).end(JSON.stringify(document));
      const label = url.searchParams.get('labelSelector')?.split('=')[1] ?? '';
      const indexes = [...Array(kube.ready[label] ?? 0).keys()];
      if (url.pathname.endsWith('/endpointslices'))
        return answer(200, {
          items: [
            {
              endpoints: indexes.map((index) => ({
                addresses: [`10.0.0.${index}`],
                targetRef: { uid: `${label}-${index}` },
              })),
            },
          ],
        });
      if (url.pathname.endsWith('/pods'))
        return answer(200, { items: [{ metadata: { name: label, uid: `shop-${label}` } }] });
      if (request.method === 'PATCH') kube.meanwhile?.();
      kube.meanwhile = request.method === 'PATCH' ? undefined : kube.meanwhile;
      const stored = objects.get(url.pathname);
      if (!stored) return answer(404, { kind: 'Status', message: `${url.pathname} not found` });
      if (request.method === 'GET') return answer(200, stored);
      const body: unknown = JSON.parse(text);
      const next = structuredClone(stored);
      if (Array.isArray(body))
        for (const { path, value } of body as JsonPatch[]) setAt(next, path.split('/').slice(1), value);
      else merge(next, body as Json);
      if (next.metadata.resourceVersion !== stored.metadata.resourceVersion)
        return answer(409, { kind: 'Status', message: 'the object has been modified' });
      kube.patches.push({ path: url.pathname, body });
      objects.set(url.pathname, versioned(stored, next));
      answer(200, objects.get(url.pathname));
    });
  });
  const folder = mkdtempSync(join(tmpdir(), 'fake-kube-'));
  writeFileSync(
    join(folder, 'config'),
    stringify({
      'current-context': 'c',
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
      clusters: [{ name: 'c', cluster: { server: server.url } }],
      users: [{ name: 'u', user: { token: 't' } }],
    }),
  );
  const kube: FakeKube = {
    folder,
    ready: {},
    meanwhile: undefined,
    patches: [],
    put(path, object) {
      const name = path.split('/').at(-1)!;
      const old = objects.get(path);
      const metadata = { name, resourceVersion: '0', generation: 0, ...(object['metadata'] as Json) };
      const next = { ...object, metadata } as Stored;
      objects.set(path, versioned(old ?? { ...next, spec: undefined }, next));
    },
    get: (path) => objects.get(path)!,
    async close() {
      await server.close();
      rmSync(folder, { recursive: true });
    },
  };
  return kube;
}

interface JsonPatch {
  path: string;
  value: unknown;
}

/** The generation counts changes of the spec alone, the resourceVersion all. */
function versioned(old: Stored, next: Stored): Stored {
  const changed = JSON.stringify(old['spec']) !== JSON.stringify(next['spec']);
  return {
    ...next,
    metadata: {
      ...next.metadata,
      resourceVersion: String(Number(old.metadata.resourceVersion) + 1),
      generation: old.metadata.generation + (changed ? 1 : 0),
    },
  };
}

function setAt(object: unknown, [key = '', ...rest]: string[], value: unknown): void {
  const at = object as Json;
  if (rest.length === 0) at[key] = value;
  else setAt(at[key], rest, value);
}

function merge(object: Json, patch: Json): void {
  for (const [key, value] of Object.entries(patch)) {
    if (typeof value === 'object' && value !== null && typeof object[key] === 'object')
      merge(object[key] as Json, value as Json);
    else object[key] = value;
  }
}
