import { describe, expect, it } from '@jest/globals';
import { judgeEvidence, judgeIncident, judgeLink, namedIn } from '../../../actions/hotfix-check/evidence.js';

const texts = (description: string) => namedIn(description).map(({ text }) => text);

describe('what a description names', () => {
  it.each([
    ['a link', 'Evidence: https://logs.acme.io/1', ['https://logs.acme.io/1']],
    [
      'bold, in a list, with words around it',
      '- **Evidence:** see https://logs.acme.io/1, 11 % failed',
      ['https://logs.acme.io/1'],
    ],
    ['a link written as Markdown', 'Evidence: [trace](https://logs.acme.io/1)', ['https://logs.acme.io/1']],
    [
      'an incident and a link, each on a line',
      'evidence: #31\r\nEvidence: https://a.io/b',
      ['#31', 'https://a.io/b'],
    ],
    ['a link that is not safe, which is judged later', 'Evidence: http://a.io', ['http://a.io']],
    ['nothing behind it', 'Evidence:\nhttps://logs.acme.io/1', []],
    ['words alone', 'Evidence: trust me', []],
    ['another line', 'No evidence: https://logs.acme.io/1', []],
    ['a comment', '<!-- Evidence: https://logs.acme.io/1 -->', []],
    ['a comment that is never closed', '<!--\nEvidence: https://logs.acme.io/1', []],
    ['a comment that two others make', '<!<!-- x -->-- Evidence: https://logs.acme.io/1', []],
    ['an example', '```\nEvidence: https://logs.acme.io/1\n```', []],
    ['a line behind an example', '~~~~\n~~~\n~~~~\nEvidence: #2', ['#2']],
    ['an empty description', '', []],
  ])('%s', (_, description, expected) => {
    expect(texts(description)).toEqual(expected);
  });

  it('looks at a bounded part of what anybody wrote', () => {
    const many = texts(`Evidence: ${'#1 '.repeat(500)}\n`.repeat(100));
    expect(many.length).toBe(20);
    expect(texts('<!--'.repeat(50_000) + 'Evidence: #1')).toEqual([]);
  });
});

describe('a link', () => {
  const own = 'https://github.com/acme/shop/pull/7';
  const judge = (text: string, hosts: string[] = []) => judgeLink(text, { hosts, own });
  it.each([
    ['https://logs.acme.io/explore?id=1', []],
    ['https://logs.acme.io', ['acme.io']],
    ['https://github.com/acme/shop/pull/70', []],
    ['https://github.com/acme/shop/actions/runs/9', []],
  ])('%s counts, where %j count', (text, hosts) => {
    expect(judge(text, hosts).is).toBe('ok');
  });
  it.each([
    ['http://logs.acme.io/1', [], /https/],
    ['javascript://logs.acme.io/%0aalert(1)', [], /https/],
    ['https://', [], /no address/],
    ['https://me:secret@logs.acme.io/1', [], /login/],
    ['https://localhost/1', [], /no log/],
    ['https://logs.example.com/1', [], /no log/],
    ['https://evil-acme.io/1', ['acme.io'], /what counts is at acme\.io/],
    ['https://acme.io.evil.io/1', ['acme.io'], /what counts/],
    [own, [], /itself/],
    [`${own}/files#diff`, [], /itself/],
  ])('%s does not count, where %j count', (text, hosts, why) => {
    expect(judge(text, hosts)).toMatchObject({ is: 'wrong', detail: expect.stringMatching(why) });
  });
});

it.each([
  [undefined, /no issue/],
  [{ open: true, trusted: false, ofService: true }, /not opened by the suite/],
  [{ open: true, trusted: true, ofService: false }, /another service/],
  [{ open: false, trusted: true, ofService: true }, /closed/],
])('an incident of %j does not count', (facts, why) => {
  expect(judgeIncident('#3', facts)).toMatchObject({ is: 'wrong', detail: expect.stringMatching(why) });
});

it('one good piece is enough, and none names the line to write', () => {
  const good = judgeIncident('#3', { open: true, trusted: true, ofService: true });
  const bad = judgeIncident('#4', undefined);
  expect(judgeEvidence([bad, good])).toEqual({ ok: true, message: '1 of 2 pieces of evidence count' });
  expect(judgeEvidence([bad])).toMatchObject({
    ok: false,
    message: expect.stringContaining('#4 is no issue'),
  });
  expect(judgeEvidence([])).toMatchObject({ ok: false, message: expect.stringContaining('Fix: write') });
});
