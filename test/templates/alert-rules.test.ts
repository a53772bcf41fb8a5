import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parser } from '@prometheus-io/lezer-promql';
import { parse } from 'yaml';
import { standardRules } from '../../actions/incident/config/schema.js';
import { placeOf } from '../../actions/incident/alerts/map.js';

interface Rule {
  alert: string;
  expr: string;
  for: string;
  labels: Record<string, string>;
}

const rules = ['alerts', 'slo', 'capacity'].flatMap((name) => {
  const { groups } = parse(readFileSync(`workflows-templates/monitoring/${name}.yml`, 'utf8')) as {
    groups: { rules: (Rule | { record: string })[] }[];
  };
  return groups.flatMap(({ rules: all }) => all).filter((rule) => 'alert' in rule);
});

/** The texts of every node of a kind in a query. */
function nodes(expr: string, kind: string): string[] {
  const found: string[] = [];
  parser.parse(expr).iterate({
    enter: ({ name, from, to }) => {
      if (name === kind) found.push(expr.slice(from, to));
    },
  });
  return found;
}

describe('the alert rules', () => {
  it.each([
    ['NobodyAnswers', '0', '2m', 'critical'],
    ['HighErrorRate', '0.05', '5m', 'critical'],
    ['HighLatency', '1', '5m', 'warning'],
    ['ConnectionPoolExhausted', '0.9', '2m', 'critical'],
    ['QueueBacklog', '1000', '10m', 'warning'],
  ])('have %s above %s for %s as %s', (alert, bound, duration, severity) => {
    const rule = rules.find((one) => one.alert === alert)!;
    expect(nodes(rule.expr, 'NumberDurationLiteral').at(-1)).toBe(bound);
    expect([rule.for, rule.labels['severity']]).toEqual([duration, severity]);
  });

  it.each(rules.map(({ alert, expr }) => [alert, expr]))('%s keeps the service in every sum', (_, expr) => {
    expect(nodes(expr!, '⚠')).toEqual([]);
    const sums = nodes(expr!, 'AggregateExpr');
    expect(sums.length).toBeGreaterThan(0);
    for (const sum of sums) expect(nodes(sum, 'GroupingLabels')[0]).toMatch(/service, environment/);
  });

  it.each(rules.map((rule) => [rule.alert, rule]))('%s has a severity that incidents know', (_, rule) => {
    const { labels } = rule as Rule;
    const alert = { labels: { ...labels, service: 'shop' }, status: 'firing' } as never;
    expect(placeOf(alert, standardRules.alerts)).toMatchObject({
      service: 'shop',
      environment: 'production',
      untriaged: [],
      severity: labels['severity'] === 'warning' ? 'medium' : labels['severity'],
    });
  });
});
