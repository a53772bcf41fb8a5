import { describe, expect, test } from '@jest/globals';
import { runCli } from '../terminal.js';

test('everything that is unsupported is told at once', async () => {
  const text =
    'CONNECT http://localhost/\n[Options]\ninsecure: true\nHTTP 200\n[Asserts]\nip > 1\ncertificate "Subject" == "x"\n';
  const { code, out, err } = await runCli(['import', 'hurl', 'a.hurl'], { 'a.hurl': text });
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err.match(/^ {2}a\.hurl:\d+$/gm)).toEqual(['  a.hurl:1', '  a.hurl:3', '  a.hurl:6', '  a.hurl:7']);
});

describe('what a suite cannot say is refused with its line, and nothing is written', () => {
  const rows: [string, string, RegExp][] = [
    [
      'cookies beside those that answers may have set',
      'GET http://localhost/\n\nGET http://localhost/\n[Cookies]\na: b\n',
      /a\.hurl:3\n.*\[Cookies\] after other requests/,
    ],
    [
      'a file that is not there',
      'POST http://localhost/\n[Multipart]\na: file,x.png;\n',
      /a\.hurl:3\n.*x\.png, which is not there/,
    ],
    [
      'a file outside of the workspace',
      `POST http://localhost/\n[Multipart]\na: file,${process.execPath};\n`,
      /a\.hurl:3\n.*outside of/,
    ],
    [
      'a file as body that is not there',
      'POST http://localhost/\nfile,data.bin;\n',
      /a\.hurl:2\n.*data\.bin, which is not there/,
    ],
    [
      'two authorizations',
      'GET http://localhost/\nAuthorization: x\n[BasicAuth]\na: b\n',
      /\[BasicAuth\] beside the header/,
    ],
    [
      'an unverified certificate',
      'GET http://localhost/\n[Options]\ninsecure: true\n',
      /a\.hurl:3\n.*insecure: true\n.*always verified/,
    ],
    ['endless retries', 'GET http://localhost/\n[Options]\nretry: -1\n', /a\.hurl:3\n.*retry: -1/],
    ['another hash', 'GET http://localhost/\nHTTP 200\n[Asserts]\nmd5 == hex,00;\n', /a\.hurl:4\n.*md5/],
    [
      'the text of a list of nodes',
      'GET http://localhost/\nHTTP 200\n[Asserts]\nxpath "//a" == "x"\n',
      /a\.hurl:4\n.*list of nodes.*\n.*string\(\/\/a\)/,
    ],
    [
      'a certificate',
      'GET http://localhost/\nHTTP 200\n[Asserts]\ncertificate "Subject" exists\n',
      /step "tls"/,
    ],
    ['a filter', 'GET http://localhost/\nHTTP 200\n[Asserts]\njsonpath "$.a" toInt == 1\n', /a\.hurl:4/],
    [
      'a capture with a filter',
      'GET http://localhost/\nHTTP 200\n[Captures]\na: jsonpath "$.a" toInt\n',
      /a\.hurl:4/,
    ],
    [
      'a capture of many nodes',
      'GET http://localhost/\nHTTP 200\n[Captures]\na: jsonpath "$.a[*]"\n',
      /a\.hurl:4/,
    ],
    [
      'a path that RFC 9535 has not',
      'GET http://localhost/\nHTTP 200\n[Asserts]\njsonpath "$.a[(@.b)]" exists\n',
      /\$\.a\[\(@\.b\)\]/,
    ],
    [
      'a pattern that ECMAScript has not',
      'GET http://localhost/\nHTTP 200\n[Asserts]\nbody matches /(?x)a/\n',
      /ECMAScript/,
    ],
    ...(
      [
        ['[a-z&&[^x]]', /&& inside \[ \]/],
        ['[a--b]', /-- inside \[ \]/],
        ['[a~~b]', /~~ inside \[ \]/],
        ['[a[bc]]', /a class in a class/],
        ['[[:alpha:]]', /a class in a class/],
        ['[]a]', /\] at the beginning of a class/],
        ['[^]a]', /\] at the beginning of a class/],
        ['[\\W_]', /\\W inside/],
        ['(?x) a b', /\(\?x\)/],
        ['(?i:a)', /\(\?i:/],
        ['(?s-m)a', /\(\?s-m\)/],
        ['(?P<n>a)', /write \(\?<name>/],
        ['\\Aa', /\\A has another meaning there.*\n.*write \^/],
        ['a\\z', /\\z has another meaning there.*\n.*write \$/],
        ['a*+', /ECMAScript/],
      ] as const
    ).flatMap(([pattern, message]): [string, string, RegExp][] => [
      [
        `the pattern ${pattern} of Rust`,
        `GET http://localhost/\nHTTP 200\n[Asserts]\nbody matches /${pattern}/\n`,
        message,
      ],
      [
        `the pattern ${pattern} of Rust in a capture`,
        `GET http://localhost/\nHTTP 200\n[Captures]\na: regex /(${pattern})/\n`,
        message,
      ],
    ]),
    ...['1.50', '007', '1e3', '1.2.3', '-0', '+1', '"a', '10 a'].map((value): [string, string, RegExp] => [
      `the variable ${value}, whose type is not plain`,
      `GET http://localhost/{{v}}\n[Options]\nvariable: v=${value}\nHTTP 200\n`,
      /a\.hurl:3\n.*the option variable.*\n.*name="text"/,
    ]),
    [
      'a comparison of a text with a variable that is a number',
      'GET http://localhost/\n[Options]\nvariable: v=1\nHTTP 200\n[Asserts]\nheader "a" == {{v}}\n',
      /a\.hurl:6/,
    ],
    [
      'a comparison with a secret that is a number',
      'GET http://localhost/\n[Options]\nvariable: api_token=12345\nHTTP 200\n[Asserts]\njsonpath "$.a" == {{api_token}}\n',
      /a\.hurl:6\n.*must not be written here/,
    ],
    [
      'a variable that is used before it is set',
      'GET http://localhost/{{v}}\nHTTP 200\n\nGET http://localhost/\n[Options]\nvariable: v=b\nHTTP 200\n',
      /a\.hurl:6\n.*a request before uses/,
    ],
    [
      'a comparison with what the same answer gives',
      'GET http://localhost/\nHTTP 200\n[Captures]\nid: jsonpath "$.id"\n\nGET http://localhost/\nHTTP 200\n[Captures]\nid: jsonpath "$.id"\n[Asserts]\njsonpath "$.b" == {{id}}\n',
      /a\.hurl:11\n.*the same answer gives/,
    ],
    [
      'a version of the protocol',
      'GET http://localhost/\n\nHTTP/3 200\n',
      /a\.hurl:3\n.*the version 3.*\n.*write 1\.1/,
    ],
    [
      'a redirect by a variable',
      'GET http://localhost/\n[Options]\nlocation: {{f}}\n',
      /a\.hurl:3\n.*location: \{\{f\}\}/,
    ],
    [
      'no redirect where redirects are followed',
      'GET http://localhost/\n[Options]\nlocation: true\nmax-redirs: 0\nHTTP 302\n',
      /a\.hurl:4\n.*no redirect allowed/,
    ],
    [
      'a second capture of one name',
      'GET http://localhost/\nHTTP 200\n[Captures]\na: header "x"\na: jsonpath "$.a"\n',
      /a\.hurl:5\n.*a second capture of the name a/,
    ],
    [
      'a variable that is captured too',
      'GET http://localhost/\n[Options]\nvariable: token=abcd\nHTTP 200\n[Captures]\ntoken: header "x"\n',
      /token, which is captured too/,
    ],
    [
      'a variable in the name of a cookie',
      'GET http://localhost/\nHTTP 200\n[Asserts]\ncookie "{{c}}" not exists\n',
      /a\.hurl:4\n.*a variable in what is looked at/,
    ],
    ['bytes as text', 'GET http://localhost/\nHTTP 200\n[Asserts]\nbody contains hex,6162;\n', /a\.hurl:4/],
    [
      'a number that JSON would round',
      'GET http://localhost/\nHTTP 200\n[Asserts]\njsonpath "$.a" != 9007199254740993\n',
      /a\.hurl:4/,
    ],
    ['a body that does not end', 'POST http://localhost/\n{"a": \n', /does not end/],
    ['a line that is none', 'GET http://localhost/\nwhat is this\n', /a\.hurl:2/],
    ['a method', 'CONNECT http://localhost/\n', /the method CONNECT/],
    ...['id=[(]x', 'a|(b)', '(?:a)', '(?:(a)|b)', '(a)?b', '\\(a\\)'].map(
      (pattern): [string, string, RegExp] => [
        `the query regex of ${pattern}, which may give nothing`,
        `GET http://localhost/\nHTTP 200\n[Asserts]\nregex /${pattern}/ exists\n`,
        /without a group that is in every match.*fix: write body matches/s,
      ],
    ),
    ['an empty file', '# nothing\n', /nothing would be checked/],
  ];
  test.each(rows)('%s', async (_what, text, message) => {
    const { code, out, err } = await runCli(['import', 'hurl', 'a.hurl'], { 'a.hurl': text });
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(message);
  });
});
