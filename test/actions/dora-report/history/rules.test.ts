import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { changeRules } from './change-rules.js';
import { deploymentRules } from './deployment-rules.js';
import { figureRules } from './figure-rules.js';
import { historyPlace, type Place } from './place.js';
import { stageOf } from './rule.js';

const rules = [...deploymentRules, ...changeRules, ...figureRules].sort((a, b) => a.rule - b.rule);

describe('the rules of the figures, over histories in a real git repository and GitHub', () => {
  let place: Place;
  let root: string;
  beforeAll(async () => {
    place = await historyPlace();
    root = place.on('02-01 08:00').commit([]);
  });
  afterAll(async () => {
    const violations = place.server.control.violations();
    await place.close();
    expect(violations).toEqual([]);
  });

  it('are 25, each with a history of its own', () => {
    expect([...new Set(rules.map(({ rule }) => rule))]).toEqual(Array.from({ length: 25 }, (_, n) => n + 1));
  });

  it.each(rules.map((rule, index) => [`rule ${rule.rule}: ${rule.title}`, rule, index] as const))(
    '%s',
    async (_, rule, index) => rule.play(stageOf(place, `rule-${rule.rule}-${index}`, root)),
  );
});
