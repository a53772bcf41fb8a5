import { HttpFailure } from '../http/faults.js';
import { parsed } from '../http/connect/target.js';

/**
 * An address for people, without user, password and parameters; nothing of one that is not plain: what looks like a
 * host or a path may be the rest of a password.
 */
export function placeOf(address: string): string {
  const url = parsed(address);
  if (!url) return '(an address that is none)';
  return isPlain(url) ? `${url.protocol}//${url.host}${url.pathname}` : '(an address with an @ in its path)';
}

/** `host:port` for people; nothing of a text that is an address of another kind, which may hold a password. */
export function shownHost(address: string): string {
  return /[@/\s]/.test(address.trim()) ? '(an address that is not host:port)' : address;
}

/** Whether user and password end where they seem to: one of `/ ? #` that is not percent-encoded ends them too early. */
export function isPlain({ pathname, search, hash }: URL): boolean {
  return !`${pathname}${search}${hash}`.includes('@');
}

/** An address without user and password. */
export function withoutUser(address: string): string {
  return address.replace(/^([a-z]+:\/\/)[^/?#\\]*@/i, '$1');
}

/**
 * A text that should be an address and is none, for people: whatever stands before an @ may be a user and a password.
 */
export function hidingUser(text: string): string {
  return text.replace(/^([a-z]+:\/\/)?[^]*@/i, '$1***@');
}

/** How characters are written that mean something in an address, for messages. */
export const encodingHint = 'write %25 for %, %40 for @, %3A for :, %2F for /, %3F for ? and %23 for #';

/** A part of an address without its percent-encoding; throws a fault that names the part and does not show it. */
export function decoded(part: string, name: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new HttpFailure('protocol', `the ${name} in the url is not percent-encoded (${encodingHint})`);
  }
}
