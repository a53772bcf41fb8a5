import { isDeletion, parseSetCookie, type SetCookie } from '../../../shared/http/cookies.js';
import type { HttpObservation } from '../../../shared/probes/http.js';
import { shownHeader } from './credential-headers.js';
import type { PlainExpectations } from '../suite/schema/expect-schema.js';
import type { Judged } from './finding.js';
import { fillText } from '../values/interpolate.js';
import { judged, type Judging, type Page } from './judging.js';
import type { CookieMatcher, HeaderMatcher } from '../suite/schema/matcher-schema.js';
import { matchTexts, operandsOf, textOperators } from './match-text.js';
import { judgeText } from './text.js';

/** The status; an empty list of statuses stands for any 2xx. */
export function judgeStatus(
  expected: PlainExpectations,
  { status, headers, text }: Page,
  { excerpt }: Judging,
): Judged[] {
  const allowed = expected.status !== undefined ? [expected.status] : expected['status-in'];
  if (!allowed) return [];
  const success = allowed.length === 0;
  const holds = success ? status >= 200 && status < 300 : allowed.includes(status);
  const location = headers['location']?.[0];
  const redirected = status >= 300 && status < 400 && location;
  const detail = holds ? '' : redirected ? `redirect to ${excerpt(location)}, not followed` : excerpt(text());
  return [
    {
      kind: 'status',
      check: 'status',
      path: ['expect', expected.status === undefined && !success ? 'status-in' : 'status'],
      expected: success ? '2xx (no status is named)' : allowed.join(' or '),
      got: detail === '' ? `${status}` : `${status}: ${detail}`,
      verdict: holds ? 'holds' : 'broken',
    },
  ];
}

/** The hash of the body as it was sent, before any decoding of its text. */
export function judgeHash(kind: 'sha256' | 'md5', expected: string, answer: HttpObservation): Judged {
  const wanted = expected.toLowerCase();
  const got = answer[kind]();
  return judged(got === wanted, kind, [kind], wanted, got);
}

/** The version of HTTP that was spoken. */
export function judgeVersion(wanted: string, { transfer }: HttpObservation): Judged {
  const got = transfer?.version;
  return judged(
    got === undefined ? undefined : got === wanted,
    'http-version',
    ['http-version'],
    wanted,
    got ?? 'none',
  );
}

/** Who answered: the address after redirects, and the machine. */
export function judgeOrigin(
  { url, ip }: PlainExpectations,
  answer: HttpObservation,
  judging: Judging,
): Judged[] {
  const address = answer.transfer?.address;
  return [
    ...(url ? judgeText('url', ['url'], url, answer.url, judging) : []),
    ...(ip && address !== undefined ? judgeText('ip', ['ip'], ip, address, judging) : []),
    ...(ip && address === undefined ? [judged(undefined, 'ip', ['ip'], 'an address', 'none is known')] : []),
  ];
}

/** Headers by name, in any case. */
export function judgeHeaders(
  matchers: Readonly<Record<string, HeaderMatcher>>,
  answer: HttpObservation,
  judging: Judging,
): Judged[] {
  return Object.entries(matchers).flatMap(([name, matcher]) => {
    const values = answer.headers[name.toLowerCase()] ?? [];
    const sent = { check: `header ${name}`, path: ['headers', name], absent: 'no such header', values };
    const got = judging.excerpt(values.map((value) => shownHeader(name, value)).join(', '));
    return judgeSent(matcher, { ...sent, got }, judging);
  });
}

/** Cookies that the answer sets, with their attributes; values of HttpOnly cookies are not quoted. */
export function judgeCookies(
  matchers: Readonly<Record<string, CookieMatcher>>,
  answer: HttpObservation,
  judging: Judging,
): Judged[] {
  const all = cookiesOf(answer);
  return Object.entries(matchers).flatMap(([name, matcher]) => {
    const set = all.filter((cookie) => cookie.name === name);
    const hidden = set.some(({ httpOnly }) => httpOnly);
    const sent = {
      check: `cookie ${name}`,
      path: ['cookies', name],
      absent: 'no such cookie',
      values: set.map(({ value }) => value),
      ...(set.some(({ deleted }) => deleted) ? { mixed: 'a cookie that is deleted, not set' } : {}),
      got: hidden
        ? `a value of ${set[0]!.value.length} characters (HttpOnly, not shown)`
        : judging.excerpt(set.map(({ value }) => value).join(', ')),
    };
    const anyway = matcher.sent === undefined ? [] : [judgeAnyway(matcher.sent, sent)];
    return [...anyway, ...judgeSent(matcher, sent, judging), ...judgeAttributes(matcher, set, sent, judging)];
  });
}

/** The cookies an answer sets or deletes. */
export function cookiesOf({ headers }: HttpObservation): (SetCookie & { deleted: boolean })[] {
  return (headers['set-cookie'] ?? []).flatMap((header) => {
    const cookie = parseSetCookie(header);
    return cookie ? [{ ...cookie, deleted: isDeletion(cookie, headers['date']?.[0]) }] : [];
  });
}

interface Sent {
  check: string;
  path: readonly PropertyKey[];
  /** What is said when nothing of that name was sent. */
  absent: string;
  values: readonly string[];
  got: string;
  /** Why it neither is there nor is not. */
  mixed?: string;
}

/** Whether it was sent, whatever it says. */
function judgeAnyway(wanted: boolean, { check, path, absent, values, got }: Sent): Judged {
  const expected = wanted ? 'that it is sent' : absent;
  return judged(
    values.length > 0 === wanted,
    check,
    [...path, 'sent'],
    expected,
    values.length > 0 ? got : absent,
  );
}

/** Something that may be sent several times by one name; what is not there has no value that could be compared. */
function judgeSent(
  matcher: HeaderMatcher | CookieMatcher,
  sent: Sent,
  { lookup, excerpt }: Judging,
): Judged[] {
  const { check, path, absent, values } = sent;
  const got = values.length === 0 ? absent : sent.got;
  const result: Judged[] = [];
  const add = (holds: Parameters<typeof judged>[0], key: string, expected: string, instead = got) =>
    result.push(judged(holds, check, [...path, key], expected, instead));
  const { exists, 'any-value': anyValue } = matcher;
  if (exists !== undefined)
    add(
      sent.mixed === undefined ? values.length > 0 === exists : 'mixed',
      'exists',
      exists ? 'that it is sent' : absent,
      sent.mixed ?? got,
    );
  for (const key of textOperators) {
    for (const { source, path: at } of operandsOf(matcher, key)) {
      const { holds, expected, problem } = matchTexts(
        key,
        source,
        values,
        lookup,
        anyValue ? 'one' : 'every',
      );
      const several = `sent ${values.length} times${holds === 'mixed' ? ', and not alike' : ''}: ${got}`;
      const instead = problem ?? (values.length > 1 ? several : got);
      result.push(judged(holds, check, [...path, ...at], excerpt(expected), instead));
    }
  }
  return result;
}

function judgeAttributes(
  matcher: CookieMatcher,
  set: ReturnType<typeof cookiesOf>,
  { check, path, absent }: Sent,
  { excerpt, lookup }: Judging,
): Judged[] {
  const [cookie] = set;
  const facts = cookie && {
    secure: cookie.secure,
    'http-only': cookie.httpOnly,
    'same-site': cookie.sameSite ?? 'none named',
    domain: cookie.domain ?? 'none named',
    path: cookie.path ?? 'none named',
    lasts: cookie.deleted
      ? 'deleted'
      : cookie.maxAge === undefined && cookie.expires === undefined
        ? 'session'
        : 'longer',
  };
  return (['secure', 'http-only', 'same-site', 'domain', 'path', 'lasts'] as const).flatMap((key) => {
    const written = matcher[key];
    if (written === undefined) return [];
    const wanted = typeof written === 'string' ? fillText(written, lookup) : written;
    const holds = facts && set.length === 1 ? facts[key] === wanted : undefined;
    const got = !facts
      ? absent
      : set.length > 1
        ? `set ${set.length} times`
        : excerpt(`${key}: ${facts[key]}`);
    return [judged(holds, check, [...path, key], `${key}: ${wanted}`, got)];
  });
}
