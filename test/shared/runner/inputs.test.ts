import { describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { ConfigurationError, type Problem } from '../../../shared/config/problem.js';
import { readContext, runUrl } from '../../../shared/runner/context.js';
import { document } from '../../../shared/runner/document-field.js';
import { duration, flag, integer, lines } from '../../../shared/config/fields.js';
import { digestInput, environmentInput, githubToken } from '../../../shared/runner/fields.js';
import { inputVariable, readInputs, secretInputs } from '../../../shared/runner/read-inputs.js';

const schema = z.strictObject({
  mode: z.enum(['watch', 'check']).default('watch'),
  timeout: duration().prefault('5m'),
  count: integer(1, 10).optional(),
  'dry-run': flag().prefault('false'),
  hosts: lines().prefault(''),
  plan: document(z.strictObject({ steps: z.array(z.int()) }), 'plan').optional(),
  service: z.string(),
  'github-token': githubToken(),
});

const envOf = (values: Record<string, string>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [inputVariable(name), value]));

function problemsOf(read: () => unknown): readonly Problem[] {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
}

const wrong = (values: Record<string, string>) =>
  problemsOf(() => readInputs(schema, envOf({ service: 'shop', ...values })));

describe('inputs that are right', () => {
  it('are read in their kinds', () => {
    const values = {
      mode: 'check',
      timeout: '1h30m',
      count: '10',
      'dry-run': 'TRUE',
      hosts: 'a\r\n\n  b  \n',
      plan: 'steps: [1, 2]',
      service: '  shop\n',
      'github-token': 'ghs_1',
    };
    expect(readInputs(schema, envOf(values))).toEqual({
      ...values,
      timeout: 5_400_000,
      count: 10,
      'dry-run': true,
      hosts: ['a', 'b'],
      plan: { steps: [1, 2] },
      service: 'shop',
    });
  });

  it('have their defaults when they are absent, empty or blank', () => {
    const defaults = { mode: 'watch', timeout: 300_000, 'dry-run': false, hosts: [], service: 'shop' };
    expect(readInputs(schema, envOf({ service: 'shop' }))).toEqual(defaults);
    expect(
      readInputs(schema, envOf({ service: 'shop', mode: '', timeout: '  ', count: '', 'dry-run': '\n' })),
    ).toEqual(defaults);
  });

  it('come in variables with hyphens, as the runner names them', () => {
    expect(inputVariable('dry-run')).toBe('INPUT_DRY-RUN');
    expect(inputVariable('two words')).toBe('INPUT_TWO_WORDS');
  });
});

describe('an input that a person can put right from the message alone', () => {
  const release = z.strictObject({
    environment: environmentInput(),
    mode: z.enum(['reserve', 'switch']),
    digest: digestInput().optional(),
  });
  const hex = 'ab'.repeat(32);

  it('is shown as it is written when it is missing', () => {
    const problems = problemsOf(() => readInputs(release, {}));
    expect(problems.map(({ message, fix }) => [message, fix])).toEqual([
      ['Input "environment" is missing.', 'under "with:" add  environment: production'],
      ['Input "mode" is missing.', 'under "with:" add  mode: reserve'],
    ]);
  });

  it.each([
    `ghcr.io/acme/shop@sha256:${hex}`,
    `ghcr.io/acme/shop:1.4@sha256:${hex}`,
    hex,
    `SHA256:${hex.toUpperCase()}`,
  ])('is a digest that was meant by %s', (digest) => {
    const given = { environment: 'staging', mode: 'switch', digest };
    const [problem] = problemsOf(() => readInputs(release, envOf(given)));
    expect(problem?.fix).toBe(`under "with:" write  digest: sha256:${hex}`);
  });

  it.each(['latest', `sha512:${hex}`, hex.slice(1)])('is no digest to guess at: %s', (digest) => {
    const given = { environment: 'staging', mode: 'switch', digest };
    const [problem] = problemsOf(() => readInputs(release, envOf(given)));
    expect(problem?.fix).toContain('change "digest" to a digest such as');
  });
});

describe('an input that is wrong', () => {
  it.each([
    ['timeout', '5', 'a duration such as'],
    ['timeout', '5 minutes', 'a duration such as'],
    ['timeout', '-5m', 'a duration such as'],
    ['timeout', `${'9'.repeat(400)}d`, 'a duration such as'],
    ['count', '0', 'a whole number from 1 to 10'],
    ['count', '11', 'a whole number from 1 to 10'],
    ['count', '1.5', 'a whole number from 1 to 10'],
    ['count', '1e1', 'a whole number from 1 to 10'],
    ['count', '0x5', 'a whole number from 1 to 10'],
    ['dry-run', 'yes', 'true or false'],
    ['dry-run', '1', 'true or false'],
    ['mode', 'wtach', 'watch, check'],
    ['plan', 'steps: [one]', 'steps.0 (line 1): allowed a number'],
    ['plan', 'setps: [1]', 'setps (line 1): got unknown key "setps", allowed steps'],
  ])('%s: %j is refused with what is allowed', (name, value, allowed) => {
    const [problem, ...others] = wrong({ [name]: value });
    expect(others).toEqual([]);
    expect(problem?.path).toBe(name);
    expect(problem?.allowed).toContain(allowed);
    expect(problem?.fix).toContain('under "with:"');
  });

  it('is told together with all others, the missing and the unknown included', () => {
    const problems = problemsOf(() =>
      readInputs(
        schema,
        envOf({ timeout: 'soon', count: 'many', 'dry-run': 'maybe', sevrice: 'shop', servcie: '' }),
      ),
    );
    expect(problems.map(({ path }) => path).sort()).toEqual([
      'count',
      'dry-run',
      'servcie',
      'service',
      'sevrice',
      'timeout',
    ]);
    expect(problems.find(({ path }) => path === 'sevrice')?.fix).toBe('rename it to "service" under "with:"');
    expect(problems.find(({ path }) => path === 'service')?.got).toBe('nothing');
  });

  it('is not repeated when it is a secret, nor what a document in it says', () => {
    const secret = z.strictObject({
      key: z.string().regex(/^k/, 'a key that starts with k').meta({ secret: true }),
      vault: document(z.strictObject({ port: z.int() }), 'vault').meta({ secret: true }),
    });
    const problems = problemsOf(() => readInputs(secret, envOf({ key: 'hunter2', vault: 'port: hunter3' })));
    expect(problems).toHaveLength(2);
    expect(JSON.stringify(problems)).not.toMatch(/hunter/);
    expect(problems.map(({ got }) => got)).toEqual(['a secret value', 'a secret value']);
  });
});

describe('secret inputs', () => {
  it('are those marked so, when given', () => {
    const env = envOf({ service: 'shop', 'github-token': ' ghs_1 ' });
    expect(secretInputs(schema, env)).toEqual(['ghs_1']);
    expect(secretInputs(schema, envOf({ service: 'shop', 'github-token': '' }))).toEqual([]);
  });

  it('are found when the mark stands before optional or a default', () => {
    const marked = z.strictObject({
      a: z.string().meta({ secret: true }).optional(),
      b: z.string().meta({ secret: true }).default('x').describe('B.'),
      c: z.string().meta({ secret: true }).prefault('x').describe('C.'),
    });
    expect(secretInputs(marked, envOf({ a: 'one', b: 'two', c: 'three' }))).toEqual(['one', 'two', 'three']);
  });
});

describe('the context', () => {
  const env = {
    GITHUB_REPOSITORY: 'acme/shop',
    GITHUB_SHA: 'a'.repeat(40),
    GITHUB_RUN_ID: '42',
    GITHUB_RUN_ATTEMPT: '2',
    GITHUB_WORKSPACE: '/w',
    RUNNER_TEMP: '/t',
    GITHUB_ACTOR: 'ana',
  };

  it('is read from what GitHub sets, for its own server unless another is named', () => {
    const context = readContext(env);
    expect(context).toMatchObject({
      owner: 'acme',
      repository: 'shop',
      runId: 42,
      attempt: 2,
      triggeringActor: 'ana',
    });
    expect(runUrl(context)).toBe('https://github.com/acme/shop/actions/runs/42/attempts/2');
    expect(readContext({ ...env, GITHUB_API_URL: 'https://ghes.example/api/v3' }).apiUrl).toBe(
      'https://ghes.example/api/v3',
    );
  });

  it('lists all variables that are missing or malformed in one error', () => {
    const problems = problemsOf(() =>
      readContext({ ...env, GITHUB_SHA: '', GITHUB_RUN_ID: '4x', RUNNER_TEMP: undefined }),
    );
    expect(problems.map(({ path }) => path)).toEqual(['GITHUB_SHA', 'GITHUB_RUN_ID', 'RUNNER_TEMP']);
  });

  it.each(['shop', 'acme/', '/shop', 'acme/shop/more'])('knows that %s is no repository', (name) => {
    expect(
      problemsOf(() => readContext({ ...env, GITHUB_REPOSITORY: name })).map(({ path }) => path),
    ).toEqual(['GITHUB_REPOSITORY']);
  });
});
