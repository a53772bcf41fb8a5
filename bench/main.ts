/** `npm run bench -- NAME [--json]`: side-by-side measurements with their ratios. */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { weight } from './weight.js';
import type { Row } from './row.js';

const benches: Record<string, () => Promise<Row[]>> = { weight };

const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const [name = ''] = positionals;
const bench = benches[name];
if (!bench) {
  console.error(`usage: npm run bench -- NAME [--json]; there are: ${Object.keys(benches).join(', ')}`);
  process.exit(2);
}
const rows = await bench();
const machine = `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}`;
if (values.json) {
  console.log(JSON.stringify({ bench: name, machine, versions: { node: process.version }, rows }, null, 2));
} else {
  console.log(`${name}, ${machine}, node ${process.version}`);
  console.table(
    Object.fromEntries(
      rows.map((row) => [
        `${row.subject}: ${row.metric}`,
        { value: row.value, unit: row.unit, ratio: row.ratio?.toFixed(1), to: row.ratioTo },
      ]),
    ),
  );
}
