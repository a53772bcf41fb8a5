import { escapeHtml } from '../../shared/report/markdown.js';
import type { LevelRead } from './judge.js';
import type { TestCase } from './read/junit.js';

/** All levels as one JUnit report, a suite for each; a level of which nothing is known has an error, so that it shows. */
export function mergedJunit(levels: readonly LevelRead[]): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    ...levels.flatMap(({ name, cases, blind }) => {
      const count = (result: TestCase['result']) => cases.filter((each) => each.result === result).length;
      const facts = {
        name,
        tests: cases.length + blind.length,
        failures: count('failed'),
        errors: blind.length,
        skipped: count('skipped'),
      };
      return [
        `  <testsuite${attributes(facts)}>`,
        ...cases.map(caseOf),
        ...blind.map(
          (why) =>
            `    <testcase${attributes({ name: `${name} ran` })}><error${attributes({ message: why })}/></testcase>`,
        ),
        '  </testsuite>',
      ];
    }),
    '</testsuites>',
    '',
  ].join('\n');
}

function caseOf({ name, result, seconds, message, file }: TestCase): string {
  const open = `    <testcase${attributes({ name, time: seconds, ...(file === undefined ? {} : { file }) })}`;
  if (result === 'passed') return `${open}/>`;
  return `${open}><${result === 'failed' ? 'failure' : 'skipped'}${attributes({ message })}/></testcase>`;
}

const attributes = (facts: Record<string, string | number>): string =>
  Object.entries(facts)
    .map(([name, value]) => ` ${name}="${escapeHtml(String(value).replace(/[\u0000-\u001F]/g, ' '))}"`)
    .join('');
