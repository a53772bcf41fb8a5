import { describe, expect, it } from '@jest/globals';
import { parser } from '@prometheus-io/lezer-promql';
import { families, openMetricsOf } from '../../../../actions/dora-report/formats/openmetrics.js';
import { filledIn, queriesOf, readDashboard } from '../../../support/grafana.js';
import { worldReport } from '../../../support/dora-world.js';

const dashboard = readDashboard('workflows-templates/monitoring/dora-grafana.json');
const queries = queriesOf(dashboard);

/** Labels of each sample by the name of its metric, as the action really writes them. */
function written(text: string): Map<string, Record<string, string>[]> {
  const found = new Map<string, Record<string, string>[]>();
  for (const [, name, labels] of text.matchAll(/^(\w+)\{(.*)\} \S+$/gm)) {
    const pairs = [...labels!.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, value]) => [key!, value!]);
    found.set(name!, [...(found.get(name!) ?? []), Object.fromEntries(pairs) as Record<string, string>]);
  }
  return found;
}

interface Selector {
  metric: string;
  matchers: { label: string; op: string; value: string }[];
}

/** The selectors of a query; throws where it is no PromQL. */
function selectorsOf(query: string): Selector[] {
  const selectors: Selector[] = [];
  const textOf = ({ from, to }: { from: number; to: number }) => query.slice(from, to);
  parser.parse(query).iterate({
    enter(node) {
      if (node.type.isError) throw new Error(`no PromQL at ${node.from}: ${query}`);
      if (node.name === 'VectorSelector') selectors.push({ metric: '', matchers: [] });
      if (node.name === 'Identifier' && node.node.parent?.name === 'VectorSelector')
        selectors.at(-1)!.metric = textOf(node);
      if (node.name === 'UnquotedLabelMatcher') {
        const [, label, op, value] = /^(\w+)\s*(=~|!~|!=|=)\s*"(.*)"$/.exec(textOf(node))!;
        selectors.at(-1)!.matchers.push({ label: label!, op: op!, value: value! });
      }
    },
  });
  return selectors;
}

const fits = ({ op, value }: Selector['matchers'][number], text: string | undefined) =>
  op === '=' ? text === value : op === '=~' && text !== undefined && new RegExp(`^(?:${value})$`).test(text);

describe('the Grafana dashboard of the figures', () => {
  const metrics = written(openMetricsOf(worldReport({ deployments: 90 })));
  const values = { environment: 'production', service: 'all|shop|payments' };

  it.each(queries.map((query) => [query.of, query] as const))(
    '%s asks for metrics and labels that a report really has',
    (_, { query, label }) => {
      const selectors = selectorsOf(filledIn(query, values));
      expect(selectors.length).toBeGreaterThan(0);
      for (const { metric, matchers } of selectors) {
        const samples = (metrics.get(metric) ?? []).filter((labels) =>
          matchers.every((matcher) => fits(matcher, labels[matcher.label])),
        );
        expect([metric, samples.length > 0]).toEqual([metric, true]);
        if (label !== undefined) expect(samples[0]).toHaveProperty(label);
      }
    },
  );

  it('leaves no metric out', () => {
    const asked = new Set(
      queries.flatMap(({ query }) => selectorsOf(filledIn(query, values)).map(({ metric }) => metric)),
    );
    expect(families.map(({ name }) => name).filter((name) => !asked.has(name))).toEqual([]);
  });

  it('finds what is no PromQL, and a name that nobody writes', () => {
    expect(() => selectorsOf('sum(dora_deployments{')).toThrow('no PromQL');
    expect(metrics.has('dora_deploys')).toBe(false);
  });

  it('has panels of their own number, each with a unit and a query', () => {
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    for (const { targets, fieldConfig } of dashboard.panels)
      expect([targets.length > 0, fieldConfig.defaults.unit]).toEqual([true, expect.stringMatching(/^\w+$/)]);
  });
});
