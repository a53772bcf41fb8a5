import { Buffer } from 'node:buffer';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { escapeHtml, escapeMarkdown } from '../../../shared/report/markdown.js';
import { cpuMs } from '../../support/cpu-time.js';
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

describe('a secret spelled as others spell it', () => {
  const hard = 'pa/ss"w<o>rd&%ö€🔑\\\'+ x';
  const ascii = (text: string) =>
    text.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const lower = (text: string) => text.replace(/%../g, (byte) => byte.toLowerCase());
  const inJson = (text: string) => JSON.stringify(text).slice(1, -1);
  const html = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const form = (text: string) => new URLSearchParams([['', text]]).toString().slice(1);
  const hex = (text: string) => Buffer.from(text).toString('hex');

  const writers: [string, (text: string) => string][] = [
    ['in JSON', inJson],
    ['in JSON of Python', (text) => ascii(inJson(text))],
    ['in JSON of PHP', (text) => ascii(inJson(text).replaceAll('/', '\\/'))],
    [
      'in JSON of Go, which minds HTML',
      (text) => inJson(text).replaceAll('&', '\\u0026').replaceAll('<', '\\u003c').replaceAll('>', '\\u003e'),
    ],
    [
      'in JSON of .NET',
      (text) =>
        [...inJson(text).matchAll(/\\.|[^]/g)]
          .map(([part]) =>
            part === '\\"' || (/^[^\\]$/.test(part) && /[&<>'+`]|[^ -~]/.test(part))
              ? `\\u${part
                  .charCodeAt(part.length - 1)
                  .toString(16)
                  .toUpperCase()
                  .padStart(4, '0')}`
              : part,
          )
          .join(''),
    ],
    ['in JSON in JSON', (text) => inJson(inJson(text))],
    ['percent-encoded', encodeURIComponent],
    ['percent-encoded in small letters', (text) => lower(encodeURIComponent(text))],
    ['percent-encoded twice', (text) => encodeURIComponent(encodeURIComponent(text))],
    ['in a form', form],
    ['in a form, in small letters', (text) => lower(form(text))],
    ['as text in XML', html],
    ['in HTML', escapeHtml],
    ['in HTML of Python', (text) => escapeHtml(text).replaceAll('&#39;', '&#x27;')],
    ['in HTML of Go', (text) => escapeHtml(text).replaceAll('&quot;', '&#34;')],
    ['in HTML of PHP', (text) => escapeHtml(text).replaceAll('&#39;', '&#039;')],
    ['in base64', base64],
    ['in base64 in a URL', (text) => encodeURIComponent(base64(text))],
    ['in hex', hex],
    ['in hex in capitals', (text) => hex(text).toUpperCase()],
    ['on one line', (text) => text.replace(/\s+/g, ' ')],
    ['without the blanks around it', (text) => text.trim()],
  ];

  it.each(writers)('%s', (_, write) => {
    expect(redactor(hard).redact(`=${write(hard)};`)).toBe('=***;');
    expect(redactor(`${hard}\n`).redact(`=${write(hard)};`)).toBe('=***;');
    expect(redactor(hard).redactData({ text: `"${write(hard)}"` })).toEqual({ text: '"***"' });
  });

  it('is found whatever it is and whatever stands around it', () => {
    const unit = fc.oneof(fc.constantFrom(...'\\%&+u0025/<>"\'ö€🔑 n;#x-_@.'), fc.string({ maxLength: 1 }));
    const text = fc
      .array(unit, { minLength: 6, maxLength: 20 })
      .map((units) => units.join(''))
      .filter((value) => value.trim() === value && value.length >= 6);
    const around = fc.constantFrom('', 'x', '"', '\\', '%', '&', '=', ' ', '.');
    fc.assert(
      fc.property(text, around, around, fc.constantFrom(...writers), (value, before, after, [, write]) => {
        expect(redactor(value).redact(`[${before}${write(value)}${after}]`)).toMatch(
          /^\[.{0,2}\*\*\*.{0,2}\]$/su,
        );
      }),
      { numRuns: 1_000, seed: 31 },
    );
  });

  it('is found in a rendered summary, at the start of a line and within it', () => {
    for (const value of [
      '-a_b-secret',
      '#1-secret*',
      'www.secret_1',
      '1. secret_1',
      'GH-12_secret',
      '@me_secret',
    ])
      for (const before of ['', 'sent ', '(', 'x'])
        expect(redactor(value).redact(escapeMarkdown(`${before}${value} and`))).toBe(
          `${escapeMarkdown(before)}*** and`,
        );
  });

  it('leaves nothing of itself where two secrets overlap', () => {
    expect(redactor('one-two', 'two-three').redact('a one-two-three b')).toBe('a *** b');
  });

  it('is told from ordinary text with escapes', () => {
    const ordinary = '{"a":"\\u0041\\/\\n","q":"?a=%2F%c3%b6&amp;b=1+2"} C:\\pass\\word 100 %';
    expect(redactor(hard, 'password', 'token-1').redact(ordinary)).toBe(ordinary);
  });

  it('is looked for in a text made to be slow without a wait', () => {
    const start = cpuMs();
    const flood = 'a'.repeat(500_000);
    expect(redactor(...[1, 2, 3].map((digit) => `${'a'.repeat(200)}${digit}`)).redact(flood)).toBe(flood);
    expect(cpuMs() - start).toBeLessThan(5_000);
  });

  it('is found in a large text, and among many secrets with a common beginning', () => {
    const tokens = Array.from(
      { length: 500 },
      (_, number) => `eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.${number}-${'x'.repeat(40)}`,
    );
    const page = `{"text":"${'a \\"word\\" of 100%, '.repeat(2_000)}","tokens":${JSON.stringify(tokens)}}`;
    const shown = redactor(...tokens).redact(page);
    expect(shown).not.toContain('eyJ');
    expect(shown.match(/\*\*\*/g)).toHaveLength(500);
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

describe('a secret does not come out', () => {
  it.each([76, 64])('of base64 that is wrapped at %i', (width) => {
    const long = 'k'.repeat(30) + 'Q'.repeat(60);
    const wrapped = base64(long).replace(new RegExp(`.{${width}}`, 'g'), '$&\n');
    const shown = redactor(long).redact(wrapped);
    for (const line of wrapped.split('\n').filter(({ length }) => length >= 8))
      expect(shown).not.toContain(line);
  });

  it('of a Basic header, however short the password', () => {
    const header = `Authorization: Basic ${base64('dev:hunter2')}`;
    expect(redactor('hunter2').redact(header)).toBe('Authorization: Basic ***');
    expect(redactor('other77').redact(header)).toBe(header);
  });

  it('line by line, in base64 and in a URL', () => {
    const secrets = redactor('first line of it\nsecond line&secret');
    for (const shown of [base64('second line&secret'), encodeURIComponent('second line&secret')])
      expect(secrets.redact(`x ${shown} y`)).toBe('x *** y');
  });

  it('with the other end of line', () => {
    expect(redactor('aaaa\nbbbb\ncccc').redact('x aaaa\r\nbbbb\r\ncccc y')).toBe('x *** y');
    expect(redactor('aaaa\r\nbbbb\r\ncccc').redact('x aaaa\nbbbb\ncccc y')).toBe('x *** y');
  });
});
