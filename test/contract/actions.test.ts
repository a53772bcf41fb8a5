import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import type * as z from 'zod';
import { actions, type ActionName } from '../../actions/suite.js';
import type { ActionDefinition } from '../../shared/runner/define-action.js';
import { fieldMeta } from '../../shared/runner/fields.js';

interface Metadata {
  name: string;
  description: string;
  branding: { icon: string; color: string };
  inputs: Record<string, { description: string; required: boolean; default?: string }>;
  outputs: Record<string, { description: string }>;
  runs: { using: string; main: string; post?: string; 'post-if'?: string; pre?: string };
}

/** Rows of the table between two markers, as their first cell and whole text. */
function rowsOf(readme: string, marker: string): Map<string, string> {
  const part =
    readme.split(`<!-- generated:${marker} -->`)[1]?.split(`<!-- /generated:${marker} -->`)[0] ?? '';
  const rows = [...part.matchAll(/^\| *`([^`]+)` *\|(.*)$/gm)];
  return new Map(rows.map(([, name, rest]) => [name!, rest!]));
}

describe.each(Object.keys(actions) as ActionName[])('%s', (name) => {
  const folder = join('actions', name);
  const metadata = parse(readFileSync(join(folder, 'action.yml'), 'utf8')) as Metadata;
  const readme = readFileSync(join(folder, 'README.md'), 'utf8');
  let action: ActionDefinition;
  beforeAll(async () => void (action = (await actions[name]()) as unknown as ActionDefinition));

  const field = (input: string) => action.inputs.shape[input] as z.ZodType;
  const bare = (input: string) => field(input).safeParse(undefined);

  it('is called in its definition as its folder is', () => {
    expect(action.name).toBe(name);
    expect(metadata.name).toBe(`devops-actions: ${action.title}`);
    expect(metadata.description).toBe(action.description);
    expect(metadata.branding).toEqual(action.branding);
  });

  it('has the same inputs and outputs in action.yml, in its schema and in its README', () => {
    expect(Object.keys(metadata.inputs)).toEqual(Object.keys(action.inputs.shape));
    expect(Object.keys(metadata.outputs)).toEqual(Object.keys(action.outputs.shape));
    expect([...rowsOf(readme, 'inputs').keys()]).toEqual(Object.keys(action.inputs.shape));
    expect([...rowsOf(readme, 'outputs').keys()]).toEqual(Object.keys(action.outputs.shape));
  });

  it('requires in action.yml what its schema does not do without', () => {
    for (const [input, { required }] of Object.entries(metadata.inputs))
      expect({ input, required }).toEqual({ input, required: !bare(input).success });
  });

  it('has defaults in action.yml that mean what the schema does without a value', () => {
    for (const [input, { default: written }] of Object.entries(metadata.inputs)) {
      const { expression } = fieldMeta(field(input));
      if (written?.includes('${{')) expect({ input, written }).toEqual({ input, written: expression });
      else if (written === undefined)
        expect({ input, default: bare(input).data ?? '' }).toEqual({ input, default: '' });
      else if (written === '') expect(bare(input).success).toBe(true);
      else expect({ input, value: field(input).parse(written) }).toEqual({ input, value: bare(input).data });
    }
  });

  it('shows its defaults in the README', () => {
    const rows = rowsOf(readme, 'inputs');
    for (const [input, { default: written, required }] of Object.entries(metadata.inputs)) {
      if (required) expect(rows.get(input)).toContain('**required**');
      else if (written)
        expect(rows.get(input)).toContain(`\`${written.replace(/\|/g, '\\|').replace(/\s+/g, ' ')}\``);
    }
  });

  it('describes each input and output in a sentence', () => {
    for (const [key, { description }] of [
      ...Object.entries(metadata.inputs),
      ...Object.entries(metadata.outputs),
    ])
      expect({ key, description }).toEqual({ key, description: expect.stringMatching(/^\S.{9,}[.)]$/s) });
  });

  it('masks every input that sounds like a secret', () => {
    for (const input of Object.keys(action.inputs.shape)) {
      const sounds =
        /(^|-)(token|tokens|secret|secrets|password|passphrase|webhook|credentials?|private-key|api-key)$/.test(
          input,
        );
      if (sounds) expect({ input, secret: fieldMeta(field(input)).secret }).toEqual({ input, secret: true });
    }
  });

  it('has no default for a secret but an expression', () => {
    for (const input of Object.keys(action.inputs.shape)) {
      const { secret } = fieldMeta(field(input));
      const written = metadata.inputs[input]?.default;
      if (secret && written && written !== '{}') expect(written).toMatch(/^\$\{\{ .* \}\}$/);
    }
  });

  it('has the outputs that every action has', () => {
    expect(Object.keys(action.outputs.shape)).toEqual(expect.arrayContaining(['result', 'report']));
  });

  it('runs on node24 from bundles that exist, with a post step that always runs if it has one', () => {
    const { using, main, post, pre } = metadata.runs;
    expect(using).toBe('node24');
    expect(main).toBe(`../../dist/${name}/index.js`);
    expect(existsSync(join(folder, main))).toBe(true);
    expect(pre).toBeUndefined();
    expect(post !== undefined).toBe(action.post !== undefined);
    expect(existsSync(join('dist', name, 'post.js'))).toBe(action.post !== undefined);
    if (post) {
      expect(existsSync(join(folder, post))).toBe(true);
      expect(metadata.runs['post-if']).toBe('always()');
    }
  });
});
