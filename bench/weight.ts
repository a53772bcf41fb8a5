import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { writeReleaseTree } from '../scripts/release-tree.js';
import { median, type Row } from './row.js';

const rounds = 9;

/**
 * What a user downloads (the release tree as tar.gz, as GitHub serves it) and what a step costs before it does
 * anything: `node dist/<action>/index.js` with no inputs, which ends in its error, next to `node -e 0` in the same
 * rounds.
 */
export async function weight(): Promise<Row[]> {
  const dir = mkdtempSync(join(tmpdir(), 'weight-'));
  try {
    const tree = join(dir, 'tree');
    const bytes = writeReleaseTree(tree);
    const archive = gzipSync(spawnSync('tar', ['-c', '-C', tree, '.'], { maxBuffer: 2 ** 28 }).stdout).length;
    const actions = readdirSync(join(tree, 'dist')).filter(
      (name) => name !== 'suite' && statSync(join(tree, 'dist', name)).isDirectory(),
    );
    const times = new Map<string, number[]>([
      ['node -e 0', []],
      ...actions.map((action): [string, number[]] => [action, []]),
    ]);
    for (let round = 0; round <= rounds; round++) {
      for (const [subject, measured] of times) {
        const args = subject === 'node -e 0' ? ['-e', '0'] : [join(tree, 'dist', subject, 'index.js')];
        const start = process.hrtime.bigint();
        spawnSync(process.execPath, args, { env: { PATH: process.env['PATH'] }, stdio: 'ignore' });
        if (round > 0) measured.push(Number(process.hrtime.bigint() - start) / 1e6);
      }
    }
    const floor = median(times.get('node -e 0')!);
    return [
      { subject: 'release tree', metric: 'unpacked', value: bytes, unit: 'bytes' },
      { subject: 'release tree', metric: 'tar.gz', value: archive, unit: 'bytes' },
      ...[...times].map(([subject, measured]): Row => {
        const value = Math.round(median(measured) * 10) / 10;
        return {
          subject,
          metric: 'cold start',
          value,
          unit: 'ms',
          ratioTo: 'node -e 0',
          ratio: value / floor,
        };
      }),
    ];
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
