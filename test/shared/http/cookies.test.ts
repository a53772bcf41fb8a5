import { describe, expect, test } from '@jest/globals';
import { createCookieJar, parseSetCookie } from '../../../shared/http/cookies.js';

const now = Date.UTC(2026, 0, 1);
const shop = new URL('https://shop.example.com/cart/items');

/** The Cookie header for `to` after `from` set these cookies. */
function sent(setCookies: string[], to: string, from: URL = shop, later = 0): string | undefined {
  const jar = createCookieJar();
  jar.store(from, setCookies, now);
  return jar.headerFor(new URL(to), now + later);
}

describe('a cookie goes', () => {
  test.each<[what: string, setCookie: string, to: string, expected: string | undefined]>([
    ['back to its host', 'a=1', 'https://shop.example.com/cart/', 'a=1'],
    ['to no other host', 'a=1', 'https://example.com/cart/', undefined],
    ['to no host below its own without a domain', 'a=1', 'https://eu.shop.example.com/cart/', undefined],
    ['to hosts below its domain', 'a=1; Domain=.example.com; Path=/', 'https://api.example.com/', 'a=1'],
    [
      'to no host that only ends like its domain',
      'a=1; Domain=example.com; Path=/',
      'https://badexample.com/',
      undefined,
    ],
    [
      'nowhere when its domain is not of the host',
      'a=1; Domain=other.com; Path=/',
      'https://other.com/',
      undefined,
    ],
    [
      'nowhere when its domain is below the host',
      'a=1; Domain=eu.shop.example.com; Path=/',
      'https://eu.shop.example.com/',
      undefined,
    ],
    [
      'nowhere when its domain is everybody’s',
      'a=1; Domain=com; Path=/',
      'https://shop.example.com/',
      undefined,
    ],
    ['to the directory it was set in', 'a=1', 'https://shop.example.com/cart', 'a=1'],
    ['to no other directory', 'a=1', 'https://shop.example.com/', undefined],
    ['to its path and below', 'a=1; Path=/api', 'https://shop.example.com/api/x', 'a=1'],
    [
      'to no path that only begins like its own',
      'a=1; Path=/api',
      'https://shop.example.com/apis',
      undefined,
    ],
    ['over plain http when it is not secure', 'a=1; Path=/', 'http://shop.example.com/', 'a=1'],
    ['not over plain http when it is', 'a=1; Path=/; Secure', 'http://shop.example.com/', undefined],
    ['to any port, as RFC 6265 has it', 'a=1; Path=/', 'https://shop.example.com:8443/', 'a=1'],
    [
      'with a value that has = and spaces inside',
      'a= b=c d ; Path=/',
      'https://shop.example.com/',
      'a=b=c d',
    ],
    ['with its quotes', 'a="x y"; Path=/', 'https://shop.example.com/', 'a="x y"'],
    ['without a name', 'alone; Path=/', 'https://shop.example.com/', 'alone'],
    ['not with a control character', 'a=1\u0001; Path=/', 'https://shop.example.com/', undefined],
    [
      'not with more than 4096 characters',
      `a=${'x'.repeat(4_096)}; Path=/`,
      'https://shop.example.com/',
      undefined,
    ],
    [
      'with __Host- only as that prefix wants it',
      '__Host-a=1; Secure; Path=/',
      'https://shop.example.com/',
      '__Host-a=1',
    ],
    [
      'not with __Host- and a domain',
      '__Host-a=1; Secure; Path=/; Domain=shop.example.com',
      'https://shop.example.com/',
      undefined,
    ],
    ['not with __Secure- and no Secure', '__Secure-a=1; Path=/', 'https://shop.example.com/', undefined],
  ])('%s', (_, setCookie, to, expected) => {
    expect(sent([setCookie], to)).toBe(expected);
  });

  test('by the longest path first, then by age, and a new value keeps its age', () => {
    const jar = createCookieJar();
    jar.store(shop, ['old=1; Path=/', 'new=2; Path=/', 'deep=3; Path=/cart', 'old=4; Path=/'], now);
    expect(jar.headerFor(shop, now)).toBe('deep=3; old=4; new=2');
  });

  test('until it expires, and Max-Age wins over Expires', () => {
    const week = 'Thu, 08 Jan 2026 00:00:00 GMT';
    expect(sent([`a=1; Path=/; Expires=${week}`], shop.href, shop, 6 * 86_400_000)).toBe('a=1');
    expect(sent([`a=1; Path=/; Expires=${week}`], shop.href, shop, 7 * 86_400_000)).toBeUndefined();
    expect(sent([`a=1; Path=/; Expires=${week}; Max-Age=60`], shop.href, shop, 61_000)).toBeUndefined();
    expect(sent([`a=1; Path=/; Expires=Thu, 08-Jan-2026 00:00:00 GMT`], shop.href, shop, 1)).toBe('a=1');
  });

  test('no more once the server takes it back', () => {
    expect(sent(['a=1; Path=/', 'a=; Path=/; Max-Age=0'], shop.href)).toBeUndefined();
    expect(
      sent(['a=1; Path=/', 'a=x; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT'], shop.href),
    ).toBeUndefined();
  });

  test('to an IP address only from that address', () => {
    const address = new URL('http://127.0.0.1:8080/');
    expect(sent(['a=1; Domain=127.0.0.1'], 'http://127.0.0.1:9090/', address)).toBe('a=1');
    expect(sent(['a=1; Domain=0.0.1'], 'http://127.0.0.1/', address)).toBeUndefined();
    expect(sent(['a=1; Secure'], 'http://127.0.0.1/', address)).toBe('a=1');
  });

  test('unchanged when plain http tries to overwrite a secure one', () => {
    const jar = createCookieJar();
    jar.store(shop, ['a=1; Path=/; Secure'], now);
    jar.store(new URL('http://shop.example.com/'), ['a=2; Path=/', 'b=3; Path=/; Secure'], now);
    expect(jar.headerFor(shop, now)).toBe('a=1');
  });

  test('in no jar that is full', () => {
    const many = Array.from({ length: 1_000 }, (_, index) => `c${index}=1; Path=/`);
    expect(sent(many, shop.href)!.split('; ')).toHaveLength(300);
  });
});

test('attributes are read in any case and unknown ones are left out', () => {
  expect(parseSetCookie('id=7; HTTPONLY; secure; SameSite=Lax; path=/x; Max-Age=5; Priority=High')).toEqual({
    name: 'id',
    value: '7',
    httpOnly: true,
    secure: true,
    sameSite: 'lax',
    path: '/x',
    maxAge: 5,
  });
});
