import type { Plan } from '../../contracts/reports/analysis-report.js';
import type { CriterionSoFar, SoFar } from '../../contracts/check-state.js';
import { emptyTally } from '../assess.js';
import { startCourse, type Course } from './course.js';
import { noTotals } from '../overall.js';

/** What a course came to, as it is kept until the next check. */
export function soFarOf(course: Course, checkedTo: number): SoFar {
  const { plan, startedAt, tallies, totals, looks, contained } = course;
  const criteria = plan.criteria.map((criterion): [string, CriterionSoFar] => {
    const { name } = criterion;
    const { last: _, ...tally } = tallies[name] ?? emptyTally;
    const { all, groups, spells } = totals[name] ?? noTotals;
    return [
      name,
      {
        criterion: JSON.stringify(criterion),
        tally,
        looks: looks[name] ?? { all: 0, withData: 0 },
        all,
        ...(groups.size > 0 ? { groups: [...groups].map(([value, count]) => ({ value, ...count })) } : {}),
        ...(spells.size > 0
          ? {
              spells: [...spells].map(([group, spell]) => ({
                ...spell,
                ...(group === undefined ? {} : { group }),
              })),
            }
          : {}),
      },
    ];
  });
  return {
    since: startedAt,
    checkedTo,
    criteria: Object.fromEntries(criteria),
    ...(contained ? { contained: { values: [...contained.values], since: contained.since } } : {}),
  };
}

/** The course to go on with; a criterion that is not what it was begins anew. */
export function courseFrom(plan: Plan, soFar: SoFar): Course {
  const course = startCourse(plan, soFar.since);
  const tallies = { ...course.tallies };
  const totals = { ...course.totals };
  const looks = { ...course.looks };
  for (const criterion of plan.criteria) {
    const { name } = criterion;
    const known = soFar.criteria[name];
    if (known?.criterion !== JSON.stringify(criterion)) continue;
    tallies[name] = { ...known.tally, last: undefined };
    looks[name] = known.looks;
    totals[name] = {
      all: known.all,
      groups: new Map((known.groups ?? []).map(({ value, ...count }) => [value, count])),
      spells: new Map((known.spells ?? []).map(({ group, ...spell }) => [group, spell])),
    };
  }
  const { contained } = soFar;
  return {
    ...course,
    tallies,
    totals,
    looks,
    ...(contained && contained.values.length <= (plan.contain?.atMost ?? 0) ? { contained } : {}),
  };
}
