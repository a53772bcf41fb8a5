import { describe, expect, it } from '@jest/globals';
import { readCache, writeCache } from '../../../../actions/dora-report/collect/cache.js';
import { instant, sha } from '../ledger-facts.js';

const commits = [
  {
    oid: sha('a'),
    parents: [],
    committedAt: instant('03-03 08:00'),
    authoredAt: instant('03-03 08:00'),
    headline: 'Change',
    reverts: [],
    revertsPulls: [],
  },
];
const text = writeCache('Acme/Shop', { commits, pulls: undefined }, 'key');

describe('the cache of commits', () => {
  it('is read again, whatever the case of the repository', () => {
    expect(readCache(text, 'acme/shop', 'key').cached).toMatchObject({ commits });
  });

  it.each([
    ['was changed', text.replace('03T08', '02T08'), 'acme/shop', 'key', /seal/],
    ['was sealed with another key', text, 'acme/shop', 'other', /seal/],
    [
      'was sealed by someone without the key',
      writeCache('acme/shop', { commits, pulls: [] }, ''),
      'acme/shop',
      'key',
      /seal/,
    ],
    ['is of another repository', text, 'acme/web', 'key', /it is of acme\/shop/],
    ['was cut', text.slice(0, 50), 'acme/shop', 'key', /no JSON/],
    ['is of another version', '{"schema":"devops-actions/dora-cache@0"}', 'acme/shop', 'key', /this version/],
  ])('is not believed when it %s', (_, given, repository, key, why) => {
    expect(readCache(given, repository, key)).toEqual({ cached: undefined, why: expect.stringMatching(why) });
  });
});
