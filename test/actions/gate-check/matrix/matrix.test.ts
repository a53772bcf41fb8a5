import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { evidenceKinds } from '../../../../actions/gate-check/evidence/registry.js';
import { gates } from '../../../../actions/gate-check/gates/registry.js';
import { replay } from '../../../../actions/gate-check/replay.js';
import { serve, type TestServer } from '../../../support/servers/http.js';
import { startSigstore } from '../../../support/sigstore.js';
import { gatePermissions, type Checked } from '../stage.js';
import { played, type Asked, type Played, type PolicyText } from './played.js';
import type { Outside, Play, Row } from './row.js';
import { codeRows } from './rows-code.js';
import { worldRows } from './rows-world.js';

const rows = Object.entries<Row>({ ...codeRows, ...worldRows });

/** Stands for opa, which test/real/gate has: says no to what touches infra/. */
const opa = `#!/bin/sh
if [ "$1" = capabilities ]; then echo '{"builtins":[]}'; exit; fi
if grep -q '"infra/'; then value=false; else value=true; fi
printf '{"result":[{"expressions":[{"value":%s}]}]}' "$value"
`;

const outside = { slo: { url: '', left: 0.5, status: 200 } } as Outside;
const path = process.env['PATH'];
const bin = mkdtempSync(join(tmpdir(), 'matrix-opa-'));
let slo: TestServer;
beforeAll(async () => {
  outside.sigstore = await startSigstore();
  slo = await serve((_, response) =>
    response.writeHead(outside.slo.status).end(JSON.stringify({ left: outside.slo.left })),
  );
  outside.slo.url = slo.url;
  writeFileSync(join(bin, 'opa'), opa);
  chmodSync(join(bin, 'opa'), 0o755);
  process.env['PATH'] = `${bin}:${path}`;
});
afterAll(async () => {
  process.env['PATH'] = path;
  rmSync(bin, { recursive: true });
  await Promise.all([slo.close(), outside.sigstore.close()]);
});
beforeEach(() => void Object.assign(outside.slo, { left: 0.5, status: 200 }));

const policyOf = (gate: string, { config }: Row, more: Partial<PolicyText> = {}): PolicyText => ({
  gates: `${gate}: ${config(outside)}`,
  ...more,
});

const worldOf = (policy: PolicyText, { files, serverUrl }: Row) =>
  played(policy, {
    ...(files ? { files: files(outside) } : {}),
    ...(serverUrl ? { serverUrl } : {}),
  });

/** The stand-in found every request well formed. */
async function closed(at: Played) {
  const violations = at.server.control.violations();
  await at.close();
  expect(violations).toEqual([]);
}

async function inWorld<T>(policy: PolicyText, row: Row, play: (at: Played) => Promise<T>) {
  const at = await worldOf(policy, row);
  return play(at).finally(() => closed(at));
}

/** The one gate of a check; its report gives the same decision again. */
function only({ report, ...checked }: Checked) {
  const { result, message, gates: judged, verdict, opensAt } = report;
  expect(replay(report)).toEqual({
    result,
    message,
    gates: judged,
    ...(verdict && { verdict }),
    ...(opensAt && { opensAt }),
  });
  expect(judged).toHaveLength(1);
  const [{ reason } = { reason: '' }] = judged;
  return { result: checked.result, reason, verdict, opensAt };
}

const playing = (gate: string, row: Row, play: Play) =>
  inWorld(policyOf(gate, row), row, async (at) => only(await at.ask(await play(at, outside))));

describe('every gate against GitHub', () => {
  it('has a row, and each state that cannot be says why', () => {
    expect(rows.map(([gate]) => gate)).toEqual(gates.map(({ name }) => name));
    const sentences = rows.flatMap(([, { hold, waived }]) =>
      [hold, waived].filter((state) => typeof state === 'string'),
    );
    for (const why of sentences) expect(why.split(' ').length).toBeGreaterThan(4);
    // What the registry lets people override has to be played, or say why not.
    for (const { name, byPeople } of gates)
      if (byPeople)
        expect([name, typeof { ...codeRows, ...worldRows }[name]!.waived]).toEqual([name, 'object']);
  });

  it.each(rows)('%s: fail, and says why', async (gate, row) => {
    const { result, reason, verdict } = await playing(gate, row, row.fail);
    expect({ result, verdict }).toEqual({ result: 'fail', verdict: undefined });
    expect(reason).toMatch(/^\S.{20,}/);
  });

  it.each(rows.filter(([, { hold }]) => typeof hold !== 'string'))('%s: hold', async (gate, row) => {
    const { result, reason, verdict, opensAt } = await playing(gate, row, row.hold as Play);
    expect({ result, verdict }).toEqual({ result: 'hold', verdict: undefined });
    // A window and a soak end at a known time, a job does not.
    expect([gate, opensAt !== undefined]).toEqual([gate, ['promotion', 'window'].includes(gate)]);
    expect(reason).toMatch(/^\S.{20,}/);
  });

  it.each(rows.filter(([, { waived }]) => typeof waived !== 'string'))(
    '%s: waived, and not without that',
    async (gate, row) => {
      const { waived } = row;
      if (typeof waived === 'string') throw new Error('it is filtered');
      const overrides = waived.by === 'person' ? { overrides: `{ gate: ${gate}, role: maintain }` } : {};
      await inWorld(policyOf(gate, row, overrides), row, async (at) => {
        const asked: Asked & { pull?: number; policy?: string } = await waived.play(at, outside);
        expect(only(await at.ask({ ...asked, kind: 'release' })).result).not.toBe('pass');
        if (waived.by === 'person') await letThrough(at, gate, asked);
        if (asked.policy !== undefined) at.policy({ gates: `${gate}: ${asked.policy}` });
        const { result, verdict } = only(await at.ask(asked));
        expect({ result, waivers: verdict?.waivers }).toEqual({
          result: 'pass',
          waivers: [
            { gate, by: waived.by === 'hotfix' ? 'hubot' : 'mona', reason: expect.stringMatching(/.{20,}/) },
          ],
        });
      });
    },
  );
});

describe.each(rows)('%s against GitHub, where nothing stands in its way', (gate, row) => {
  let at: Played;
  let asked: Asked;
  beforeAll(async () => {
    at = await worldOf(policyOf(gate, row), row);
    asked = await row.pass(at, outside);
  });
  afterAll(() => closed(at));

  it('pass', async () => {
    const { result, reason, verdict } = only(await at.ask(asked));
    expect({ result, reason, waivers: verdict?.waivers }).toEqual({ result: 'pass', reason, waivers: [] });
  });

  it('unknown: does not pass, whichever answer is missing', async () => {
    const { control } = at.server;
    const before = control.requests().length;
    await at.ask(asked);
    const named: string[] = [];
    for (const [request, times] of requestsIn(control.requests().slice(before)))
      for (let skip = 0; skip < times; skip++) {
        const spoilt = request.startsWith('/') ? { path: `^${request}(\\?|$)` } : { graphql: request };
        control.addFault({ ...spoilt, status: 502, times: 1_000, skip });
        const answer = await at.ask(asked).then(only, (error: Error) => error);
        control.clearFaults();
        // Without the policy there is nothing to judge by: an error, and no verdict.
        if (answer instanceof Error) expect(answer.message).toContain('502');
        else {
          expect([request, answer.result, answer.verdict]).toEqual([request, 'fail', undefined]);
          expect([request, answer.reason]).toEqual([request, expect.stringContaining('502')]);
          named.push(request);
        }
      }
    if (row.blind) {
      row.blind(outside);
      const { result, reason } = only(await at.ask(asked));
      expect({ result, reason }).toEqual({ result: 'fail', reason: expect.stringContaining('502') });
    } else expect(named).not.toEqual([]);
  });

  it('no permission: does not pass, and names the line to add', async () => {
    const { report } = await at.ask(asked);
    const lines = evidenceKinds
      .filter(({ kind }) => kind in report.evidence)
      .flatMap(({ permission }) => Object.keys(permission));
    for (const line of new Set(['contents', ...lines])) {
      const { [line.replaceAll('-', '_')]: _, ...permissions } = gatePermissions;
      const answer = await at.ask(asked, permissions).then(only, (error: Error) => error);
      const reason = answer instanceof Error ? answer.message : answer.reason;
      // The policy cannot be read without contents, so nothing is judged.
      if (answer instanceof Error) expect(line).toBe('contents');
      else expect([line, answer.result]).toEqual([line, 'fail']);
      expect([line, reason]).toEqual([line, expect.stringContaining(`${line}: read`)]);
    }
  });
});

/** How often each was made: an operation of GraphQL by its name, else a path. */
function requestsIn(made: readonly { method: string; path: string; operation: string | null }[]) {
  const times = new Map<string, number>();
  for (const { path: url, operation } of made) {
    const name = url === '/graphql' ? operation! : url.split('?')[0]!;
    times.set(name, (times.get(name) ?? 0) + 1);
  }
  return times;
}

/** A maintainer who wrote none of it lets the gate through. */
async function letThrough(at: Played, gate: string, { sha, pull }: { sha: string; pull?: number }) {
  const mona = await at.as('mona');
  await mona.rest('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', {
    issue_number: pull!,
    body: `/override ${gate} for production at ${sha}: It is about the other shop`,
  });
}
