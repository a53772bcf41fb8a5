import { describe, expect, it } from '@jest/globals';
import { parseConfig } from '../../../shared/config/parse.js';
import { windowSchema } from '../../../shared/time/window.js';

function problems(yaml: string) {
  const parsed = parseConfig(yaml, 'policy', windowSchema);
  return parsed.ok ? [] : parsed.problems;
}

describe('what is refused, and what it says', () => {
  it('an unknown zone is an error with the one that was meant', () => {
    expect(problems('{ timezone: Europe/Madird, freeze: [{ days: fri }] }')[0]).toMatchObject({
      path: 'timezone',
      fix: 'write timezone: Europe/Madrid',
    });
    expect(problems('{ timezone: "+01:00", freeze: [{ days: fri }] }')).toHaveLength(1);
    expect(problems('{ timezone: UTC, freeze: [{ days: fri, timezone: Mars/Base }] }')[0]!.path).toBe(
      'freeze.0.timezone',
    );
  });

  it.each([
    ['{ timezone: UTC }', ''],
    ['{ freeze: [{ days: fri }] }', 'timezone'],
    ['{ timezone: UTC, freeze: [] }', 'freeze'],
    ['{ timezone: UTC, freze: [{ days: fri }] }', 'freze'],
    ['{ timezone: UTC, freeze: [{ day: fri }] }', 'freeze.0.day'],
    ['{ timezone: UTC, freeze: [{ days: fir }] }', 'freeze.0.days'],
    ["{ timezone: UTC, freeze: [{ days: fri, cron: '0 1 * * *', for: 1h }] }", 'freeze.0'],
    ["{ timezone: UTC, freeze: [{ cron: '0 1 * * *' }] }", 'freeze.0'],
    ['{ timezone: UTC, freeze: [{}] }', 'freeze.0'],
    ["{ timezone: UTC, freeze: [{ days: fri, from: '9', to: '10:00' }] }", 'freeze.0.from'],
    ["{ timezone: UTC, freeze: [{ days: fri, from: '09:00', to: '25:00' }] }", 'freeze.0.to'],
    ['{ timezone: UTC, freeze: [{ from: fri 17:00, to: 2026-12-01T00:00 }] }', 'freeze.0.to'],
    ['{ timezone: UTC, freeze: [{ from: 2026-12-02T00:00, to: 2026-12-01T00:00 }] }', 'freeze.0.to'],
    ['{ timezone: UTC, freeze: [{ from: fri 17:00, to: fri 17:00 }] }', 'freeze.0.to'],
    ["{ timezone: UTC, freeze: [{ cron: '* 10 * * *', for: 2h }] }", 'freeze.0.cron'],
    ["{ timezone: UTC, freeze: [{ cron: '0 24 * * *', for: 2h }] }", 'freeze.0.cron'],
    ["{ timezone: UTC, freeze: [{ cron: '0 0 30 2 *', for: 2h }] }", 'freeze.0.cron'],
    ["{ timezone: UTC, freeze: [{ cron: '0 1 * *', for: 2h }] }", 'freeze.0.cron'],
    ["{ timezone: UTC, freeze: [{ cron: '0 1 * * *', for: 40d }] }", 'freeze.0.for'],
    ["{ timezone: UTC, freeze: [{ cron: '0 1 * * *', for: 90 }] }", 'freeze.0.for'],
    ["{ timezone: UTC, freeze: [{ cron: '0 1 * * *', until: x }] }", 'freeze.0.until'],
    ['{ timezone: UTC, freeze: [{ dates: 2026-02-30 }] }', 'freeze.0.dates'],
    ['{ timezone: UTC, freeze: [{ dates: 2026-02-03 .. 2026-02-01 }] }', 'freeze.0.dates'],
    ['{ timezone: UTC, freeze: [{ dates: 02-29 }] }', 'freeze.0.dates'],
    ['{ timezone: UTC, freeze: [{ dates: 13-01 }] }', 'freeze.0.dates'],
    ['{ timezone: UTC, freeze: [{ dates: 12-24 .. 2027-01-06 }] }', 'freeze.0.dates'],
    ['{ timezone: UTC, freeze: [{ days: 6th mon }] }', 'freeze.0.days'],
    ['{ timezone: UTC, freeze: [{ days: 2nd day }] }', 'freeze.0.days'],
    ['{ timezone: UTC, freeze: [{ days: last }] }', 'freeze.0.days'],
  ])('%s', (yaml, path) => {
    const found = problems(yaml);
    expect(found.map((problem) => problem.path)).toEqual([path]);
    expect(found[0]!.fix).not.toBe('');
  });
});
