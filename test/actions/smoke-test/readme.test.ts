import { expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { suiteSchema } from '../../../actions/smoke-test/suite/schema/schema.js';
import { parseConfig } from '../../../shared/config/parse.js';

test('the suite shown in the README is a valid one', async () => {
  const readme = await readFile(new URL('../../../actions/smoke-test/README.md', import.meta.url), 'utf8');
  const suite = /```yaml\n((?:#.*\n)?version: 1\n[^]*?)```/.exec(readme)?.[1] ?? '';
  expect(parseConfig(suite, 'README.md', suiteSchema)).toMatchObject({
    ok: true,
    value: { flows: [{ name: 'buy' }] },
  });
});
