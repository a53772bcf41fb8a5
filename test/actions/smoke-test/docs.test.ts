import { describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { suiteSchema } from '../../../actions/smoke-test/suite/schema/schema.js';
import { parseConfig } from '../../../shared/config/parse.js';
import { suiteOf } from './run-suite.js';

const docs = new URL('../../../docs/', import.meta.url);
const page = readFileSync(new URL('smoke-suite.md', docs), 'utf8');
const blocks = [...page.matchAll(/```yaml\n([^]*?)```/g)].map(([, block]) => block!);
const steps = blocks.filter((block) => block.startsWith('- name:'));

function problems(text: string, file: string): string[] {
  const parsed = parseConfig(text, file, suiteSchema);
  return parsed.ok
    ? []
    : parsed.problems.map(({ line, got, allowed }) => `line ${line}: ${got}, allowed: ${allowed}`);
}

describe('the steps shown in docs/smoke-suite.md are valid', () => {
  test.each(steps.map((block) => [/name: (.*)/.exec(block)![1], block]))('%s', (_, block) => {
    expect(problems(suiteOf(block!), 'smoke-suite.md')).toEqual([]);
  });

  test('every probe is shown', () => {
    const shown = new Set(
      steps.flatMap((block) => [...block.matchAll(/^ {2}(\w+):/gm)].map(([, key]) => key)),
    );
    for (const probe of ['http', 'tcp', 'tls', 'dns', 'sql', 'grpc', 'browser', 'command'])
      expect(shown).toContain(probe);
  });
});

const examples = readdirSync(new URL('examples/', docs)).filter((name) => name.startsWith('smoke-'));
test.each(examples)('the example %s is a valid suite', (name) => {
  expect(problems(readFileSync(new URL(`examples/${name}`, docs), 'utf8'), name)).toEqual([]);
});
