import { describe, expect, it } from '@jest/globals';
import { render } from '../../../../../actions/gate-check/render.js';
import { isoInstant } from '../../../../../shared/time/instant.js';
import { checksSeen, job, judge, now, policyOf, posted, request, run } from '../../facts.js';

const reason = (required: string, ...seen: Parameters<typeof checksSeen>) =>
  judge(`checks: { required: [${required}] }`, checksSeen(...seen)).gates[0]!.reason;

describe('a required check that was not found', () => {
  it('names the workflows that ran on the commit, and the near one with the line to write', () => {
    const ran = (workflow: string, id: number) =>
      posted({ id, name: `job ${id}`, run: { id, workflow, event: 'push' } });
    const said = reason('{ name: test, workflow: .github/workflows/ci.yaml }', {
      posted: [ran('.github/workflows/ci.yml', 1), ran('.github/workflows/docs.yml', 2)],
    });
    expect(said).toContain('there ran ".github/workflows/ci.yml", ".github/workflows/docs.yml"');
    expect(said).toContain('Did you mean ".github/workflows/ci.yml"?');
    expect(said).toContain('Fix: in the policy write  workflow: .github/workflows/ci.yml');
  });

  it('says for which events the workflow ran', () => {
    const own = posted({ run: { id: 7, workflow: '.github/workflows/ci.yml', event: 'workflow_dispatch' } });
    expect(reason('{ name: test, workflow: .github/workflows/ci.yml }', { posted: [own] })).toContain(
      'it ran there for workflow_dispatch',
    );
  });

  it('says nothing of the run that asks', () => {
    const own = posted({ run: { id: 500, workflow: '.github/workflows/cd.yml', event: 'push' } });
    expect(reason('{ name: test, workflow: .github/workflows/ci.yml }', { posted: [own] })).not.toContain(
      'cd.yml',
    );
  });

  it('names the near check of that App, or the Apps there are with their ids', () => {
    const scanner = posted({ name: 'security/scans', app: { id: 12345, slug: 'scanner' }, run: null });
    expect(reason('{ name: security/scan, app: 12345 }', { posted: [scanner] })).toContain(
      'that App posted "security/scans". Did you mean "security/scans"? Fix: in the policy write  name: security/scans',
    );
    expect(reason('{ name: security/scan, app: 999 }', { posted: [scanner, posted()] })).toContain(
      'checks were posted by "scanner" (App 12345)',
    );
  });

  it('names the near status', () => {
    const status = { context: 'ci/legcay', state: 'success', creator: { login: 'ana', bot: false }, url: '' };
    expect(reason('{ status: ci/legacy, creator: ana }', { statuses: [status] })).toContain(
      'there is "ci/legcay". Did you mean "ci/legcay"? Fix: in the policy write  status: ci/legcay',
    );
  });

  it('names the near job of a called workflow, quoted for YAML where that needs it', () => {
    const of = (name: string) => ({ runs: [run({ jobs: [job({ name })] })] });
    const asked = '{ name: docker, workflow: .github/workflows/ci.yml }';
    expect(reason(asked, of('caller / docker'))).toContain('write  name: caller / docker');
    expect(reason(asked, of('build: [x] / docker'))).toContain('write  name: "build: [x] / docker"');
  });

  it('names the pattern of the jobs of a matrix, also of a called workflow', () => {
    const of = (...names: string[]) => ({
      runs: [run({ jobs: names.map((name, id) => job({ id, name })) })],
    });
    const asked = '{ name: docker, workflow: .github/workflows/ci.yml }';
    expect(reason(asked, of('lint', 'caller / docker (20)'))).toContain('write  name: caller / docker (20)');
    expect(reason(asked, of('outer / inner / docker'))).toContain('write  name: outer / inner / docker');
    expect(reason(asked, of('docker (20, linux)', 'docker (22, linux)'))).toContain(
      'write  name: "docker (*)"',
    );
    expect(reason(asked, of('caller / docker (20)', 'caller / docker (22)'))).toContain(
      'write  name: "caller / docker (*)"',
    );
  });

  it('names ten at most, each cut, on one line', () => {
    const jobs = Array.from({ length: 400 }, (_, id) =>
      job({ id, name: `${String(id).padStart(3, '0')}\n${'x'.repeat(5_000)}` }),
    );
    const said = reason('{ name: docker, workflow: .github/workflows/ci.yml }', { runs: [run({ jobs })] });
    expect(said).toContain('and 390 more');
    expect(said.length).toBeLessThan(1_500);
    expect(said).not.toContain('\n');
  });

  it('lets no name of others out of its cell of the summary', () => {
    const hostile = '</td><img src=x> | **bold** [link](https://evil.example) @acme/all';
    const gates = 'checks: { required: [{ name: docker, workflow: .github/workflows/ci.yml }] }';
    const evidence = checksSeen({ runs: [run({ jobs: [job({ name: hostile })] })] });
    const summary = render({
      schema: 'devops-actions/gate-report@1',
      now: isoInstant(now),
      request,
      policy: policyOf(gates),
      evidence,
      ...judge(gates, evidence),
    });
    expect(summary).not.toContain('<img');
    expect(summary).not.toContain('](https://evil.example)');
    expect(summary).not.toContain(' | **bold**');
  });
});
