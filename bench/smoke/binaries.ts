import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { hurlEntries, k6Script, venomSuite, type Case } from './cases.js';
import type { Program } from './measured-run.js';
import type { Subject, Write } from './subjects.js';

/** Peers that are programs of their own, built by scripts/install/peers/NAME.sh, which takes minutes: never from here. */
const binaries: Readonly<Record<string, Run>> = {
  hurl(of, wrong, { url, write, folder }) {
    const entries = hurlEntries(of, url, wrong);
    if (of.concurrency === 1) return { args: ['--no-output', write('all.hurl', entries.join('\n'))] };
    mkdirSync(join(folder, 'hurl'), { recursive: true });
    const files = entries.map((entry, index) => write(join('hurl', `${index + 1}.hurl`), entry));
    return { args: ['--no-output', '--parallel', '--jobs', `${of.concurrency}`, ...files] };
  },
  k6: (of, wrong, { url, write }) => ({
    args: ['run', '--quiet', '--summary-mode=disabled', write('k6.js', k6Script(of, url, wrong))],
    env: { K6_NO_USAGE_REPORT: 'true' },
  }),
  venom: (of, wrong, { url, write, folder }) =>
    of.concurrency > 1
      ? { cannot: 'steps of one test case run one at a time' }
      : { args: ['run', '--output-dir', folder, write('venom.yml', venomSuite(of, url, wrong))] },
};

interface Place {
  url: string;
  write: Write;
  folder: string;
}

type Run = (of: Case, wrong: boolean, place: Place) => Program | { cannot: string };

/** Those that are there; the others say in every case that they are not, and how to get them. */
export function binarySubjects(place: Place): Subject[] {
  return Object.entries(binaries).map(([name, run]) => {
    const script = join('scripts', 'install', 'peers', `${name}.sh`);
    const file = execFileSync('bash', [script, '--path'], { encoding: 'utf8' }).trim();
    if (!existsSync(file)) return { name, program: () => ({ cannot: `not installed (bash ${script})` }) };
    const version = dirname(file).split('-').at(-1)!;
    return {
      name,
      version,
      program(of, wrong) {
        const program = run(of, wrong, place);
        return 'cannot' in program ? program : { file, ...program };
      },
    };
  });
}
