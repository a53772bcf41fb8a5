import { coded, retold, type Refusal } from '../../contracts/refusal-codes.js';
import { safeAddress } from '../../http/faults.js';
import type { Weights } from '../router.js';
import { askIdentity, checkColour } from './check.js';
import { openOne, type Opened } from './entry.js';
import { mismatch, type Identity } from './identity.js';
import type { ColourPorts } from './ports.js';

/**
 * good: the entry shows what has traffic. bad: it does not, so it would prove nothing of a switch. failing: it gives
 * errors though a colour with traffic is well. unknown: nothing says what it should show, or what has traffic is ill
 * itself.
 */
export type EntryNow =
  | { is: 'good'; message: string }
  | { is: 'unknown'; message: string }
  | { is: 'bad'; message: Refusal }
  | { is: 'failing'; message: Refusal };

/** So many new connections in a row must show a release that has traffic; they may be tried three times as often. */
const [inARow, patience] = [2, 3];

/**
 * Whether every public entry leads to the colours that have traffic now: what it shows must be what one of them, asked
 * directly, says it runs. Where none of them says anything (nothing is deployed, or all are ill), an entry that is
 * silent too is unknown, and one that names a release leads elsewhere.
 */
export async function askEntryNow(ports: ColourPorts, weights: Weights): Promise<EntryNow> {
  const looks = await Promise.all(
    ports.config.entries.map((entry) => askOneNow({ ...ports, config: { ...ports.config, entry } }, weights)),
  );
  for (const kind of ['bad', 'failing'] as const) {
    const [first, ...others] = looks.flatMap((look) => (look.is === kind ? [look.message] : []));
    if (first) return { is: kind, message: retold('', first, others.map((other) => `; ${other}`).join('')) };
  }
  const unknown = looks.filter(({ is }) => is === 'unknown');
  const told = unknown.length > 0 ? unknown : looks;
  return {
    is: unknown.length > 0 ? 'unknown' : 'good',
    message: told.map(({ message }) => message).join('; '),
  };
}

async function askOneNow({ http, config, clock }: ColourPorts, weights: Weights): Promise<EntryNow> {
  const serving = Object.keys(config.colours).filter((colour) => (weights[colour] ?? 0) > 0);
  const where = safeAddress(new URL(config.entry.url));
  if (serving.length === 0)
    return { is: 'unknown', message: `${where} was not asked, since no colour is known to have traffic` };
  const answers = await Promise.all(
    serving.map(async (colour) => ({ colour, ...(await askIdentity(http, config, colour)) })),
  );
  const said = answers.flatMap((answer) =>
    answer.ok && answer.identity.version !== undefined
      ? [{ colour: answer.colour, version: answer.identity.version, digest: answer.identity.digest }]
      : [],
  );
  const look = () => openOne(http, config.entry, config.identity);
  if (said.length === 0) {
    const shown = await look();
    const silent = `${serving.join(' and ')} does not say what it runs`;
    return shown.version === undefined
      ? {
          is: 'unknown',
          message: `Whether ${where} leads to this router is not known: ${silent}. It is checked after the switch`,
        }
      : { is: 'bad', message: notThere(where, `it shows ${shown.version}`, silent) };
  }
  const live = said.map(({ colour, version }) => `${version} on ${colour}`).join(' or ');
  let wrong = '';
  let failed = false;
  for (let [tries, good] = [0, 0]; tries < inARow * patience; tries++) {
    if (wrong !== '' && good === 0) await clock.sleep(200);
    const shown = await look();
    const why = shown.wrong ?? unlike(shown, said);
    if (why === undefined) good++;
    else [good, wrong, failed] = [0, why, shown.failed];
    if (good === inARow) return { is: 'good', message: `${where} shows ${live}, which has traffic` };
  }
  const message = notThere(where, wrong, `live is ${live}`);
  if (!failed) return { is: 'bad', message };
  const well = await Promise.all(
    serving.map((colour) => checkColour(http, config, colour, undefined, clock)),
  );
  return well.some(({ ok }) => ok)
    ? { is: 'failing', message }
    : {
        is: 'unknown',
        message: `Whether ${where} leads to this router is not known: ${wrong}, and ${serving.join(' and ')} is ill itself. It is checked after the switch`,
      };
}

const notThere = (where: string, shown: string, live: string) =>
  coded(
    'entry-not-answering',
    `${where} does not show the live release: ${shown}, and ${live}. Nothing was moved. Fix: make entry.url the public address that leads through this router, to an answer that carries what identity reads`,
  );

/**
 * Why what the entry shows is of none of those that have traffic; an entry that states no digest is compared by
 * version.
 */
function unlike(shown: Opened, said: readonly Identity[]): string | undefined {
  const identity = { version: shown.version, digest: shown.digest };
  const fits = said.some(
    ({ version, digest }) =>
      version !== undefined &&
      mismatch(identity, {
        version,
        ...(digest === undefined || shown.digest === undefined ? {} : { digest }),
      }) === undefined,
  );
  if (fits) return undefined;
  if (shown.version === undefined) return 'its answer carries no version';
  return `it shows ${shown.version}${shown.digest === undefined ? '' : ` (${shown.digest.slice(0, 19)})`}`;
}
