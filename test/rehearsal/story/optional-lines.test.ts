import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { withOptionalLines } from '../../../rehearsal/story/optional-lines.js';

describe('the optional lines of a template', () => {
  it('are the comments right below "# Optional: …", with the indent they have', () => {
    const template = [
      'with:',
      '  a: 1 # stays',
      '  # Optional: for some teams.',
      '  # b: |',
      '  #   deeper',
      '  c: 3',
      '  # an ordinary comment',
      '',
    ];
    expect(withOptionalLines(template.join('\n')).split('\n')).toEqual([
      ...template.slice(0, 3),
      '  b: |',
      '    deeper',
      ...template.slice(5),
    ]);
  });

  it('must be there: a template without them was changed', () => {
    expect(() => withOptionalLines('a: 1\n# a comment\n')).toThrow('no line below a comment "# Optional: …"');
  });
});

describe('cd.yml', () => {
  interface Cd {
    jobs: Record<
      string,
      {
        environment?: { name: string };
        outputs?: Record<string, string>;
        steps: { id?: string; with?: Record<string, unknown> }[];
      }
    >;
  }
  const text = readFileSync(new URL('../../../workflows-templates/cd.yml', import.meta.url), 'utf8');
  const plain = parse(text) as Cd;
  const whole = parse(withOptionalLines(text)) as Cd;
  const smoke = (cd: Cd, job: string) => cd.jobs[job]?.steps.find(({ id }) => id === 'smoke')?.with;

  it('needs no secret of a team without a database', () => {
    expect(JSON.stringify(plain)).not.toContain('secrets.');
    expect(Object.keys(smoke(plain, 'production') ?? {})).toEqual(['suite', 'base-url', 'expect-version']);
  });

  it.each(['staging', 'production'])('hands the secrets of the environment to the suite of %s', (job) => {
    expect(whole.jobs[job]?.environment?.name).toBe(job);
    expect(smoke(whole, job)).toEqual({
      ...smoke(plain, job),
      variables: 'schema=${{ needs.build.outputs.schema }}',
      secrets: 'DATABASE_URL=${{ secrets.DATABASE_URL }}\nPASSWORD=${{ secrets.SMOKE_PASSWORD }}\n',
    });
    expect(whole.jobs['build']?.outputs?.['schema']).toBe('${{ steps.build.outputs.schema }}');
  });

  it('gives them to nothing else', () => {
    for (const job of Object.values(whole.jobs)) {
      const others = job.steps.filter(({ id }) => id !== 'smoke');
      expect(JSON.stringify({ ...job, steps: others })).not.toContain('secrets.');
    }
  });
});
