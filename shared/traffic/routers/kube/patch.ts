import { RouterError, type Serving, type Weights } from '../../router.js';
import type { KubeApi, KubeTarget } from './client.js';

/** A PATCH that lost to a change elsewhere in its object, its status say, is tried this many times. */
const patchTries = 4;

/** An object of a node: the API it is in, and how it is called for people. */
export interface KubeObject {
  name: string;
  api: KubeApi;
  target: KubeTarget;
  says: string;
}

export interface KubePatch {
  type: 'merge-patch' | 'json-patch';
  body: unknown;
}

/**
 * Patches an object from what `make` has just read of it, and again where something else in it changed meanwhile;
 * nothing is done where `make` gives nothing.
 */
export async function patchFromRead(
  { name, api, target, says }: KubeObject,
  make: () => Promise<KubePatch | undefined>,
): Promise<void> {
  let conflict = '';
  for (let attempt = 0; attempt < patchTries; attempt++) {
    const patch = await make();
    if (!patch) return;
    const patched = await api.patch(target, patch.type, patch.body);
    if (patched.ok) return;
    conflict = patched.conflict;
  }
  throw new RouterError(`${says} changes faster than it can be patched (${conflict}).`, name);
}

/** No traffic to a colour that has nobody to serve it: throws RouterError unless every colour with a share is up. */
export async function requireServing(
  { name, says }: Pick<KubeObject, 'name' | 'says'>,
  shares: Weights,
  servingOn: (colour: string) => Promise<Serving>,
): Promise<void> {
  for (const colour of Object.keys(shares)) {
    if ((shares[colour] ?? 0) === 0) continue;
    const serving = await servingOn(colour);
    if (serving.is !== 'up') throw new RouterError(`${says} stays as it is: ${serving.why}.`, name);
  }
}
