import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EvidenceValue } from '../../../../actions/gate-check/evidence/registry.js';
import { askOpa } from '../../../../shared/exec/opa.js';
import { judge, known } from '../facts.js';

type Answer = EvidenceValue<'rego'>[number];

const policy = 'rego: [{ name: small release, file: .github/release.rego }]';
const ask = (...answers: Answer[]) => judge(policy, { rego: known(answers) }).gates[0]!;
const name = 'small release';

describe('rego', () => {
  it('passes while every rule is true', () => {
    expect(ask({ name, is: 'held', value: true })).toMatchObject({ result: 'pass', reason: name });
  });

  it('fails where a rule is false, with its reasons, cannot be evaluated, or was not asked', () => {
    expect(ask({ name, is: 'held', value: false, reasons: ['2 files', 'infra/'] })).toMatchObject({
      result: 'fail',
      reason: 'small release: does not hold: 2 files; infra/',
    });
    expect(ask({ name, is: 'error', reason: 'undefined ref' }).reason).toContain('undefined ref');
    expect(ask()).toMatchObject({ result: 'fail' });
    expect(ask({ name: 'another', is: 'held', value: true })).toMatchObject({ result: 'fail' });
    expect(judge(policy, {}).result).toBe('fail');
  });

  it.each([
    ['a file outside the repository', '[{ name: x, file: ../x.rego }]'],
    ['a file of another kind', '[{ name: x, file: x.txt }]'],
    ['a query that is no name of a rule', '[{ name: x, file: x.rego, allow: "true" }]'],
    ['the same name twice', '[{ name: x, file: x.rego }, { name: x, file: y.rego }]'],
  ])('refuses a policy with %s', (_, rules) => {
    expect(() => judge(`rego: ${rules}`, {})).toThrow();
  });
});

/** The evaluator itself is tried by test/real/gate; here what comes of one that does not answer. */
describe('a program opa', () => {
  const path = process.env['PATH'];
  const folder = mkdtempSync(join(tmpdir(), 'no-opa-'));
  beforeAll(() => {
    process.env['PATH'] = `${folder}:/usr/bin:/bin`;
  });
  afterAll(() => {
    process.env['PATH'] = path;
    rmSync(folder, { recursive: true });
  });
  const question = { module: '', queries: ['data.release.allow'], input: {}, schema: {} };
  const saying = (script: string) => {
    writeFileSync(join(folder, 'opa'), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, 'opa'), 0o755);
    return askOpa(question, new AbortController().signal);
  };

  it('that is not there tells nothing, and the error names the step to add', async () => {
    const answer = await askOpa(question, new AbortController().signal);
    expect(answer).toMatchObject({ ok: false, why: expect.stringContaining('setup-opa') });
  });

  it.each([
    ['that fails', 'echo broken >&2; exit 3', 'broken'],
    ['that prints no JSON', 'echo yes', 'no answer'],
    ['that says nothing', 'exit 0', 'no answer'],
    ['whose capabilities are unknown', `echo '{}'`, 'capabilities'],
    [
      'that names an error',
      `echo '{"errors":[{"message":"bad","location":{"row":4}}]}'; exit 2`,
      'line 4: bad',
    ],
  ])('%s tells nothing, and why', async (_, script, why) => {
    expect(await saying(script)).toMatchObject({ ok: false, why: expect.stringContaining(why) });
  });

  it('gets no variable of the step but those of every program, and no network among its capabilities', async () => {
    process.env['GITHUB_TOKEN_OF_TEST'] = 'secret';
    const answer = await saying(`
      if [ "$1" = capabilities ]; then
        echo '{"builtins":[{"name":"http.send"},{"name":"count"},{"name":"new.thing","nondeterministic":true}],"allow_net":["x"]}'
      else
        printf '{"result":[{"expressions":[{"value":{"net":%s,"token":"%s"}}]}]}' "$(cat capabilities.json)" "$GITHUB_TOKEN_OF_TEST"
      fi`);
    delete process.env['GITHUB_TOKEN_OF_TEST'];
    expect(answer).toEqual({
      ok: true,
      values: [{ net: { builtins: [{ name: 'count' }], allow_net: [] }, token: '' }],
    });
  });
});
