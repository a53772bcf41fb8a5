import type { GoLiveReport } from '../../contracts/reports/go-live-report.js';
import type { News, Setting } from '../message.js';

const tones = {
  planned: 'success',
  released: 'success',
  stopped: 'failure',
  'taken-back': 'rollback',
  held: 'hold',
} as const;
const titles = {
  planned: 'is about to begin',
  released: 'is live',
  stopped: 'stopped',
  'taken-back': 'was rolled back',
  held: 'needs a person',
} as const;
const nexts = {
  planned: 'Follow the run.',
  released: 'Nothing to do: the workflow Watch looks after each service.',
  stopped: 'Fix what failed and start Go live again: it goes on where it stopped.',
  'taken-back': 'Fix what failed on the default branch, then start Go live again.',
  held: 'Open the run now: a service has traffic and is not well, or what it has is not known.',
} as const;

/** What people are told of several services that go live together. */
export function tellGoLive(
  { result, message, releaseId, rows, notes }: GoLiveReport,
  { now }: Setting,
): News {
  return {
    tone: tones[result],
    title: `${releaseId} ${titles[result]}`,
    body: [
      message,
      ...rows.map(({ order, what, is, why }) => `${order} ${what}: ${is}${why ? ` (${why})` : ''}`),
      ...notes,
    ].join('\n'),
    next: nexts[result],
    changed: result !== 'planned',
    since: now,
    facts: { Release: releaseId },
  };
}
