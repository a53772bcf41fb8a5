import { isIP } from 'node:net';

/** A cookie as a server sets it (RFC 6265 §4.1); names and values as sent, attributes read. */
export interface SetCookie {
  name: string;
  value: string;
  /** Without a leading dot; undefined when none is named. */
  domain?: string;
  path?: string;
  /** Epoch milliseconds. */
  expires?: number;
  /** Seconds; it wins over `expires`. */
  maxAge?: number;
  secure: boolean;
  httpOnly: boolean;
  sameSite?: 'strict' | 'lax' | 'none';
}

/** Cookies kept between requests, as a browser keeps them. */
export interface CookieJar {
  /** The Cookie header for a request to this URL at `now` (epoch milliseconds); undefined when no cookie fits. */
  headerFor(url: URL, now: number): string | undefined;
  /** Takes in the Set-Cookie headers of an answer from this URL. */
  store(url: URL, setCookies: readonly string[], now: number): void;
  /** A jar of its own with the same cookies. */
  copy(): CookieJar;
}

interface Kept {
  name: string;
  value: string;
  domain: string;
  hostOnly: boolean;
  path: string;
  secure: boolean;
  /** Epoch milliseconds; undefined until the flow ends. */
  until: number | undefined;
  /** Order of creation, which a cookie set again keeps. */
  order: number;
}

/**
 * Cookies kept at most, and the longest name with value; browsers have like limits, and a server must not fill the
 * memory.
 */
const maxCookies = 300;
const maxLength = 4_096;

/** An empty jar (RFC 6265 §5.3, with the Secure rules and name prefixes of its successor). */
export function createCookieJar(): CookieJar {
  return jarOf(new Map(), 0);
}

function jarOf(kept: Map<string, Kept>, createdBefore: number): CookieJar {
  let created = createdBefore;
  return {
    copy: () => jarOf(new Map(kept), created),
    headerFor(url, now) {
      const found: Kept[] = [];
      for (const [key, cookie] of kept) {
        if (cookie.until !== undefined && cookie.until <= now) kept.delete(key);
        else if (fits(cookie, url)) found.push(cookie);
      }
      if (found.length === 0) return undefined;
      found.sort((a, b) => b.path.length - a.path.length || a.order - b.order);
      return found.map(({ name, value }) => (name === '' ? value : `${name}=${value}`)).join('; ');
    },
    store(url, setCookies, now) {
      for (const header of setCookies) {
        const cookie = parseSetCookie(header);
        const next = cookie && accept(cookie, url, now);
        if (!next) continue;
        const key = JSON.stringify([next.name, next.domain, next.path]);
        const before = kept.get(key);
        if (before?.secure && !isSecure(url)) continue;
        if (next.until !== undefined && next.until <= now) kept.delete(key);
        else if (before || kept.size < maxCookies)
          kept.set(key, { ...next, order: before?.order ?? created++ });
      }
    },
  };
}

/** Reads one Set-Cookie header; undefined when it is to be ignored. */
export function parseSetCookie(header: string): SetCookie | undefined {
  const [pair = '', ...attributes] = header.split(';');
  const equals = pair.indexOf('=');
  const name = equals < 0 ? '' : pair.slice(0, equals).trim();
  const value = pair.slice(equals + 1).trim();
  // Control characters would reach the next request's header.
  const isControlled = [...`${name}${value}`].some((character) => character < ' ' || character === '\x7f');
  if ((name === '' && value === '') || isControlled || name.length + value.length > maxLength)
    return undefined;
  const cookie: SetCookie = { name, value, secure: false, httpOnly: false };
  for (const attribute of attributes) {
    const at = attribute.indexOf('=');
    const key = (at < 0 ? attribute : attribute.slice(0, at)).trim().toLowerCase();
    readAttribute(cookie, key, at < 0 ? '' : attribute.slice(at + 1).trim());
  }
  return cookie;
}

/**
 * Whether a cookie was over when it was sent, by the header Date of its answer: this is how servers delete one. Max-Age
 * wins over Expires.
 */
export function isDeletion({ maxAge, expires }: SetCookie, date: string | undefined): boolean {
  if (maxAge !== undefined) return maxAge <= 0;
  return expires !== undefined && expires <= (Date.parse(date ?? '') || 0);
}

function readAttribute(cookie: SetCookie, key: string, value: string): void {
  switch (key) {
    case 'secure':
      cookie.secure = true;
      break;
    case 'httponly':
      cookie.httpOnly = true;
      break;
    case 'domain':
      if (value !== '') cookie.domain = value.replace(/^\./, '').toLowerCase();
      break;
    case 'path':
      if (value.startsWith('/')) cookie.path = value;
      else delete cookie.path;
      break;
    case 'max-age':
      if (/^-?\d{1,15}$/.test(value)) cookie.maxAge = Number(value);
      break;
    case 'expires': {
      const time = Date.parse(value.replace(/(\d)-(\w{3})-(\d)/, '$1 $2 $3'));
      if (!Number.isNaN(time)) cookie.expires = time;
      break;
    }
    case 'samesite': {
      const policy = value.toLowerCase();
      if (policy === 'strict' || policy === 'lax' || policy === 'none') cookie.sameSite = policy;
      break;
    }
  }
}

function accept(cookie: SetCookie, url: URL, now: number): Omit<Kept, 'order'> | undefined {
  const host = url.hostname.toLowerCase();
  const { name, value, secure } = cookie;
  // A domain of one label (com, localhost) belongs to nobody: only the host itself may name it.
  const domain = cookie.domain === host ? undefined : cookie.domain;
  if (domain !== undefined && (!domain.includes('.') || !domainMatches(host, domain))) return undefined;
  if (secure && !isSecure(url)) return undefined;
  if (/^__secure-/i.test(name) && !secure) return undefined;
  if (/^__host-/i.test(name) && !(secure && cookie.domain === undefined && cookie.path === '/'))
    return undefined;
  const until =
    cookie.maxAge === undefined ? cookie.expires : cookie.maxAge <= 0 ? now : now + cookie.maxAge * 1_000;
  const hostOnly = cookie.domain === undefined;
  return {
    name,
    value,
    domain: domain ?? host,
    hostOnly,
    path: cookie.path ?? defaultPath(url),
    secure,
    until,
  };
}

function fits({ domain, hostOnly, path, secure }: Kept, url: URL): boolean {
  const host = url.hostname.toLowerCase();
  const here = hostOnly ? host === domain : domainMatches(host, domain);
  return here && pathMatches(url.pathname, path) && (!secure || isSecure(url));
}

function domainMatches(host: string, domain: string): boolean {
  return host === domain || (host.endsWith(`.${domain}`) && isIP(host) === 0);
}

function pathMatches(requested: string, path: string): boolean {
  return (
    requested === path ||
    (requested.startsWith(path) && (path.endsWith('/') || requested[path.length] === '/'))
  );
}

/** The directory of the request (RFC 6265 §5.1.4). */
function defaultPath({ pathname }: URL): string {
  const last = pathname.lastIndexOf('/');
  return last <= 0 ? '/' : pathname.slice(0, last);
}

/** Loopback counts as secure, as in browsers: nobody else can listen there. */
function isSecure({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}
