import type { AlterFunctionStmt, CreateFunctionStmt, CreateTrigStmt, RuleStmt } from 'libpg-query';
import { listedName, relationName } from '../sql/names.js';
import { found, lock, type Effect } from './effect.js';
import type { Scene } from './scene.js';

/** CREATE FUNCTION: making one changes nothing, taking the place of one does. */
export function judgeFunction(statement: CreateFunctionStmt, scene: Scene): Effect[] {
  const name = listedName(statement.funcname, scene.schema);
  const made: Effect = { is: 'creates-function', name };
  return statement.replace === true && !scene.isNewFunction(name)
    ? [found('replace-function', `the function ${name} gets another body, if it is there`), made]
    : [made];
}

/** ALTER FUNCTION. */
export const judgeAlterFunction = ({ func }: AlterFunctionStmt, scene: Scene): Effect[] => [
  found('replace-function', `the function ${listedName(func?.objname, scene.schema)} changes`),
];

/** CREATE TRIGGER, RULE and POLICY. */
export function judgeTrigger(
  statement: Pick<CreateTrigStmt, 'relation'> | Pick<RuleStmt, 'relation'> | { table?: RuleStmt['relation'] },
  scene: Scene,
): Effect[] {
  const range =
    'relation' in statement ? statement.relation : (statement as { table?: RuleStmt['relation'] }).table;
  const relation = relationName(range, scene.schema);
  if (scene.isNew(relation)) return [];
  return [
    found('change-trigger', `${relation} gets a trigger, rule or policy, or another one`),
    lock('SHARE ROW EXCLUSIVE', relation),
  ];
}
