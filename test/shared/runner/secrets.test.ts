import { Buffer } from 'node:buffer';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { escapeHtml, escapeMarkdown } from '../../../shared/report/markdown.js';
import { Secrets, secretVariants } from '../../../shared/runner/secrets.js';

const secret = 'pa_ss "w<o>rd"&*/ü+';
const base64 = (text: string) => Buffer.from(text).toString('base64');

function redactor(...values: string[]): Secrets {
  const secrets = new Secrets();
  for (const value of values) secrets.add(value);
  return secrets;
}

describe('a secret is taken out', () => {
  it.each<[string, (text: string) => string]>([
    ['as it is', (text) => text],
    ['in JSON', (text) => JSON.stringify({ key: text })],
    ['in a URL', (text) => `https://a.example/?q=${encodeURIComponent(text)}`],
    ['in a form or query', (text) => new URLSearchParams({ a: text, b: 'c' }).toString()],
    ['in a path', (text) => Object.assign(new URL('https://a.example'), { pathname: `/x/${text}/y` }).href],
    [
      'in the credentials of a URL',
      (text) => Object.assign(new URL('https://u@a.example'), { password: text }).href,
    ],
    ['in base64', base64],
    ['in base64 without padding', (text) => base64(text).replace(/=+$/, '')],
    ['in base64url', (text) => Buffer.from(text).toString('base64url')],
    ['in HTML', (text) => `<td>${escapeHtml(text)}</td>`],
    ['in markdown', (text) => `| ${escapeMarkdown(text)} |`],
  ])('%s', (_, write) => {
    expect(redactor(secret).redact(`before ${write(secret)} after`)).not.toContain(
      write(secret).slice(5, -5),
    );
    expect(redactor(secret).redact(`before ${write(secret)} after`)).toContain('***');
  });

  it('of a GitHub token in a rendered summary, whose underscores markdown escapes', () => {
    const token = 'ghs_0123456789abcdefABCDEF';
    expect(redactor(token).redact(escapeMarkdown(`sent ${token}`))).toBe('sent ***');
  });

  it('wherever it stands in the user and password of a Basic header', () => {
    const password = 's3cr3t-with-length';
    for (const user of ['a', 'ab', 'abc', 'abcd']) {
      const shown = redactor(password).redact(`Basic ${base64(`${user}:${password}:${user}`)}`);
      const left = Buffer.from(shown.replaceAll('***', '').slice('Basic '.length), 'base64').toString();
      expect(shown).toContain('***');
      expect(left).not.toContain('3cr3t-with-leng');
    }
  });

  it('line by line, as a log shows a private key', () => {
    const key = '-----BEGIN-----\nMIIBVAIBADANBg\nkqhkiG9w0BAQEF\n-----END-----';
    expect(redactor(key).redact('2026 kqhkiG9w0BAQEF\n2026 MIIBVAIBADANBg')).toBe('2026 ***\n2026 ***');
  });

  it('whole when another secret is a part of it', () => {
    expect(redactor('hunter', 'hunter2-long').redact('hunter2-long hunter')).toBe('*** ***');
  });

  it('with half a surrogate pair in it, as text, bytes, JSON and URL write that', () => {
    const broken = 'left\uD800right-part';
    const bytes = base64(broken);
    const text = `${broken} ${Buffer.from(broken)} ${JSON.stringify(broken)} ${bytes} ${new URLSearchParams({ a: broken })}`;
    expect(redactor(broken).redact(text)).toBe('*** *** "***" *** a=***');
  });

  it('but not ordinary text to which a secret that is a path would resolve', () => {
    expect(redactor('../../login').redact('GET /login')).toBe('GET /login');
  });

  it('even when it is no well-formed text', () => {
    expect(() => redactor('\uD800broken')).not.toThrow();
    expect(redactor('\uD800broken').redact('a \uD800broken b')).toBe('a *** b');
  });
});

describe('data', () => {
  it('loses secrets in texts and keys, and stays valid JSON when the secret is a number', () => {
    const secrets = redactor('2026', 'say "hi"');
    const data = { year: 2026, text: 'in 2026', '2026': ['say "hi"', null, true] };
    expect(JSON.parse(JSON.stringify(secrets.redactData(data)))).toEqual({
      year: 2026,
      text: 'in ***',
      '***': ['***', null, true],
    });
  });
});

describe('spellings', () => {
  it('are new once', () => {
    const secrets = new Secrets();
    expect(secrets.add('hunter2')).toContain('hunter2');
    expect(secrets.add('hunter2')).toEqual([]);
  });

  it('of one or two characters are left, they would blank out ordinary text', () => {
    expect(secretVariants('ab')).not.toContain('ab');
    expect(redactor('').redact('text')).toBe('text');
  });

  it('of any secret hide it in any text around it', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 8, unit: 'grapheme' }), fc.string(), (value, around) => {
        const shown = redactor(value).redact(`${around}${value}${around}`);
        expect(
          value.trim().length < 3 ||
            !shown.includes(value) ||
            around.includes(value) ||
            '***'.includes(value),
        ).toBe(true);
      }),
      { numRuns: 300, seed: 7 },
    );
  });
});
