import { gitText } from './run.js';

export interface FileChange {
  oid: string | null;
  filename: string;
  previousFilename: string | null;
  status: 'added' | 'removed' | 'modified' | 'renamed' | 'copied' | 'changed';
  additions: number;
  deletions: number;
  patch: string | null;
}

const statuses: Record<string, FileChange['status']> = {
  A: 'added',
  D: 'removed',
  M: 'modified',
  R: 'renamed',
  C: 'copied',
  T: 'changed',
};

/** What changed between two trees or commits, in git's order, renames found as GitHub finds them. */
export async function diffFiles(gitDir: string, from: string, to: string): Promise<FileChange[]> {
  const range = ['diff', '-M', '--no-color', '--no-ext-diff', '--full-index', from, to];
  const [raw, counts, patches] = await Promise.all([
    gitText(gitDir, [...range, '--raw', '-z', '--abbrev=40']),
    gitText(gitDir, [...range, '--numstat', '-z']),
    gitText(gitDir, [...range, '-p']),
  ]);
  const lines = parseCounts(counts);
  const texts = patches.split(/^diff --git .*\n/m).slice(1);
  return parseRaw(raw).map((change, index) => ({
    ...change,
    additions: lines[index]?.[0] ?? 0,
    deletions: lines[index]?.[1] ?? 0,
    patch: hunks(texts[index] ?? ''),
  }));
}

function hunks(text: string): string | null {
  const start = text.search(/^@@ /m);
  return start < 0 ? null : text.slice(start).replace(/\n$/, '');
}

function parseRaw(raw: string): Omit<FileChange, 'additions' | 'deletions' | 'patch'>[] {
  const fields = raw.split('\0');
  const changes: Omit<FileChange, 'additions' | 'deletions' | 'patch'>[] = [];
  for (let at = 0; at < fields.length - 1;) {
    const [, , , oid = '', letter = ''] = (fields[at++] ?? '').split(' ');
    const status = statuses[letter.charAt(0)] ?? 'changed';
    const moved = status === 'renamed' || status === 'copied';
    const previousFilename = moved ? (fields[at++] ?? '') : null;
    const filename = fields[at++] ?? '';
    changes.push({ oid: /^0+$/.test(oid) ? null : oid, filename, previousFilename, status });
  }
  return changes;
}

/** `-` stands for a binary file, which GitHub counts as no lines. */
function parseCounts(text: string): [number, number][] {
  const fields = text.split('\0');
  const counts: [number, number][] = [];
  for (let at = 0; at < fields.length - 1;) {
    const [added = '', deleted = '', name = ''] = (fields[at++] ?? '').split('\t');
    if (name === '') at += 2;
    counts.push([Number(added) || 0, Number(deleted) || 0]);
  }
  return counts;
}
