import type { Host } from '../../shared/runner/host.js';
import { code, link } from '../../shared/report/markdown.js';
import type { SwitchOutcome } from './outcome.js';
import type { SwitchReport } from '../../shared/contracts/reports/switch-report.js';

/** Adds the address of the page that explains the codes of a report; the runner names the action's own repository. */
export function withHelp(
  outcome: SwitchOutcome,
  { variable, context }: Pick<Host, 'variable' | 'context'>,
): SwitchOutcome {
  const repository = variable('GITHUB_ACTION_REPOSITORY');
  if (!repository || !outcome.report || outcome.report.codes.length === 0) return outcome;
  const ref = encodeURIComponent(variable('GITHUB_ACTION_REF') || 'HEAD');
  const helpPage = `${context.serverUrl}/${repository}/blob/${ref}/docs/troubleshooting.md`;
  return { ...outcome, report: { ...outcome.report, helpPage } };
}

/** Where each code of a report is explained, in markdown; undefined without codes. */
export function renderHelp({
  codes,
  helpPage,
}: Pick<SwitchReport, 'codes' | 'helpPage'>): string | undefined {
  if (codes.length === 0) return undefined;
  if (helpPage === undefined)
    return `**Help:** ${codes.map((name) => code(name)).join(', ')} in docs/troubleshooting.md`;
  return `**Help:** ${codes.map((name) => link(name, `${helpPage}#${name}`)).join(', ')}`;
}
