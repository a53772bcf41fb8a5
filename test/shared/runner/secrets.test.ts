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

describe('a secret spelled as others spell it', () => {
  const hard = 'pa/ss"w<o>rd&%ö€🔑\\\'+ x';
  const unicode = (text: string, digits: (hex: string) => string) =>
    text.replace(
      /[^ -~]|[&<>']/g,
      (unit) => `\\u${digits(unit.charCodeAt(0).toString(16).padStart(4, '0'))}`,
    );
  const lower = (text: string) => text.replace(/%../g, (byte) => byte.toLowerCase());
  const inJson = (text: string) => JSON.stringify(text).slice(1, -1);
  const html = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

  it.each<[string, (text: string) => string]>([
    ['in JSON of PHP', (text) => inJson(text).replaceAll('/', '\\/')],
    ['in JSON of Go, which minds HTML', (text) => unicode(inJson(text), (hex) => hex)],
    ['in JSON with escapes in capitals', (text) => unicode(inJson(text), (hex) => hex.toUpperCase())],
    ['in JSON in JSON', (text) => inJson(inJson(text))],
    [
      'in JSON of PHP in JSON of PHP',
      (text) => inJson(inJson(text).replaceAll('/', '\\/')).replaceAll('/', '\\/'),
    ],
    ['percent-encoded in small letters', (text) => lower(encodeURIComponent(text))],
    [
      'percent-encoded to the last character',
      (text) => Buffer.from(text).toString('hex').replace(/../g, '%$&'),
    ],
    ['percent-encoded twice', (text) => encodeURIComponent(encodeURIComponent(text))],
    ['in a form, in small letters', (text) => lower(new URLSearchParams([['', text]]).toString().slice(1))],
    ['in a URL in HTML in JSON', (text) => inJson(html(`?a&b=${encodeURI(text)}`))],
    ['as text in XML', (text) => html(text)],
    [
      'in HTML by names',
      (text) => html(text).replaceAll('ö', '&ouml;').replaceAll('"', '&quot;').replaceAll('/', '&sol;'),
    ],
    ['in HTML by numbers', (text) => [...text].map((one) => `&#${one.codePointAt(0)};`).join('')],
    [
      'in HTML by hexadecimal numbers',
      (text) => [...text].map((one) => `&#X00${one.codePointAt(0)!.toString(16)};`).join(''),
    ],
    [
      'as bytes of Python',
      (text) =>
        text
          .replace(/[^ -~]+/g, (part) => Buffer.from(part).toString('hex').replace(/../g, '\\x$&'))
          .replaceAll("'", "\\'"),
    ],
    ['in JavaScript', (text) => text.replace('🔑', '\\u{1F511}')],
    ['in hex', (text) => Buffer.from(text).toString('hex')],
    ['in hex in capitals', (text) => Buffer.from(text).toString('hex').toUpperCase()],
    ['in base64 in JSON of PHP in a URL', (text) => encodeURIComponent(base64(text).replaceAll('/', '\\/'))],
    ['on one line', (text) => text.replace(/\s+/g, ' ')],
  ])('%s', (_, write) => {
    expect(redactor(hard).redact(`=${write(hard)};`)).toMatch(/^=(\?a(&amp;|\\u0026amp;)b=)?\*\*\*;$/);
    expect(redactor(hard).redactData({ text: `"${write(hard)}"` })).not.toEqual({ text: `"${write(hard)}"` });
  });

  const json = (one: string): string[] => {
    const units = [...Array(one.length).keys()].map((at) => one.charCodeAt(at).toString(16).padStart(4, '0'));
    return [
      units.map((unit) => `\\u${unit}`).join(''),
      units.map((unit) => `\\u${unit.toUpperCase()}`).join(''),
      inJson(one),
      /^[!-/:-@[-`{-~]$/.test(one) ? `\\${one}` : one,
    ];
  };
  const percent = (one: string): string[] => {
    const bytes = Buffer.from(one).toString('hex').replace(/../g, '%$&');
    return [bytes, bytes.toUpperCase(), encodeURIComponent(one)];
  };
  const entity = (one: string): string[] => {
    const code = one.codePointAt(0)!;
    return [
      `&#${code};`,
      `&#x${code.toString(16)};`,
      `&#X${code.toString(16).toUpperCase()};`,
      escapeHtml(one),
    ];
  };

  it('is found in any mix of spellings of its characters, up to two on one another', () => {
    const text = fc
      .string({
        minLength: 4,
        maxLength: 12,
        unit: fc.oneof(
          fc.constantFrom(...'\\%&+u0025/<"ö€🔑 n;#x'),
          fc.string({ minLength: 1, maxLength: 1, unit: 'binary' }),
        ),
      })
      .filter((value) => value.trim().length >= 3);
    const around = fc.constantFrom('', 'x', '"', '\\', '%', '&', '\\\\', '%2', '=', '&amp');
    fc.assert(
      fc.property(
        text,
        fc.integer({ min: 1, max: 2 }),
        around,
        around,
        fc.infiniteStream(fc.nat()),
        (value, levels, before, after, choices) => {
          const pick = (one: string) => {
            const spellings = [one, ...json(one), ...percent(one), ...entity(one)];
            return spellings[choices.next().value! % spellings.length]!;
          };
          let spelled = value;
          for (let level = 0; level < levels; level++) spelled = [...spelled].map(pick).join('');
          expect(redactor(value).redact(`[${before}${spelled}${after}]`)).toMatch(
            /^\[.{0,4}\*\*\*.{0,4}\]$/su,
          );
        },
      ),
      { numRuns: 500, seed: 31 },
    );
  });

  it('leaves nothing of itself where two secrets overlap', () => {
    expect(redactor('one-two', 'two-three').redact('a one-two-three b')).toBe('a *** b');
  });

  it('is told from ordinary text with escapes', () => {
    const ordinary = '{"a":"\\u0041\\/\\n","q":"?a=%2F%c3%b6&amp;b=1+2"} C:\\pass\\word 100 %';
    expect(redactor(hard, 'password', 'token-1').redact(ordinary)).toBe(ordinary);
  });

  it('lets no text through that is made to be searched for ever', () => {
    const flood = '\\'.repeat(100_000);
    const shown = redactor(`${'\\'.repeat(60)}z`).redact(flood);
    expect(shown).toMatch(/^\*\*\* \(.*left out\)$/);
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
