import { describe, expect, it } from '@jest/globals';
import { isOpen } from '../../../actions/migration-check/waive/apply.js';
import { ruleIds } from '../../../actions/migration-check/rules/registry.js';
import { dangerousMigrations } from '../../support/migrations/dangerous.js';
import { judgeSql } from '../../support/migrations/judge.js';
import { safeMigrations } from '../../support/migrations/safe.js';

describe('a safe migration has nothing above a notice', () => {
  it.each(safeMigrations.map((one) => [one.name, one] as const))('%s', async (_, { sql, ...setup }) => {
    const { findings, allowed } = await judgeSql(sql, setup);
    expect(findings.filter(({ level }) => level !== 'notice')).toEqual([]);
    expect(allowed).toBe(true);
  });

  it('at least fifty of them', () => expect(safeMigrations.length).toBeGreaterThanOrEqual(50));
});

describe('a dangerous migration is found', () => {
  it.each(dangerousMigrations.map((one) => [`${one.name}: ${one.rule}`, one] as const))(
    '%s',
    async (_, { sql, rule, ...setup }) => {
      const { findings, allowed } = await judgeSql(sql, { failOn: 'warning', ...setup });
      expect(findings.filter(isOpen).map((finding) => finding.rule)).toContain(rule);
      expect(allowed).toBe(false);
    },
  );

  it('at least fifty of them', () => expect(dangerousMigrations.length).toBeGreaterThanOrEqual(50));

  it('by every rule that judges the text of a migration', () => {
    const found = new Set(dangerousMigrations.map(({ rule }) => rule));
    // Notices, and what is found by comparing files or asking programs, have tests of their own.
    const elsewhere = [
      'add-enum-value',
      'new-constraint',
      'drop-constraint',
      'replace-view',
      'privileges',
      'no-statement-timeout',
      'unused-waiver',
      'live-app-too-old',
      'not-judged',
      'unreadable',
      'changed-after-release',
      'deleted-after-release',
      'out-of-order',
      'same-version',
      'wrong-name',
      'nothing-live',
      'folder-left-out',
      'squawk',
      'squawk-differs',
    ];
    expect([...found, ...elsewhere].sort()).toEqual([...ruleIds].sort());
  });
});
