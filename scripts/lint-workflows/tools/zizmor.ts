import { existsSync } from 'node:fs';
import { join, normalize } from 'node:path';
import type { Finding } from '../finding.js';
import type { Stage } from '../stage.js';
import { run, ToolFailure, type Tool } from './tool.js';

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
  async find(stage) {
    try {
      return await audit(bin, stage, '.');
    } catch (error) {
      if (!(error instanceof ToolFailure)) throw error;
      // It audits nothing at all if a single file is unreadable to it: say which one, and look at the others.
      return (await Promise.all(audited(stage).map((file) => auditOrName(bin, stage, file)))).flat();
    }
  },
});

const audited = ({ root, files }: Stage): string[] => {
  const dependabot = join('.github', 'dependabot.yml');
  return existsSync(join(root, dependabot)) ? [...files, dependabot] : [...files];
};

async function auditOrName(bin: string, stage: Stage, file: string): Promise<Finding[]> {
  try {
    return await audit(bin, stage, file);
  } catch (error) {
    if (!(error instanceof ToolFailure)) throw error;
    const [, reason = error.message] = error.message.split('Caused by:');
    const message = `not audited: ${reason.replaceAll('\n', ' ').trim()}`;
    return [{ file: stage.shown(file), line: 1, column: 1, tool: 'zizmor', rule: 'unreadable', message }];
  }
}

async function audit(bin: string, { root, shown }: Stage, input: string): Promise<Finding[]> {
  const args = ['--persona=auditor', '--offline', '--no-config', '--no-progress', '--quiet', '--format=json'];
  const collect = ['workflows', 'actions', 'dependabot'].map((kind) => `--collect=${kind}`);
  // 11 to 14 tell the highest severity of what was found.
  const isFine = (code: number | null) => code === 0 || (code !== null && code >= 11 && code <= 14);
  const out = await run(
    join(bin, 'zizmor'),
    [...args, '--strict-collection', ...collect, input],
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
}
