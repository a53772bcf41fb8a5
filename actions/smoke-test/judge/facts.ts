import type { BrowserObservation } from '../../../shared/probes/browser/browser.js';
import type { CommandObservation } from '../../../shared/probes/command.js';
import type { DnsObservation } from '../../../shared/probes/network/dns.js';
import type { GrpcObservation } from '../../../shared/probes/network/grpc.js';
import type { SqlObservation } from '../../../shared/probes/sql.js';
import type { TcpObservation } from '../../../shared/probes/network/tcp.js';
import type { TlsObservation } from '../../../shared/probes/network/tls.js';
import { formatDuration } from '../../../shared/time/duration.js';
import type {
  DnsExpectation,
  PlainExpectations,
  SqlExpectation,
  TlsExpectation,
} from '../suite/schema/expect-schema.js';
import { judgeText } from './text.js';
import { jsonText, type Judged } from './finding.js';
import { fillText, fillValue } from '../values/interpolate.js';
import { judged, type Judging } from './judging.js';
import { matchTexts } from './match-text.js';

/** Whether a port accepts connections; a failure counts as no answer, for retries. */
export function judgeTcp(
  { connects }: PlainExpectations,
  { connected, detail }: TcpObservation,
  { excerpt }: Judging,
): Judged[] {
  if (connects === undefined) return [];
  const expected = connects ? 'a connection' : 'no connection';
  const finding = judged(connected === connects, 'connects', ['connects'], expected, excerpt(detail));
  return [connects ? { ...finding, kind: 'network' } : finding];
}

/** Facts of a handshake whose chain and host name were verified already. */
export function judgeTls(expected: TlsExpectation, answer: TlsObservation, judging: Judging): Judged[] {
  const { protocol, name, issuer, subject, fingerprint } = expected;
  const result: Judged[] = [];
  const add = (holds: boolean | undefined, key: string, wanted: string, got: string) =>
    result.push(judged(holds, `tls ${key}`, ['tls', key], wanted, judging.excerpt(got)));
  if (expected['expires-in'] !== undefined) {
    const { who, leftMs } = answer.firstToExpire;
    const got = `${leftMs < 0 ? 'expired' : formatDuration(leftMs)} (${who})`;
    // A date that cannot be read is NaN, which is greater than nothing.
    const holds = Number.isFinite(leftMs) ? leftMs > expected['expires-in'] : undefined;
    add(holds, 'expires-in', `> ${formatDuration(expected['expires-in'])}`, got);
  }
  if (protocol)
    add(
      (protocol as readonly string[]).includes(answer.protocol),
      'protocol',
      protocol.join(' or '),
      answer.protocol,
    );
  if (name !== undefined) {
    const wanted = fillText(name, judging.lookup);
    add(answer.covers(wanted), 'name', `a certificate for ${wanted}`, answer.names.join(', '));
  }
  if (fingerprint !== undefined) {
    const wanted = fillText(fingerprint, judging.lookup);
    add(plainHex(answer.fingerprint) === plainHex(wanted), 'fingerprint', wanted, answer.fingerprint);
  }
  if (issuer) result.push(...judgeText('tls issuer', ['tls', 'issuer'], issuer, answer.issuer, judging));
  if (subject) result.push(...judgeText('tls subject', ['tls', 'subject'], subject, answer.subject, judging));
  return result;
}

function plainHex(fingerprint: string): string {
  return fingerprint.replaceAll(':', '').toLowerCase();
}

/** Records of a name, each in the way zone files write it. */
export function judgeDns(expected: DnsExpectation, answer: DnsObservation, judging: Judging): Judged[] {
  const { lookup, excerpt } = judging;
  const { records } = answer;
  const got = excerpt(records.length === 0 ? `no record (${answer.reason})` : records.join(', '));
  const result: Judged[] = [];
  const add = (
    holds: Parameters<typeof judged>[0],
    key: keyof DnsExpectation,
    wanted: string,
    instead = got,
  ) => result.push(judged(holds, `dns ${answer.question}`, ['dns', key], excerpt(wanted), instead));
  const { exists, count, equals, contains, matches } = expected;
  if (exists !== undefined)
    add(records.length > 0 === exists, 'exists', exists ? 'at least one record' : 'no record');
  if (count !== undefined)
    add(records.length === count, 'count', `${count} records`, `${records.length}: ${got}`);
  const comparable = (holds: boolean) => (records.length === 0 ? undefined : holds);
  if (equals) {
    const wanted = equals.map((text) => canonical(fillText(text, lookup)));
    const same = [...wanted].sort().join('\n') === records.map(canonical).sort().join('\n');
    add(comparable(same), 'equals', `exactly ${wanted.join(', ')}`);
  }
  if (contains !== undefined) {
    const wanted = fillText(contains, lookup);
    const holds = records.some((record) => canonical(record) === canonical(wanted));
    add(comparable(holds), 'contains', `the record ${wanted}`);
  }
  if (matches !== undefined) {
    const { holds, expected: wanted, problem } = matchTexts('matches', matches, records, lookup);
    add(holds, 'matches', `a record, ${wanted}`, problem);
  }
  return result;
}

/** Names are equal in any case and with or without the dot of the root. */
function canonical(record: string): string {
  return record.startsWith('"') ? record : record.toLowerCase().replace(/\.$/, '');
}

/** Rows and values of one statement. */
export function judgeSql(expected: SqlExpectation, answer: SqlObservation, judging: Judging): Judged[] {
  const { rows, affected } = expected;
  const shown = judging.excerpt(jsonText(answer.rows));
  const counted = answer.rows.length === 1 ? '1 row' : `${answer.rows.length} rows`;
  const result: Judged[] = [];
  const add = (holds: boolean | undefined, key: keyof SqlExpectation, wanted: string, got: string) =>
    result.push(judged(holds, `sql ${key}`, ['sql', key], wanted, got));
  if (rows !== undefined) add(answer.rows.length === rows, 'rows', `${rows} rows`, `${counted}: ${shown}`);
  if (affected !== undefined)
    add(
      answer.affected === undefined ? undefined : answer.affected === affected,
      'affected',
      `${affected} rows changed`,
      answer.affected === undefined ? 'a statement that changes nothing' : `${answer.affected}`,
    );
  if (Object.hasOwn(expected, 'value')) {
    const wanted = fillValue(expected.value, judging.lookup);
    const [row, ...others] = answer.rows;
    const single = row !== undefined && others.length === 0 && answer.columns.length === 1;
    const holds = single ? asWritten(row[answer.columns[0]!]) === asWritten(wanted) : undefined;
    const got = single ? shown : `${counted} of ${answer.columns.length} columns: ${shown}`;
    add(holds, 'value', `one value, ${judging.excerpt(jsonText(wanted))}`, got);
  }
  return result;
}

/** A value of a database as text: drivers and databases disagree on which numbers are numbers. NULL is only itself. */
function asWritten(value: unknown): string {
  return value === null || typeof value === 'object' ? `json ${jsonText(value)}` : `text ${String(value)}`;
}

/** What the health service said. */
export function judgeServing(serving: PlainExpectations['serving'], answer: GrpcObservation): Judged[] {
  return serving === undefined
    ? []
    : [judged(answer.serving === serving, 'serving', ['serving'], serving, answer.serving)];
}

/** How a command ended. */
export function judgeExit(
  exit: number | undefined,
  answer: CommandObservation,
  { excerpt }: Judging,
): Judged[] {
  if (exit === undefined) return [];
  const output = answer.stderr.trim() || answer.text().trim();
  const code = answer.code === undefined ? 'no exit code, a signal ended it' : `${answer.code}`;
  const got = output === '' ? code : `${code}: ${excerpt(output)}`;
  const holds = answer.code === undefined ? undefined : answer.code === exit;
  return [{ ...judged(holds, 'exit', ['exit'], `${exit}`, got), kind: 'status' }];
}

/** Errors of a page's scripts, console and resources. */
export function judgeConsole(
  wanted: NonNullable<PlainExpectations['console']>,
  { errors }: BrowserObservation,
  { excerpt }: Judging,
): Judged {
  const expected = wanted === 'clean' ? 'no errors' : 'any errors, or none';
  const counted = errors.length === 1 ? '1 error' : `${errors.length} errors`;
  const got = errors.length === 0 ? 'none' : excerpt(`${counted}: ${errors.join(' · ')}`);
  return judged(wanted === 'any' || errors.length === 0, 'console', ['console'], expected, got);
}
