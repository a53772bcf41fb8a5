import {
  anchor,
  dataTable,
  element,
  htmlPage,
  type Child,
  type Markup,
} from '../../../shared/report/html.js';
import { formatDuration } from '../../../shared/time/duration.js';
import type { Check } from '../judge/check.js';
import type { Act, Approval, Story } from '../story.js';
import { describeMove } from '../traffic-watch.js';
import { indexStyle } from './index-style.js';
import { renderMarkdown } from './markdown.js';

/**
 * Everything a reader may want of one rehearsal in one page: what was expected, and every job summary. `dora` is the
 * address of the DORA page.
 */
export function indexPage(story: Story, checks: readonly Check[], dora: string | undefined): string {
  const failed = checks.filter(({ ok }) => !ok).length;
  return htmlPage({
    title: 'Rehearsal',
    language: 'en',
    style: indexStyle,
    body: [
      element(
        'main',
        {},
        element(
          'h1',
          {},
          failed === 0
            ? 'The rehearsal went as expected'
            : `${failed} of ${checks.length} expectations were not met`,
        ),
        element(
          'p',
          { class: 'soft' },
          `${story.load.sent} requests were sent to production while ${story.acts.length} runs were played.`,
        ),
        contents(story.acts, dora),
        element('h2', { id: 'expectations' }, 'What was expected'),
        element('div', { class: 'scroll' }, expectations(checks)),
        element('h2', { id: 'traffic' }, 'How traffic moved'),
        element(
          'ul',
          {},
          story.moves.map((move) => element('li', {}, describeMove(move))),
        ),
        story.acts.map((act) => actSection(act, story.approvals)),
      ),
    ],
  });
}

function contents(acts: readonly Act[], dora: string | undefined): Markup {
  return element(
    'nav',
    {},
    element(
      'ul',
      {},
      element('li', {}, anchor('What was expected', '#expectations')),
      element('li', {}, anchor('How traffic moved', '#traffic')),
      acts.map(({ name, title, run }) =>
        element('li', {}, badge(run.conclusion), ' ', anchor(title, `#${name}`)),
      ),
      dora ? element('li', {}, localLink('The DORA page', dora)) : undefined,
    ),
  );
}

/** A link to a file beside the page, by its name. */
function localLink(text: string, file: string): Markup {
  if (!/^[\w-]+\.html$/.test(file)) throw new Error(`${file} is not beside the page`);
  return { markup: `<a href="${file}">${text}</a>` };
}

function expectations(checks: readonly Check[]): Markup {
  return dataTable(
    'What was expected and what was seen',
    ['', 'What', 'Expected', 'Seen'],
    checks.map(({ ok, name, want, got }) => [
      element('span', { class: ok ? 'good' : 'bad' }, ok ? '✔' : '✖'),
      name,
      want,
      got,
    ]),
  );
}

function actSection(
  { name, title, sha, startedAt, endedAt, run, ci }: Act,
  approvals: readonly Approval[],
): Child {
  const took = formatDuration(endedAt - startedAt);
  const approved = approvals.filter(({ runId }) => runId === run.runId);
  return element(
    'section',
    { id: name },
    element('h2', {}, title),
    element(
      'p',
      { class: 'soft' },
      badge(run.conclusion),
      ` Run ${run.runId}, attempt ${run.attempt}, commit ${sha.slice(0, 12)}, took ${took}.`,
      ci ? ` CI: ${ci.conclusion}.` : '',
    ),
    approved.map(({ environment, by, comment }) =>
      element('p', {}, `${by} approved ${environment}: “${comment}”`),
    ),
    Object.entries(run.jobs).map(([job, report]) =>
      report.steps
        .filter(({ summary }) => summary.trim() !== '')
        .map((step) =>
          element(
            'details',
            { class: 'card', open: step.conclusion === 'success' ? undefined : '' },
            element('summary', {}, badge(step.conclusion), ` ${job} › ${step.name}`),
            element('article', {}, renderMarkdown(step.summary)),
          ),
        ),
    ),
  );
}

const badge = (conclusion: string) =>
  element('span', { class: conclusion === 'success' ? 'badge good' : 'badge bad' }, conclusion);
