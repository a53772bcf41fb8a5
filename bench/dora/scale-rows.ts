import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { measurer } from '../smoke/measured-run.js';
import type { Row } from '../row.js';

/** Processor time and memory of the report at a size and at half of it, each bundled and in a process of its own. */
export async function scaleRows(deployments = 10_000): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-dora-scale-'));
  try {
    const program = join(folder, 'scale-run.mjs');
    const entry = fileURLToPath(new URL('./scale-run.ts', import.meta.url));
    await build({
      entryPoints: [entry],
      outfile: program,
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'error',
    });
    const measure = measurer(folder);
    const rows: Row[] = [];
    for (const count of [deployments / 2, deployments]) {
      const { peakMiB, code, output } = await measure({ args: [program, String(count)] });
      if (code !== 0) throw new Error(output);
      const { cpuSeconds } = JSON.parse(output) as { cpuSeconds: number };
      const subject = `${count} deployments, ${count * 10} commits`;
      rows.push(
        { subject, metric: 'processor time', value: cpuSeconds, unit: 's', of: 5 },
        { subject, metric: 'most memory of the process', value: Math.round(peakMiB), unit: 'MiB', of: 300 },
      );
    }
    return rows;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
