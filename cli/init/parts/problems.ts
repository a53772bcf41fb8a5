import { isMap } from 'yaml';
import { read } from '../../../scripts/inline/nodes.js';
import { suggest } from '../../../shared/text/suggest.js';
import { allStages, type Answers } from '../answers.js';
import { recoveryOf } from '../protection/github-steps.js';
import type { Templates } from '../workflow.js';
import { extraEnvironments } from './github.js';
import { parts } from './parts.js';
import { readSetting, settingPlaces } from './values.js';

/** What the answers lack for the parts that were asked for, and settings that no workflow has; a sentence each. */
export function partProblems(
  answers: Answers,
  { workflows, readCalled }: Pick<Templates, 'workflows' | 'readCalled'>,
  written: readonly string[],
): string[] {
  const lacking = answers.parts.flatMap((name) => {
    const lacks = parts[name].lacks?.(answers);
    return lacks === undefined ? [] : [`--with ${name} needs ${lacks}.`];
  });
  const settings = answers.settings.flatMap((text) => {
    const setting = readSetting(text);
    if (!setting) return [`--set ${text}: expected WORKFLOW.INPUT=VALUE, such as hotfix.target-minutes=30.`];
    const { name, key } = setting;
    if (!written.includes(name))
      return [unknown(`--set ${text}`, name, written, 'a workflow that is written')];
    const keys = keysOf(workflows[name]!, readCalled);
    return keys.includes(key) ? [] : [unknown(`--set ${text}`, key, keys, `an input of ${name}`)];
  });
  return [...lacking, ...settings];
}

/** Environments that two answers would share, with their gates and secrets; a sentence each. */
export function sameNames(answers: Answers): string[] {
  const names = [
    ...allStages(answers).flatMap((stage) => [stage.environment, recoveryOf(stage)]),
    ...extraEnvironments(answers).map(({ name }) => name),
  ];
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  return [...new Set(twice)].map(
    (name) =>
      `Two things would use the environment ${name}, its gates and its secrets. Change a name in --service or --environments.`,
  );
}

function unknown(option: string, got: string, allowed: readonly string[], what: string): string {
  const near = suggest(got, allowed);
  return `${option}: ${got} is not ${what}: ${allowed.join(', ')}.${near === undefined ? '' : ` Did you mean ${near}?`}`;
}

/** What may be set in a template: inputs of what it calls, or its own variables where it is copied whole. */
function keysOf(template: string, readCalled: (path: string) => string): string[] {
  return settingPlaces(read(template)).flatMap(({ is, map }) => {
    if (is === 'env') return map.items.map(({ key }) => String(key));
    const path = /\/(\.github\/workflows\/[^@]+)@/.exec(String(map.get('uses')))?.[1];
    const inputs = path && read(readCalled(path)).getIn(['on', 'workflow_call', 'inputs']);
    return isMap(inputs) ? inputs.items.map(({ key }) => String(key)) : [];
  });
}

/** Settings of before with those of now: the last of each counts, and one without a value is taken back. */
export function mergeSettings(before: readonly string[], now: readonly string[]): string[] {
  const nameOf = (text: string) => text.split('=')[0]!;
  const last = [...before, ...now].filter(
    (text, index, all) => all.findLastIndex((other) => nameOf(other) === nameOf(text)) === index,
  );
  return last.filter((text) => text.includes('=') || readSetting(text) === undefined).sort();
}
