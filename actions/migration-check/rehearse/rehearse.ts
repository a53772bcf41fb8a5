import { isoInstant } from '../../../shared/time/instant.js';
import { formatDuration } from '../../../shared/time/duration.js';
import type { RehearseConfig } from '../apply/config.js';
import { messageOf, StepFailed, withSession, type ApplyPorts, type SqlMigration } from '../apply/ports.js';
import { runTool } from '../apply/steps/backup.js';
import { applyStatements, ensureHistory, undoStatements } from '../apply/steps/statements.js';
import { runTeam } from '../apply/steps/team.js';
import { isOfDump, verifyMigration } from '../apply/steps/verify.js';
import { differences } from './differences.js';

export interface RehearsalStep {
  name: 'base' | 'seed' | 'apply' | 'old suite' | 'undo' | 'apply again';
  result: 'done' | 'failed' | 'skipped';
  startedAt: string;
  endedAt: string | null;
  detail: string;
}

/** What a rehearsal showed. */
export interface Rehearsal {
  ok: boolean;
  message: string;
  steps: readonly RehearsalStep[];
}

/** What is rehearsed, on a database of its own that nobody else uses. */
export interface RehearsalPlan {
  how: RehearseConfig;
  /** Checkout of the release before; undefined when there is none. */
  baseFolder: string | undefined;
  /** SQL of the migrations that the release before has, where they are run from here. */
  history: readonly SqlMigration[];
}

/**
 * Plays a migration where it can hurt nobody: the schema of the release before, the migration, the release before on the
 * new schema, the inverse, which must bring back the very same schema, and the migration again, which must make the same.
 */
export async function rehearse(ports: ApplyPorts, plan: RehearsalPlan): Promise<Rehearsal> {
  const steps: RehearsalStep[] = [];
  const claim = `rehearsal ${ports.me.runId}.${ports.me.attempt}`;
  const step = async (name: RehearsalStep['name'], work: () => Promise<string | undefined>) => {
    const began = ports.clock.now();
    const note = (result: RehearsalStep['result'], detail: string) =>
      steps.push({
        name,
        result,
        startedAt: isoInstant(began),
        endedAt: isoInstant(ports.clock.now()),
        detail,
      });
    try {
      const detail = await work();
      note('done', detail ?? '');
      ports.say(`${name}: done in ${formatDuration(ports.clock.now() - began)}`);
    } catch (error) {
      note('failed', messageOf(error));
      throw error;
    }
  };
  const skip = (name: RehearsalStep['name'], detail: string) => {
    const now = isoInstant(ports.clock.now());
    steps.push({ name, result: 'skipped', startedAt: now, endedAt: now, detail });
  };
  try {
    const { how, baseFolder } = plan;
    if (baseFolder === undefined) skip('base', 'there is no release before: the database is empty');
    else await step('base', () => makeBase(ports, claim, { ...plan, baseFolder }));
    const atBase = { ...ports, workspace: baseFolder ?? ports.workspace };
    if (how.seed) await step('seed', () => ran(runTeam(atBase, claim, 'Seed', how.seed!)));
    const before = await schemaText(ports, claim);
    const nextXid = await nextTransaction(ports, claim);
    await step('apply', () => applyOnce(ports, claim));
    const after = await schemaText(ports, claim);
    if (how['old-suite'] && baseFolder !== undefined)
      await step('old suite', () =>
        ran(runTeam(atBase, claim, 'Suite of the release before', how['old-suite']!)),
      );
    else skip('old suite', how['old-suite'] ? 'there is no release before' : 'rehearse.old-suite is not set');
    const why = whyNoInverse(ports);
    if (why !== undefined) {
      skip('undo', why);
      skip('apply again', why);
    } else {
      await step('undo', () => undoOnce(ports, claim, { before, nextXid }));
      await step('apply again', () => applyAgain(ports, claim, after));
    }
    const skipped = steps
      .filter(({ result }) => result === 'skipped')
      .map(({ name, detail }) => `${name} (${detail})`);
    return {
      ok: true,
      message: `Rehearsed${skipped.length > 0 ? `, without ${skipped.join(', ')}` : ': applied, reversed and applied again'}`,
      steps,
    };
  } catch (error) {
    const failed = steps.find(({ result }) => result === 'failed');
    return {
      ok: false,
      message: `Rehearsal failed${failed ? ` at ${failed.name}` : ''}: ${messageOf(error)}`,
      steps,
    };
  }
}

const ran = async (work: Promise<unknown>): Promise<undefined> => {
  await work;
  return undefined;
};

/** The schema of the release before, in its own checkout. */
async function makeBase(
  ports: ApplyPorts,
  claim: string,
  { how, baseFolder, history }: RehearsalPlan & { baseFolder: string },
): Promise<string | undefined> {
  const { apply } = ports.config;
  const atBase = { ...ports, workspace: baseFolder };
  if (apply.by === 'sql') await withSession(ports, claim, (session) => ensureHistory(ports, session));
  if (how.base) await runTeam(atBase, claim, 'Base', how.base);
  else if (apply.by === 'command') await runTeam(atBase, claim, 'Base', apply.run);
  else
    await withSession(ports, claim, (session) => applyStatements({ ...ports, migrations: history }, session));
  return undefined;
}

async function applyOnce(ports: ApplyPorts, claim: string): Promise<undefined> {
  const { apply } = ports.config;
  if (apply.by === 'command') await runTeam(ports, claim, 'Apply', apply.run);
  else
    await withSession(ports, claim, async (session) => {
      await ensureHistory(ports, session);
      await applyStatements(ports, session);
    });
  await verifyMigration({ ...ports, config: withoutCommand(ports.config) }, claim, {
    rows: {},
    invalid: [],
    schemaSha256: '',
  });
  return undefined;
}

/** Verification without the team's command, which may ask a service that a rehearsal does not have. */
const withoutCommand = (config: ApplyPorts['config']): ApplyPorts['config'] => ({
  ...config,
  verify: { ...config.verify, run: undefined },
});

const nextTransaction = (ports: ApplyPorts, claim: string) =>
  withSession(ports, claim, async (session) => {
    const [row] = await session.query('SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS next');
    return row!['next']!;
  });

async function undoOnce(
  ports: ApplyPorts,
  claim: string,
  { before, nextXid }: { before: readonly string[]; nextXid: string },
): Promise<undefined> {
  const { apply, undo } = ports.config;
  if (apply.by === 'command') await runTeam(ports, claim, 'Undo', undo!);
  else await withSession(ports, claim, (session) => undoStatements(ports, session, nextXid));
  mustBe(
    before,
    await schemaText(ports, claim),
    'the inverse does not bring back the schema that was before',
  );
  return undefined;
}

async function applyAgain(ports: ApplyPorts, claim: string, after: readonly string[]): Promise<undefined> {
  await applyOnce(ports, claim);
  mustBe(after, await schemaText(ports, claim), 'applied again it makes another schema');
  return undefined;
}

function whyNoInverse({ config, migrations }: ApplyPorts): string | undefined {
  if (config.apply.by === 'command') return config.undo ? undefined : 'run.undo is not set';
  const without = migrations.filter(({ down }) => down === undefined).map(({ name }) => name);
  return without.length === 0 ? undefined : `${without.join(', ')} has no inverse`;
}

function mustBe(expected: readonly string[], got: readonly string[], what: string): void {
  const found = differences(expected, got);
  if (found.length > 0) throw new StepFailed(`${what}:\n${found.join('\n')}`);
}

async function schemaText(ports: ApplyPorts, claim: string): Promise<string[]> {
  const { stdout } = await runTool(ports, claim, 'Schema', ['pg_dump', '--schema-only']);
  return stdout.split('\n').filter((line) => line !== '' && !isOfDump(line));
}
