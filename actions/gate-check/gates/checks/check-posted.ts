import type { GateResult } from '../../gate/gate.js';
import type { CheckRequirement } from './check-requirement.js';
import { judgeState, worst, type Accepting } from './check-state.js';
import { namesFound, quoteName } from './near-names.js';
import type { Place } from './place.js';

type Of<From> = Extract<CheckRequirement, { from: From }>;

/** A check of another App: the newest by number of that App. */
export function judgeApp(entry: Of<'app'>, accept: Accepting, { seen, name: where }: Place): GateResult {
  const named = seen.posted.filter(({ name }) => name === entry.name);
  const notes = named
    .filter(({ app }) => app?.id !== entry.app)
    .map(
      ({ app, conclusion, status }) =>
        `ignored: a check named ${entry.name} (${conclusion ?? status}) posted by ${app ? `${app.slug}, App ${app.id}` : 'a deleted App'}, not by App ${entry.app}`,
    );
  const own = named.filter(({ app }) => app?.id === entry.app);
  // Its id is another one on each GitHub Enterprise Server, so that the policy cannot be refused for it.
  if (own.some(({ app }) => app?.slug === 'github-actions'))
    return {
      is: 'fail',
      reason: `${entry.name}: App ${entry.app} is GitHub Actions, as which any job's token can post. Fix: replace app by  workflow: .github/workflows/<file>.yml`,
      notes,
    };
  if (own.length === 0)
    return {
      is: 'fail',
      mayCome: 'later',
      reason: `${entry.name}: no check of App ${entry.app} on ${where} was found${insteadOfApp(entry, seen.posted)}`,
      notes,
    };
  const newest = own.reduce((a, b) => (b.id > a.id ? b : a));
  return worst([judgeState(`${entry.name} of App ${entry.app}`, newest, accept)], notes);
}

/** Other names of that App, or else the Apps there are. */
function insteadOfApp({ name, app }: Of<'app'>, posted: Place['seen']['posted']): string {
  const own = posted.filter((check) => check.app?.id === app);
  if (own.length > 0) {
    const names = own.map((check) => check.name);
    return `; that App posted ${namesFound(name, names, { fix: (near) => `name: ${near}` })}`;
  }
  const apps = new Map(posted.flatMap((check) => (check.app ? [[check.app.slug, check.app.id]] : [])));
  const others = [...apps].filter(([slug]) => slug !== 'github-actions');
  if (others.length === 0) return '';
  const shown = others.slice(0, 5).map(([slug, id]) => `${quoteName(slug)} (App ${id})`);
  const more = others.length > shown.length ? ` and ${others.length - shown.length} more` : '';
  return `; checks were posted by ${shown.join(', ')}${more}`;
}

/** A commit status, whose newest post must be by its named creator. */
export function judgeStatus(entry: Of<'status'>, { seen, name: where }: Place): GateResult {
  const status = seen.statuses.find(({ context }) => context === entry.name);
  if (!status) {
    const found = namesFound(
      entry.name,
      seen.statuses.map(({ context }) => context),
      { fix: (near) => `status: ${near}` },
    );
    return {
      is: 'fail',
      mayCome: 'later',
      reason: `${entry.name}: no such status on ${where} was found${found ? `; there is ${found}` : ''}`,
    };
  }
  const evidence = status.url ? [{ text: entry.name, url: status.url }] : [];
  const login = status.creator.bot
    ? `${status.creator.login.replace(/\[bot\]$/, '')}[bot]`
    : status.creator.login;
  if (login.toLowerCase() !== entry.creator.toLowerCase()) {
    return {
      is: 'fail',
      reason: `${entry.name}: the newest status of this name is by ${login}, not by ${entry.creator}`,
      evidence,
    };
  }
  if (status.state === 'success') return { is: 'pass', reason: `${entry.name} passed`, evidence };
  if (status.state === 'pending') return { is: 'hold', reason: `${entry.name} is pending`, evidence };
  return { is: 'fail', reason: `${entry.name}: ${status.state}`, evidence };
}
