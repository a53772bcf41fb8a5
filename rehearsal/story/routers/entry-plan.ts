import type { Child } from '../child.js';

export const routerChoices = ['embedded', 'haproxy', 'nginx', 'caddy'] as const;
export type RouterChoice = (typeof routerChoices)[number];

/** The router in front of an environment. */
export interface Entry {
  url: string;
  /** Its section of the traffic file. */
  router: object;
}

/** What every router is started from: a folder for its files, where the colours listen, blue live. */
export interface EntryPlan {
  environment: string;
  dir: string;
  ports: Readonly<Record<string, number>>;
}

export interface StartedEntry {
  entry: Entry;
  child: Pick<Child<unknown>, 'stop'>;
}
