import { expect, test } from '@jest/globals';
import { render } from '../../../actions/migration-check/render.js';
import type { MigrationReport } from '../../../shared/contracts/reports/migration-report.js';
import { judgeSql } from '../../support/migrations/judge.js';

test('what stops the release stands first, however much else was found before it', async () => {
  const harmless = Array.from({ length: 80 }, (_, at) => `GRANT SELECT ON users TO reader_${at};`);
  const assessment = await judgeSql([...harmless, 'DROP TABLE users;'].join('\n'), { timeouts: true });
  const report: MigrationReport = {
    schema: 'devops-actions/migration-report@1',
    mode: 'check',
    service: 'shop',
    environment: 'production',
    now: '2026-11-29T12:00:00.000Z',
    database: 'postgresql',
    from: null,
    to: { sha: 'a'.repeat(40), version: null },
    notes: [],
    run: null,
    ...assessment,
  };
  const rows = render({ ...report, plan: [] })
    .split('\n')
    .filter((line) => line.includes('_new.sql:'));
  expect([rows.length, rows[0]]).toEqual([50, expect.stringContaining('`drop-table`')]);
});
