import { readFileSync } from 'node:fs';

interface Target {
  expr: string;
}

export interface Dashboard {
  title: string;
  uid: string;
  templating: { list: { name: string; type: string; query: string | { query: string } }[] };
  panels: {
    id: number;
    title: string;
    type: string;
    targets: Target[];
    fieldConfig: { defaults: { unit: string } };
  }[];
}

/** A dashboard as Grafana imports it. */
export function readDashboard(path: string): Dashboard {
  return JSON.parse(readFileSync(path, 'utf8')) as Dashboard;
}

/** Every query of a dashboard in PromQL, with where it stands; those of variables are the selector they ask labels of. */
export function queriesOf({
  panels,
  templating,
}: Dashboard): { of: string; query: string; label?: string }[] {
  const variables = templating.list.flatMap(({ name, query }) => {
    const text = typeof query === 'string' ? query : query.query;
    const parts = /^label_values\((.+), (\w+)\)$/.exec(text);
    return parts ? [{ of: `variable ${name}`, query: parts[1]!, label: parts[2]! }] : [];
  });
  const targets = panels.flatMap(({ title, targets: all }) =>
    all.map(({ expr }) => ({ of: `panel ${title}`, query: expr })),
  );
  return [...variables, ...targets];
}

/** A query as Grafana sends it. */
export function filledIn(query: string, values: Readonly<Record<string, string>>): string {
  return query.replace(/\$(\w+)/g, (text, name: string) => values[name] ?? text);
}
