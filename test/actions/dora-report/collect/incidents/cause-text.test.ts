import { describe, expect, it } from '@jest/globals';
import { causeIn } from '../../../../../actions/dora-report/collect/incidents/cause-text.js';
import { deployment, incident, instant, reportOf } from '../../ledger-facts.js';

describe('the cause that a text names', () => {
  it.each([
    ['caused-by: 4f1e2ab', { causedBySha: '4f1e2ab' }],
    ['Nothing worked.\n\n**Root cause:** `4F1E2AB` (shop)', { causedBySha: '4f1e2ab' }],
    ['Caused by deployment 42', { causedBy: 42 }],
    ['caused-by: #42\nMore text', { causedBy: 42 }],
    ['caused-by: 1234567', { causedBy: 1_234_567, causedBySha: '1234567' }],
    [`caused-by: ${'1'.repeat(40)}`, { causedBySha: '1'.repeat(40) }],
    ['Caused by 3 hosts that lost power', {}],
    ['Root cause: 2026-03-01 power cut', {}],
    ['It was not caused-by: 4f1e2ab', {}],
    ['caused-by: the database', {}],
    ['', {}],
  ])('in %j is %j', (text, cause) => {
    expect(causeIn(text)).toEqual(cause);
  });

  it('in digits alone is the commit that was deployed, where no deployment has that number', () => {
    const digits = '1234567'.padEnd(40, '0');
    const report = reportOf({
      deployments: [{ ...deployment(9, '03-03 10:00', 'a'), sha: digits }],
      incidents: [
        incident(8, '03-03 11:00', {
          closedAt: instant('03-03 12:00'),
          marker: { service: 'shop', environment: 'production', ...causeIn('caused-by: 1234567') },
        }),
      ],
    });
    expect(report.total.changeFailRate).toMatchObject({ hits: 1, n: 1 });
  });
});
