import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { jobsOf, openFixture, type Fixture } from '../fixture.js';

let fixture: Fixture;
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(() => fixture.close());

const callee = (inputs: string) => `
on:
  workflow_call:
    inputs:
${inputs
  .trim()
  .split('\n')
  .map((line) => `      ${line}`)
  .join('\n')}
jobs:
  show: { runs-on: x, steps: [{ run: 'echo "$ALL"', env: { ALL: "\${{ toJSON(inputs) }}" } }] }`;
const commit = (inputs: string) => fixture.commit({ '.github/workflows/callee.yml': callee(inputs) });
const caller = (given: string) =>
  jobsOf(`call: { uses: ./.github/workflows/callee.yml, with: { ${given} } }`);

/** The `inputs` context of the called job, from its log. */
const inputsOf = ({ jobs }: Awaited<ReturnType<Fixture['run']>>): unknown => {
  const log = jobs['call.show']?.steps[0]?.log ?? '';
  return JSON.parse(log.slice(log.indexOf('{'), log.lastIndexOf('}') + 1));
};

const flag = 'flag: { type: boolean }';
const count = 'count: { type: number }';
const text = 'text: { type: string }';

describe('an input of a called workflow', () => {
  it.each([
    [flag, 'flag: true', { flag: true }],
    [flag, 'flag: "${{ github.ref == \'refs/heads/main\' }}"', { flag: true }],
    [flag, 'flag: "${{ fromJSON(\'false\') }}"', { flag: false }],
    [count, 'count: 1.5', { count: 1.5 }],
    [count, 'count: "${{ fromJSON(\'3\') }}"', { count: 3 }],
    [text, 'text: true', { text: 'true' }],
    [text, 'text: 7', { text: '7' }],
    [text, 'text: "${{ github.event.nothing }}"', { text: '' }],
    [text, 'text: "${{ true }}"', { text: 'true' }],
    ['Text: { type: string }', 'TEXT: hello', { Text: 'hello' }],
  ])('%s takes %s', async (declared, given, inputs) => {
    commit(declared);
    expect(inputsOf(await fixture.run(caller(given)))).toEqual(inputs);
  });

  it('not given has its default, or what is nothing for its type', async () => {
    commit(`
a: { type: string, default: "on \${{ github.ref_name }}" }
b: { type: boolean, default: true }
c: { type: number, default: 5 }
d: { type: string }
e: { type: boolean }
f: { type: number }`);
    expect(inputsOf(await fixture.run(caller('')))).toEqual({
      a: 'on main',
      b: true,
      c: 5,
      d: '',
      e: false,
      f: 0,
    });
  });

  it('keeps the boolean of a dispatch', async () => {
    commit(flag);
    const dispatch = `on: { workflow_dispatch: { inputs: { loud: { type: boolean } } } }\njobs:\n`;
    const job = `  call: { uses: ./.github/workflows/callee.yml, with: { flag: "\${{ inputs.loud }}" } }`;
    const report = await fixture.run(dispatch + job, {
      event: { name: 'workflow_dispatch', inputs: { loud: 'true' } },
    });
    expect(inputsOf(report)).toEqual({ flag: true });
  });

  it.each([
    [flag, "flag: 'true'", "with.flag: Unexpected type of value 'true', expected type: Boolean"],
    [flag, 'flag: 1', "with.flag: Unexpected type of value '1', expected type: Boolean"],
    [flag, 'flag: ', "with.flag: Unexpected type of value '', expected type: Boolean"],
    [count, "count: '3'", "with.count: Unexpected type of value '3', expected type: Number"],
    [count, 'count: true', "with.count: Unexpected type of value 'true', expected type: Number"],
    [text, 'txt: a', 'Invalid input, txt is not defined in the referenced workflow'],
    ['text: { type: string, required: true }', '', 'Input text is required, but not provided while calling'],
    ["flag: { type: boolean, default: 'true' }", '', "flag.default: 'true' is not a boolean"],
    ['flag: { default: true }', '', 'type must be string, boolean or number'],
    ['flag: { type: choice }', '', 'type must be string, boolean or number'],
  ])('%s is refused %s with the line, before anything runs', async (declared, given, message) => {
    commit(declared);
    await expect(fixture.run(caller(given))).rejects.toThrow(
      expect.objectContaining({
        problems: [expect.stringMatching(/^\.github\/workflows\/cd\.yml:3: /)],
        message: expect.stringContaining(message),
      }),
    );
    expect(fixture.control.calls).toEqual([]);
  });

  it.each([
    [flag, 'flag', 'true', 'Boolean'],
    [flag, 'flag', '', 'Boolean'],
    [count, 'count', '3', 'Number'],
  ])(
    '%s does not take the output of a job, which is a text: %s = "%s"',
    async (declared, name, value, type) => {
      commit(declared);
      const report = await fixture.run(
        jobsOf(`
first: { runs-on: x, outputs: { value: "${value}" }, steps: [{ run: echo }] }
call:
  name: Call
  needs: first
  uses: ./.github/workflows/callee.yml
  with: { ${name}: "\${{ needs.first.outputs.value }}" }
after: { needs: call, runs-on: x, steps: [{ run: echo }] }`),
      );
      expect(report.conclusion).toBe('failure');
      expect(report.jobs['call']).toMatchObject({
        conclusion: 'failure',
        annotations: [
          {
            message: expect.stringContaining(`Unexpected type of value '${value}', expected type: ${type}`),
          },
        ],
      });
      expect(report.jobs['after']?.result).toBe('skipped');
      expect(fixture.control.history('call')).toEqual(['completed/failure']);
    },
  );
});
