import { expect } from '@jest/globals';
import type { GatherRequest } from '../../../../actions/dora-report/collect/gather.js';
import type { DoraQuestion, DoraReport } from '../../../../shared/contracts/reports/dora-report.js';
import type { Place } from './place.js';

/** What a rule is played with: the place, an environment of its own, and the first commit of all. */
export interface Stage {
  place: Place;
  environment: string;
  root: string;
  /** The report of the environment, read from GitHub; read again from the clone or with a cache it must be the same. */
  report(asked?: Partial<DoraQuestion>, more?: Partial<GatherRequest>): Promise<DoraReport>;
}

/** A rule of `docs/dora.md`, numbered as in the research behind it, over a history that really happened. */
export interface Rule {
  rule: number;
  title: string;
  play(stage: Stage): Promise<void>;
}

export function stageOf(place: Place, environment: string, root: string): Stage {
  return {
    place,
    environment,
    root,
    async report(asked = {}, more = {}) {
      const read = await place.report(environment, asked, more);
      const cloned = await place.report(environment, asked, { ...more, git: place.clone });
      expect(figures(cloned)).toEqual(figures(read));
      const { commits, pulls } = read.facts;
      const again = await place.report(environment, asked, { ...more, cached: { commits, pulls } });
      expect(figures(again)).toEqual(figures(read));
      return read;
    },
  };
}

const figures = ({ total, services, deployments, leftOut }: DoraReport) => ({
  total,
  services,
  deployments,
  leftOut,
});

/** How many of each kind were left out. */
export const leftOut = (report: DoraReport) =>
  Object.fromEntries(report.leftOut.map(({ what, count }) => [what, count]));

/** Hours of all lead times, the shortest first. */
export const hours = (report: DoraReport) =>
  report.total.leadTime.events.map((event) => event.hours).sort((a, b) => a - b);

/** Outcomes by record, the oldest first. */
export const outcomes = (report: DoraReport) =>
  Object.fromEntries(report.deployments.toReversed().map(({ id, outcome }) => [id, outcome]));
