import { coded, type Refusal } from '../../contracts/refusal-codes.js';
import { RouterError, type Inspection, type Router } from '../router.js';
import type { Machine } from '../transports/machine.js';

/** Longest wait for a look at a folder, in milliseconds. */
const lookWithin = 10_000;

const [readOnly, full, mounted] = [41, 42, 43];

// A file is replaced by renaming another over it, so what counts is its folder: of a link, the one that it leads to,
// unless the link itself is what is replaced.
const look = [
  'to=$1; if [ "$2" = file ] && [ -L "$to" ] && [ -e "$to" ]; then to=$(readlink -f -- "$to"); fi',
  `folder=$(dirname -- "$to"); printf %s "$folder"; [ -w "$folder" ] || exit ${readOnly}`,
  `if [ "$(df -Pk -- "$folder" 2>/dev/null | tail -n 1 | awk '{ print $4 }')" = 0 ]; then exit ${full}; fi`,
  `if cut -d ' ' -f 5 /proc/self/mountinfo 2>/dev/null | grep -qFx -e "$to"; then exit ${mounted}; fi`,
].join('; ');

/** What a switch replaces on a node: a file, or a link itself. */
export interface Replaced {
  path: string;
  is?: 'file' | 'link';
  /** What a person changes where it cannot be. */
  fix?: string;
}

/**
 * Why something could not be replaced on a node, so that a switch would fail there, on the second node perhaps, when
 * the first has moved already. Throws RouterError where the machine is out of reach.
 */
export async function obstaclesTo(
  node: string,
  machine: Pick<Machine, 'run'>,
  { path, is = 'file', fix = 'let the user of this job write there' }: Replaced,
): Promise<Refusal[]> {
  const { code, stdout } = await machine.run(['sh', '-c', look, 'sh', path, is], lookWithin);
  // Anything else says that the look failed, and nothing of the file.
  if (code !== readOnly && code !== full && code !== mounted) return [];
  const folder = stdout.trim() || path.slice(0, Math.max(1, path.lastIndexOf('/')));
  const [what, remedy] =
    code === full
      ? [`the disk of ${folder} is full`, 'free space there']
      : code === mounted
        ? [
            `${path} is mounted by itself`,
            'mount its folder instead, since a mounted file cannot be replaced',
          ]
        : [`${folder} is not writable`, fix];
  const why = `${what}, so ${path} could not be replaced. Fix: ${remedy}`;
  return [coded('router-not-ready', `node "${node}": ${why}`)];
}

/** Looks at every node; one that cannot be read is told of by the look at the weights. */
export function inspectNodes(
  names: readonly string[],
  lookAt: (name: string) => Promise<Partial<Inspection>>,
): NonNullable<Router['inspect']> {
  return async () => {
    const found = await Promise.all(
      names.map((name) =>
        lookAt(name).catch((error: unknown): Partial<Inspection> => {
          if (error instanceof RouterError) return {};
          throw error;
        }),
      ),
    );
    return {
      obstacles: [...new Set(found.flatMap(({ obstacles = [] }) => obstacles))],
      notes: [...new Set(found.flatMap(({ notes = [] }) => notes))],
    };
  };
}

/** The same for a router whose nodes have a file or link that a switch replaces, and nothing else to look at. */
export function inspectFiles(
  names: readonly string[],
  reach: (name: string) => { machine: Machine },
  ...replaced: readonly Replaced[]
): NonNullable<Router['inspect']> {
  return inspectNodes(names, async (name) => {
    const { machine } = reach(name);
    const found = await Promise.all(replaced.map((one) => obstaclesTo(name, machine, one)));
    return { obstacles: found.flat() };
  });
}
