import { describe, expect, it } from '@jest/globals';
import { readPairs } from '../../../rehearsal/runner/run/step/file-commands.js';
import { Masker } from '../../../rehearsal/runner/run/job/masker.js';
import { StepOutput } from '../../../rehearsal/runner/run/step/step-output.js';
import { parseCommand } from '../../../rehearsal/runner/run/step/workflow-commands.js';

function outputOf(lines: string[], masker = new Masker(), debug = false) {
  const outputs: Record<string, string> = {};
  const state: Record<string, string> = {};
  const output = new StepOutput({
    masker,
    workspace: '/w/shop',
    setOutput: (name, value) => (outputs[name] = value),
    saveState: (name, value) => (state[name] = value),
    onLine: () => undefined,
    onAnnotation: () => undefined,
    debug,
  });
  lines.forEach((line) => output.line(line));
  return { log: output.log, annotations: output.annotations, failed: output.failed, outputs, state };
}

describe('pairs of a file command', () => {
  it.each([
    [
      'A=1\nB=2\n',
      [
        ['A', '1'],
        ['B', '2'],
      ],
    ],
    ['A=1=2<<X\n', [['A', '1=2<<X']]],
    ['A<<E=F\nx\nE=F\n', [['A', 'x']]],
    [
      'A<<E\nx\n\ny=1\nE\nB=2',
      [
        ['A', 'x\n\ny=1'],
        ['B', '2'],
      ],
    ],
    ['A<<E\nE\n', [['A', '']]],
    ['\n\nA=\n', [['A', '']]],
    ['A=keeps\r\n', [['A', 'keeps\r']]],
    ['', []],
  ])('of %j are %j', (text, pairs) => {
    expect([...readPairs(text)]).toEqual(pairs);
  });

  it.each([
    ['word\n', "Invalid format 'word'"],
    ['<<E\nE\n', "Invalid format '<<E'. Name must not be empty and delimiter must not be empty"],
    ['A<<\n\n', "Invalid format 'A<<'. Name must not be empty and delimiter must not be empty"],
    ['A<<E\nx\n', "Invalid value. Matching delimiter not found 'E'"],
    ['A<<E\nx', 'Invalid value. EOF marker missing new line.'],
  ])('cannot be read from %j: %s', (text, message) => {
    expect(() => [...readPairs(text)]).toThrow(message);
  });
});

describe('workflow commands', () => {
  const known = (name: string) => ['error', 'set-output'].includes(name);

  it('start a line, after spaces at most, with escaped properties and data', () => {
    expect(parseCommand('  ::error file=a%2Cb.js,line=3,title=x%3Ay::100%25%0Asure', known)).toEqual({
      name: 'error',
      properties: { file: 'a,b.js', line: '3', title: 'x:y' },
      data: '100%\nsure',
    });
    expect(parseCommand('see ::error::no', known)).toBeUndefined();
  });

  it('in their old form stand anywhere in a line', () => {
    expect(parseCommand('text ##[set-output name=a;]b%5D', known)).toEqual({
      name: 'set-output',
      properties: { name: 'a' },
      data: 'b]',
    });
  });

  it('with an unknown name are ordinary text', () => {
    expect(parseCommand('::verbose::x', known)).toBeUndefined();
    expect(outputOf(['::verbose::x']).log).toEqual(['::verbose::x']);
  });
});

describe('output of a step', () => {
  it('becomes annotations with places, files relative to the workspace', () => {
    const { annotations, log } = outputOf([
      '::error file=/w/shop/src/a.ts,line=3,col=4,endLine=5,endColumn=6,title=Bad::it broke',
      '::warning file=/etc/passwd::elsewhere',
      '::NOTICE::case does not matter',
    ]);
    expect(annotations).toEqual([
      {
        level: 'error',
        message: 'it broke',
        title: 'Bad',
        file: 'src/a.ts',
        line: 3,
        column: 4,
        endLine: 5,
        endColumn: 6,
      },
      { level: 'warning', message: 'elsewhere', file: '/etc/passwd' },
      { level: 'notice', message: 'case does not matter' },
    ]);
    expect(log).toEqual(['##[error]it broke', '##[warning]elsewhere', '##[notice]case does not matter']);
  });

  it('keeps ten annotations of each type and 4096 characters of each, and all lines', () => {
    const errors = Array.from({ length: 12 }, (_, index) => `::error::e${index}`);
    const { annotations, log } = outputOf([...errors, '::warning::w', `::notice::${'n'.repeat(5000)}`]);
    expect(annotations.filter(({ level }) => level === 'error')).toHaveLength(10);
    expect(annotations.map(({ level }) => level).slice(10)).toEqual(['warning', 'notice']);
    expect(annotations.at(-1)?.message).toHaveLength(4096);
    expect(log).toHaveLength(14);
  });

  it('obeys no command between stop-commands and its token', () => {
    const { log, annotations, outputs } = outputOf([
      '::stop-commands::secret-end',
      '::error::not now',
      '::set-output name=a::b',
      '::SECRET-END::',
      '::error::now',
    ]);
    expect(annotations.map(({ message }) => message)).toEqual(['now']);
    expect(outputs).toEqual({});
    expect(log).toEqual([
      '::stop-commands::***',
      '::error::not now',
      '::set-output name=a::b',
      '::SECRET-END::',
      '##[error]now',
    ]);
  });

  it.each(['', 'error', 'pause-logging'])('refuses %j as the token that ends stop-commands', (token) => {
    const { failed, annotations } = outputOf([`::stop-commands::${token}`, '::warning::still obeyed']);
    expect(failed).toBe(true);
    expect(annotations.at(-1)?.message).toBe('still obeyed');
  });

  it('still sets outputs and state the old way, with a warning', () => {
    const { outputs, state, annotations } = outputOf([
      '::set-output name=colour::green',
      '::save-state name=lock::held',
    ]);
    expect(outputs).toEqual({ colour: 'green' });
    expect(state).toEqual({ lock: 'held' });
    expect(annotations.map(({ level }) => level)).toEqual(['warning', 'warning']);
  });

  it.each(['set-env name=A', 'add-path'])('fails the step on the disabled ::%s::', (command) => {
    const { failed, annotations } = outputOf([`::${command}::x`]);
    expect(failed).toBe(true);
    expect(annotations[1]?.message).toContain('is disabled');
  });

  it('shows debug lines only when debugging, and groups always', () => {
    const lines = ['::group::Plan', '::debug::deep', '::endgroup::'];
    expect(outputOf(lines).log).toEqual(['##[group]Plan', '##[endgroup]']);
    expect(outputOf(lines, new Masker(), true).log).toEqual([
      '##[group]Plan',
      '##[debug]deep',
      '##[endgroup]',
    ]);
  });

  it('echoes commands only after echo on, and never add-mask', () => {
    const { log } = outputOf([
      '::save-state name=a::1',
      '::echo::on',
      '::save-state name=b::2',
      '::add-mask::hidden',
      'hidden',
    ]);
    expect(log.filter((line) => line.startsWith('::'))).toEqual(['::save-state name=b::2']);
    expect(log.at(-1)).toBe('***');
  });
});

describe('masking', () => {
  const mask = (value: string, text: string) => {
    const masker = new Masker();
    masker.add(value);
    return masker.mask(text);
  };

  it('hides a secret, each of its lines, and its base64, JSON and URL forms', () => {
    const secret = 'pa"ss &word\nsecond-line';
    expect(mask(secret, 'a pa"ss &word b second-line c')).toBe('a *** b *** c');
    expect(mask('pa"ss &word', JSON.stringify({ p: 'pa"ss &word' }))).toBe('{"p":"***"}');
    expect(mask('pa"ss &word', `?p=${encodeURIComponent('pa"ss &word')}&x`)).toBe('?p=***&x');
  });

  it.each(['', 'u:', 'ab:', 'abc:', 'abcd:'])(
    'hides a secret in base64 wherever it stands in it (after %j)',
    (before) => {
      const secret = 'correct horse battery';
      const text = mask(secret, Buffer.from(`${before}${secret}@host`).toString('base64'));
      expect(text).toContain('***');
      const around = Math.ceil(((before.length + '@host'.length) * 4) / 3);
      expect(text.replace('***', '').length).toBeLessThanOrEqual(around + 6);
    },
  );

  it('covers overlapping secrets as one and ignores empty ones', () => {
    const masker = new Masker();
    ['abcd', 'cdef', '', '  '].forEach((value) => masker.add(value));
    expect(masker.mask('x abcdef y')).toBe('x *** y');
  });
});
