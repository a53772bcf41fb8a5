/** `npm run bench -- NAME [--json]`: side-by-side measurements with their ratios. */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { dora } from './dora/dora.js';
import { gate } from './gate/gate.js';
import { rollback } from './rollback/rollback.js';
import { smoke } from './smoke/smoke.js';
import { switching } from './switch/switch.js';
import { weight } from './weight.js';
import type { Benched, Row } from './row.js';

const benches: Record<string, () => Row[] | Benched | Promise<Row[] | Benched>> = {
  dora,
  gate,
  rollback: () => rollback(),
  smoke,
  switch: switching,
  weight,
};

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
const benched = await bench();
const { rows, versions = {}, notes = [] } = Array.isArray(benched) ? { rows: benched } : benched;
const machine = `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}`;
if (values.json) {
  console.log(
    JSON.stringify(
      { bench: name, machine, versions: { node: process.version, ...versions }, rows, notes },
      null,
      2,
    ),
  );
} else {
  const peers = Object.entries(versions).map(([peer, version]) => `, ${peer} ${version}`);
  console.log(`${name}, ${machine}, node ${process.version}${peers.join('')}`);
  console.table(
    Object.fromEntries(
      rows.map((row) => [
        `${row.subject}: ${row.metric}`,
        { value: row.value, of: row.of, unit: row.unit, ratio: row.ratio?.toFixed(1), to: row.ratioTo },
      ]),
    ),
  );
  for (const note of notes) console.log(`note: ${note}`);
}
