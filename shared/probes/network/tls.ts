import { X509Certificate } from 'node:crypto';
import { isIP, type LookupFunction } from 'node:net';
import { connect, type DetailedPeerCertificate, type TLSSocket } from 'node:tls';
import { HttpFailure } from '../../http/faults.js';
import { shownHost } from '../address.js';
import { factsAs, type Observed, type Probe } from '../probe.js';
import { openSocket, parseAddress, serverName } from './socket.js';
import { observeWithin } from '../within.js';

/** One TLS handshake, every value resolved. */
export interface TlsProbeStep {
  /** `host` or `host:port`. */
  address: string;
  /** The name asked for, which the certificate must have; default the host. */
  serverName?: string | undefined;
}

/** Facts of a connection whose certificate chain and host name were verified. */
export interface TlsObservation extends Observed {
  probe: 'tls';
  protocol: string;
  /** Subject and issuer as `C=US, O=Example, CN=example`. */
  subject: string;
  issuer: string;
  names: readonly string[];
  /** SHA-256, hex with colons. */
  fingerprint: string;
  /**
   * Milliseconds until the first certificate of the chain expires, negative once it has; NaN when its date cannot be
   * read.
   */
  firstToExpire: { who: string; leftMs: number };
  /** Whether the certificate is for this host name. */
  covers(name: string): boolean;
}

/**
 * Observes a handshake. Verification is never off: an expired, foreign or untrusted certificate is a fault. `now` gives
 * epoch milliseconds.
 */
export function tlsProbe(
  lookup: LookupFunction,
  ca: readonly string[] | undefined,
  now: () => number = Date.now,
): Probe<TlsProbeStep, TlsObservation> {
  return {
    observe: (step, limits) =>
      observeWithin<TlsObservation>(`tls ${shownHost(step.address)}`, limits, async (signal) => {
        const address = parseAddress(step.address, 443);
        const socket = await openSocket(address, lookup, signal);
        try {
          const secured = await handshake(socket, step.serverName ?? address.host, ca);
          return factsOf(secured, now());
        } finally {
          socket.destroy();
        }
      }),
  };
}

async function handshake(
  socket: Awaited<ReturnType<typeof openSocket>>,
  name: string,
  ca: readonly string[] | undefined,
): Promise<TLSSocket> {
  const trust = ca ? { ca: [...(await import('node:tls')).rootCertificates, ...ca] } : {};
  return new Promise((resolve, reject) => {
    const secured = connect({ socket, host: name, ...serverName(name), ...trust, rejectUnauthorized: true });
    secured.once('error', reject);
    socket.once('error', reject);
    secured.once('close', () =>
      reject(new HttpFailure('tls', 'the server closed the connection during the handshake')),
    );
    secured.once('secureConnect', () => resolve(secured));
  });
}

function factsOf(socket: TLSSocket, now: number): Omit<TlsObservation, 'durationMs'> {
  const chain = chainOf(socket.getPeerCertificate(true));
  const [leaf] = chain;
  if (!socket.authorized || !leaf) throw new HttpFailure('tls', 'the certificate was not verified');
  const certificate = new X509Certificate(leaf.raw);
  const expiries = chain.map((link) => ({
    who: `${oneLine(new X509Certificate(link.raw).subject)}, until ${link.valid_to}`,
    leftMs: Date.parse(link.valid_to) - now,
  }));
  const unreadable = expiries.find(({ leftMs }) => Number.isNaN(leftMs));
  const firstToExpire =
    unreadable ?? expiries.reduce((first, next) => (next.leftMs < first.leftMs ? next : first));
  const facts = {
    protocol: socket.getProtocol() ?? 'unknown',
    cipher: socket.getCipher().name,
    subject: oneLine(certificate.subject),
    issuer: oneLine(certificate.issuer),
    names: (certificate.subjectAltName ?? '').split(', ').filter((name) => name !== ''),
    fingerprint: certificate.fingerprint256,
    serial: certificate.serialNumber,
    validFrom: isoOrText(leaf.valid_from),
    validTo: isoOrText(leaf.valid_to),
    chain: chain.map((link) => oneLine(new X509Certificate(link.raw).subject)),
  };
  return {
    probe: 'tls',
    ...facts,
    ...factsAs(facts),
    firstToExpire,
    covers: (name) => (isIP(name) ? certificate.checkIP(name) : certificate.checkHost(name)) !== undefined,
  };
}

/** Longest chain that is followed. */
const maxChain = 20;

function chainOf(leaf: DetailedPeerCertificate): DetailedPeerCertificate[] {
  const chain: DetailedPeerCertificate[] = [];
  for (
    let link: DetailedPeerCertificate | undefined = leaf;
    // A root is its own issuer.
    link?.raw &&
    chain.length < maxChain &&
    !chain.some(({ fingerprint256 }) => fingerprint256 === link?.fingerprint256);
    link = link.issuerCertificate
  )
    chain.push(link);
  return chain;
}

function oneLine(name: string): string {
  return name.split('\n').join(', ');
}

function isoOrText(date: string): string {
  const time = Date.parse(date);
  return Number.isNaN(time) ? date : new Date(time).toISOString();
}
