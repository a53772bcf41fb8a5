import { describe, expect, it } from '@jest/globals';
import type { EvidenceRecord } from '../../../../actions/gate-check/evidence/ledger/deployments.js';
import { judge, known, ledger, otherSha, record, tree } from '../facts.js';

const soaking = 'promotion: { from: staging, soak: 10m }';

function result(...records: EvidenceRecord[]) {
  const decision = judge(soaking, ledger(...records));
  const gate = decision.gates[0]!;
  return { is: decision.result, reason: gate.reason, notes: gate.notes, opensAt: decision.opensAt };
}

describe('promotion passes', () => {
  it('when the same digest and tree has soaked in the environment before', () => {
    expect(result(record())).toMatchObject({ is: 'pass', notes: [] });
    expect(judge(soaking, ledger(record())).gates[0]!.evidence).toEqual([
      { text: 'Deployment 41', url: 'https://github.example/acme/shop/actions/runs/400/attempts/1' },
    ]);
  });

  it('across a squash: another commit with the same tree', () => {
    expect(result(record({ sha: otherSha, payload: { releasedSha: otherSha, builtSha: otherSha } })).is).toBe(
      'pass',
    );
  });

  it('at the very instant at which the soak is over, counted from the first success', () => {
    expect(result(record({ changes: [['success', 10]] })).is).toBe('pass');
    expect(
      result(
        record({
          changes: [
            ['success', 12],
            ['success', 1],
          ],
        }),
      ).is,
    ).toBe('pass');
  });

  it('when it was superseded after it had soaked', () => {
    expect(
      result(
        record({
          changes: [
            ['success', 60],
            ['inactive', 45],
          ],
        }),
      ).is,
    ).toBe('pass');
  });

  it('when it was deployed again over itself: both times count as one', () => {
    const first = record({
      changes: [
        ['success', 12],
        ['inactive', 5],
      ],
    });
    const second = record({ id: 42, changes: [['success', 6]] });
    expect(result(second, first).is).toBe('pass');
  });

  it('without soak as soon as it succeeded', () => {
    expect(judge('promotion: { from: staging }', ledger(record({ changes: [['success', 0]] }))).result).toBe(
      'pass',
    );
  });

  it('when it was taken back there, and has succeeded and soaked since', () => {
    const bad = record({
      changes: [
        ['success', 100],
        ['failure', 90],
      ],
    });
    const good = record({ id: 42, changes: [['success', 30]] });
    expect(result(good, bad).is).toBe('pass');
  });
});

describe('promotion holds', () => {
  it('while it soaks, until the soak is over', () => {
    expect(result(record({ changes: [['success', 4]] }))).toMatchObject({
      is: 'hold',
      opensAt: '2026-11-22T12:06:00.000Z',
    });
  });

  it('for the new run when the earlier one was cut short', () => {
    const short = record({
      changes: [
        ['success', 60],
        ['inactive', 55],
      ],
    });
    const again = record({ id: 42, changes: [['success', 3]] });
    expect(result(again, short)).toMatchObject({ is: 'hold', opensAt: '2026-11-22T12:07:00.000Z' });
  });
});

describe('promotion fails', () => {
  const digestOther = `sha256:${'9'.repeat(64)}`;
  it.each<[string, EvidenceRecord[]]>([
    ['there is no record at all', []],
    ['only another digest succeeded', [record({ payload: { digest: digestOther } })]],
    ['it is on its way', [record({ changes: [['in_progress', 5]] })]],
    [
      'it failed',
      [
        record({
          changes: [
            ['in_progress', 5],
            ['failure', 4],
          ],
        }),
      ],
    ],
    [
      'it was given up',
      [
        record({
          changes: [
            ['queued', 5],
            ['inactive', 4],
          ],
        }),
      ],
    ],
    ['another service has the digest', [record({ service: 'basket', payload: { service: 'basket' } })]],
    ['it succeeded in some other environment', [record({ environment: 'qa' })]],
    [
      'it was superseded before it had soaked',
      [
        record({
          changes: [
            ['success', 60],
            ['inactive', 55],
          ],
        }),
      ],
    ],
    [
      'it was taken back',
      [
        record({
          changes: [
            ['success', 60],
            ['failure', 30],
          ],
        }),
      ],
    ],
    [
      'it was taken back after it had succeeded a second time',
      [
        record({
          id: 43,
          changes: [
            ['success', 20],
            ['error', 5],
          ],
        }),
        record({
          changes: [
            ['success', 60],
            ['inactive', 20],
          ],
        }),
      ],
    ],
    [
      'its author does not write the ledger',
      [record({ distrust: ['created by mallory, who does not write the ledger'] })],
    ],
    ['its run does not exist', [record({ doubts: ['run 400 does not exist'] })]],
    ['its run was not looked up', [record({ doubts: undefined })]],
  ])('when %s', (_why, records) => {
    expect(result(...records).is).toBe('fail');
  });

  it('when the digest is right and the tree another, and says so', () => {
    const { is, notes } = result(record({ payload: { tree: '9'.repeat(40) } }));
    expect(is).toBe('fail');
    expect(notes[0]).toContain(`that of the released commit is ${tree}`);
  });

  it('when the digest was taken back in the target environment, however well it did before', () => {
    const back = record({
      id: 50,
      environment: 'Production',
      changes: [
        ['success', 40],
        ['failure', 30],
      ],
    });
    const { is, reason } = result(record(), back);
    expect(is).toBe('fail');
    expect(reason).toContain('was taken back in Production at 2026-11-22T11:30:00.000Z (Deployment 50)');
  });

  it('when it was taken back there and the run that did it has been deleted since', () => {
    const back = record({
      id: 50,
      environment: 'production',
      doubts: ['run 400 does not exist'],
      changes: [
        ['success', 40],
        ['failure', 30],
      ],
    });
    expect(result(record(), back).is).toBe('fail');
  });

  it('when what it needs is unknown', () => {
    const all = ledger(record());
    const unknown = { is: 'unknown', reason: 'GitHub answered 502' } as const;
    expect(judge(soaking, { ...all, commit: unknown }).result).toBe('fail');
    expect(judge(soaking, { ...all, deployments: unknown }).result).toBe('fail');
    const half = { environments: ['staging'], records: [record()] };
    const decision = judge(soaking, { ...all, deployments: { is: 'known', value: half } });
    expect(decision.gates[0]!.reason).toBe('the Deployments of production were not read');
  });

  it('not because a stranger says that it was taken back', () => {
    const lie = record({
      id: 50,
      environment: 'production',
      distrust: ['created by mallory'],
      changes: [
        ['success', 40],
        ['failure', 30],
      ],
    });
    expect(result(record(), lie).is).toBe('pass');
  });
});

describe('promotion from several environments', () => {
  const at = (environment: string, id: number, changes: Parameters<typeof record>[0] & object) =>
    record({ environment, id, ...changes });
  const good = (environment: string, id = 41) => at(environment, id, { changes: [['success', 60]] });
  const young = (environment: string, id = 42) => at(environment, id, { changes: [['success', 4]] });
  const back = (environment: string, id = 43) =>
    at(environment, id, {
      changes: [
        ['success', 60],
        ['failure', 50],
      ],
    });
  const is = (key: string, ...records: EvidenceRecord[]) => {
    const evidence = {
      ...ledger(),
      deployments: known({ environments: ['staging', 'qa', 'production'], records }),
    };
    const { result: found, opensAt } = judge(`promotion: { ${key}: [staging, qa], soak: 10m }`, evidence);
    return opensAt ? [found, opensAt.slice(11, 16)] : [found];
  };

  it.each<[string, EvidenceRecord[], string[]]>([
    ['from-all', [good('staging'), good('qa', 44)], ['pass']],
    ['from-all', [good('staging')], ['fail']],
    ['from-all', [good('staging'), young('qa')], ['hold', '12:06']],
    ['from-all', [young('staging', 44), back('qa')], ['fail']],
    ['from-any', [good('staging')], ['pass']],
    ['from-any', [good('staging'), young('qa')], ['pass']],
    ['from-any', [young('qa')], ['hold', '12:06']],
    ['from-any', [], ['fail']],
    ['from-any', [good('staging'), back('qa')], ['fail']],
  ])('%s with %#', (key, records, expected) => expect(is(key, ...records)).toEqual(expected));

  it('fails where the Deployments of one were not read', () =>
    expect(judge('promotion: { from-any: [staging, qa] }', ledger(good('staging'))).result).toBe('fail'));

  it('is asked for by one key', () => {
    for (const keys of ['from: staging, from-any: [qa, uat]', 'soak: 1h', 'from-all: [staging]'])
      expect(() => judge(`promotion: { ${keys} }`, {})).toThrow(/from/);
  });
});

describe('a digest that was rolled back for a cause outside of the release', () => {
  const back = (environment: string, id: number) =>
    record({
      environment,
      id,
      changes: [
        ['success', 50],
        ['failure', 45],
      ],
    });
  const readmit = (...ids: number[]) =>
    `promotion: { from: staging, readmit: [${ids.map((id) => `{ deployment: ${id}, reason: The payment provider was down, by: mona }`).join(', ')}] }`;
  const waivers = (gates: string, ...records: EvidenceRecord[]) => {
    const { result: found, verdict } = judge(gates, ledger(...records));
    return { is: found, waivers: verdict?.waivers };
  };

  it('goes out again where the policy names that Deployment, and the verdict says why and by whom', () => {
    expect(waivers(readmit(77), record(), back('production', 77))).toEqual({
      is: 'pass',
      waivers: [
        {
          gate: 'promotion',
          reason: 'Deployment 77 was rolled back, readmitted: The payment provider was down',
          by: 'mona',
        },
      ],
    });
  });

  it('does not by the name of another Deployment, nor after a second rollback', () => {
    expect(waivers(readmit(78), record(), back('production', 77)).is).toBe('fail');
    expect(waivers(readmit(77), record(), back('production', 77), back('production', 79)).is).toBe('fail');
    expect(waivers(readmit(77, 79), record(), back('production', 77), back('production', 79)).is).toBe(
      'pass',
    );
  });

  it('still has to succeed in the environment before', () =>
    expect(waivers(readmit(77), back('staging', 77)).is).toBe('fail'));

  it('is no waiver where nothing had to be let through', () => {
    const again = record({ id: 80, changes: [['success', 30]] });
    expect(waivers(readmit(77), again, back('staging', 77))).toEqual({ is: 'pass', waivers: [] });
  });
});
