import type { DoctorReport } from '../../shared/contracts/reports/doctor-report.js';
import { escapeMarkdown, table } from '../../shared/report/markdown.js';
import { defineAction } from '../../shared/runner/define-action.js';
import { examine } from '../doctor/examine.js';
import { inputs, outputs } from './doctor-fields.js';

/** The command `doctor` as a step: the same lines, from the runner that will release. */
export const action = defineAction({
  name: 'doctor',
  title: 'Doctor',
  description:
    'Asks router, colours, entry, metrics and GitHub whether a release could begin on this runner, and moves nothing.',
  branding: { icon: 'activity', color: 'green' },
  inputs,
  outputs,
  render,
  async run({ environment, service, traffic, criteria, 'github-token': token }, host) {
    const { owner, repository, apiUrl } = host.context;
    const report = await examine(host, {
      environment,
      service,
      traffic: traffic ?? `.github/traffic/${environment}.yml`,
      criteria,
      github: { repository: `${owner}/${repository}`, token, apiUrl },
    });
    return {
      ok: report.result === 'ready',
      message: report.message,
      outputs: { result: report.result },
      report,
    };
  },
});

const signs = { ok: '✅', note: 'ℹ️', wrong: '❌', unknown: '❔' } as const;

/** The job summary: the answer, then each line with its fix, what is not right first. */
function render({ result, message, lines }: DoctorReport): string {
  const isBad = ({ is }: DoctorReport['lines'][number]) => is === 'wrong' || is === 'unknown';
  const rows = [...lines.filter(isBad), ...lines.filter((line) => !isBad(line))].map(
    ({ what, is, detail, fix }) => [
      signs[is],
      escapeMarkdown(what),
      escapeMarkdown(detail),
      fix === undefined ? '' : escapeMarkdown(fix),
    ],
  );
  return [
    `## ${result === 'ready' ? '✅' : '❌'} ${escapeMarkdown(message)}`,
    table(['', 'what', 'what it says', 'fix'], rows),
    '❔ could not be asked, and is not right either. Nothing was moved.',
    '',
  ].join('\n\n');
}
