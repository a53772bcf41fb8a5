import { join, normalize } from 'node:path';
import { run, type Tool } from './tool.js';

interface Location {
  readonly symbolic: {
    readonly kind: string;
    readonly annotation: string;
    readonly key: { readonly Local: { readonly verbatim_path: string } };
  };
  readonly concrete: {
    readonly location: { readonly start_point: { readonly row: number; readonly column: number } };
  };
}

interface Report {
  readonly ident: string;
  readonly desc: string;
  readonly url: string;
  readonly locations: readonly [Location, ...Location[]];
  readonly fixes: readonly { readonly title: string }[];
}

/** Everything an attacker could use, in its strictest persona, without asking GitHub. */
export const zizmor = (bin: string): Tool => ({
  name: 'zizmor',
  async find({ root, shown }) {
    const args = [
      '--persona=auditor',
      '--offline',
      '--no-config',
      '--no-progress',
      '--quiet',
      '--format=json',
    ];
    const collect = ['workflows', 'actions', 'dependabot'].map((kind) => `--collect=${kind}`);
    // 11 to 14 tell the highest severity of what was found.
    const isFine = (code: number | null) => code === 0 || (code !== null && code >= 11 && code <= 14);
    const out = await run(
      join(bin, 'zizmor'),
      [...args, '--strict-collection', ...collect, '.'],
      root,
      isFine,
    );
    return (JSON.parse(out) as Report[]).map(({ ident, desc, url, locations, fixes }) => {
      const { symbolic, concrete } =
        locations.find(({ symbolic }) => symbolic.kind === 'Primary') ?? locations[0];
      const { row, column } = concrete.location.start_point;
      return {
        file: shown(normalize(symbolic.key.Local.verbatim_path)),
        line: row + 1,
        column: column + 1,
        tool: 'zizmor',
        rule: ident,
        message: `${desc}: ${symbolic.annotation}`,
        fix: fixes[0]?.title ?? `see ${url}`,
      };
    });
  },
});
