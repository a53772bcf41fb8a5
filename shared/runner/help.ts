import { codesIn } from '../contracts/refusal-codes.js';
import { code, link } from '../report/markdown.js';

/** The page that explains every code. */
const page = 'docs/troubleshooting.md';

/**
 * Where the refusals of a report are explained, as a last line for a summary that does not link the page itself; empty
 * for none. `repository` and `ref` are the action's own, as the runner names them.
 */
export function helpFor(
  summary: string,
  report: unknown,
  {
    serverUrl,
    repository,
    ref,
  }: { serverUrl: string; repository: string | undefined; ref: string | undefined },
): string {
  if (summary.includes(page)) return '';
  const codes = codesIn([JSON.stringify(report) ?? '']);
  if (codes.length === 0) return '';
  const address = `${serverUrl}/${repository}/blob/${encodeURIComponent(ref || 'HEAD')}/${page}`;
  const named = codes.map((name) => (repository ? link(name, `${address}#${name}`) : code(name)));
  return `\n**Help:** ${named.join(', ')}${repository ? '' : ` in ${page}`}\n`;
}
