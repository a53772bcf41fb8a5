import { join } from 'node:path';
import { readManifest, type ActionManifest } from '../read/action-manifest.js';
import type { BuiltinAction, ThirdPartyMap } from '../third-party/action.js';

/** Where the code of a `uses:` comes from. */
export type ResolvedAction =
  | { kind: 'builtin'; action: BuiltinAction; repository: string; ref: string }
  /** `root`: the folder of its repository, which `$/` means in it. */
  | { kind: 'repository'; manifest: ActionManifest; repository: string; ref: string; root: string }
  /** `./path`: in the workspace, read when the step starts. */
  | { kind: 'workspace'; path: string }
  /** `$/path`: in the repository of the workflow, at the workflow's commit. */
  | { kind: 'self'; path: string };

/** Maps a `uses:` to its local code; throws, with what to add to the request, for one that has none. */
export function resolveAction(
  uses: string,
  actions: Record<string, string>,
  thirdParty: ThirdPartyMap,
): ResolvedAction {
  if (uses.startsWith('./')) return { kind: 'workspace', path: uses.slice(2) };
  if (uses.startsWith('$/')) return { kind: 'self', path: uses.slice(2) };
  if (uses.startsWith('docker://')) throw new Error(`'${uses}': container actions are out of scope here`);
  const at = uses.lastIndexOf('@');
  const name = at < 0 ? uses : uses.slice(0, at);
  const ref = at < 0 ? '' : uses.slice(at + 1);
  const [owner, repo, ...rest] = name.split('/');
  if (ref === '' || !owner || !repo) {
    throw new Error(
      `'${uses}' is not an action: write owner/repo@ref, owner/repo/path@ref, ./path or $/path`,
    );
  }
  const repository = `${owner}/${repo}`;
  const folder = actions[repository];
  if (folder !== undefined) {
    return {
      kind: 'repository',
      manifest: readManifest(join(folder, ...rest)),
      repository,
      ref,
      root: folder,
    };
  }
  const local = thirdParty[name];
  if (local === undefined) {
    const known = [...Object.keys(actions), ...Object.keys(thirdParty)].join(', ');
    throw new Error(
      `'${uses}' has no local equivalent: add '${name}' to \`thirdParty\` or '${repository}' to \`actions\` of the request; mapped are ${known}`,
    );
  }
  if ('folder' in local) {
    const root = local.folder;
    return { kind: 'repository', manifest: readManifest(root), repository, ref, root };
  }
  return { kind: 'builtin', action: local, repository, ref };
}
