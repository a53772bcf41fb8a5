import * as z from 'zod';
import type { Backup } from '../../../../shared/ledger/refs/migration.js';
import { isoInstant } from '../../../../shared/time/instant.js';
import type { Keeper } from '../keeper.js';
import { StepFailed, type ApplyPorts } from '../ports.js';
import { lastLine, lastOf, runTeam, toolVariables, withNews } from './team.js';

/** What the team's command prints as its last line. */
const answerSchema = z.strictObject({
  location: z.string().min(1),
  file: z.string().min(1).optional(),
  size: z.union([z.int().positive(), z.string().regex(/^[1-9]\d*$/)]).optional(),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
});

/** Takes the back-up and proves it; throws StepFailed where it cannot be shown to be restorable. */
export async function takeBackup(ports: ApplyPorts, keeper: Keeper): Promise<Backup> {
  const { backup } = ports.config;
  return backup.by === 'pg_dump' ? dump(ports, keeper, backup) : byCommand(ports, keeper, backup);
}

/** A dump that waits for a lock would keep the fence up for as long. */
const patience = '--lock-wait-timeout=60s';

type Dumping = Extract<ApplyPorts['config']['backup'], { by: 'pg_dump' }>;
type Commanding = Extract<ApplyPorts['config']['backup'], { by: 'command' }>;

async function dump(ports: ApplyPorts, keeper: Keeper, how: Dumping): Promise<Backup> {
  const { files, temp, clock, address, me, random } = ports;
  const at = isoInstant(clock.now());
  const name = `${address.database.replace(/[^\w-]/g, '_')}-${me.runId}-${me.attempt}-${Math.floor(random() * 2 ** 32).toString(16)}.dump`;
  const path = `${how.folder ?? `${temp}/migration-backups`}/${name}`;
  await files.makePrivate(path);
  await runTool(ports, keeper.claim, 'Back-up', ['pg_dump', '--format=custom', patience, '--file', path]);
  const proved = await proveDump(ports, keeper.claim, path);
  if (!how.encrypt) return { location: path, ...proved, encrypted: false, at };
  const encrypted = `${path}.encrypted`;
  await files.makePrivate(encrypted);
  await runTeam(ports, keeper.claim, 'Encrypting the back-up', how.encrypt, {
    BACKUP_FILE: path,
    ENCRYPTED_FILE: encrypted,
  });
  const facts = await files.facts(encrypted);
  if (!facts || facts.size === 0) throw new StepFailed(`The encryption command left ${encrypted} empty`);
  await files.remove(path);
  return {
    ...proved,
    location: encrypted,
    size: String(facts.size),
    sha256: facts.sha256,
    encrypted: true,
    at,
  };
}

async function byCommand(ports: ApplyPorts, keeper: Keeper, how: Commanding): Promise<Backup> {
  const at = isoInstant(ports.clock.now());
  const { stdout } = await runTeam(ports, keeper.claim, 'Back-up', how.run);
  const line = lastLine(stdout);
  const parsed = answerSchema.safeParse(jsonOf(line));
  if (!parsed.success)
    throw new StepFailed(
      `The back-up command's last line is ${JSON.stringify(line.slice(0, 200))} instead of JSON such as {"location": "s3://backups/shop.dump", "file": "/tmp/shop.dump"}`,
    );
  const { location, file, size, sha256 } = parsed.data;
  if (file !== undefined)
    return { location, ...(await proveDump(ports, keeper.claim, file)), encrypted: false, at };
  if (!how.prove || size === undefined)
    throw new StepFailed(
      'Nothing proves that the back-up can be restored: the command gave no "file". Fix: print "size" and set backup.prove',
    );
  await runTeam(ports, keeper.claim, 'Proof of the back-up', how.prove, { BACKUP_LOCATION: location });
  return {
    location,
    size: String(size),
    ...(sha256 === undefined ? {} : { sha256 }),
    proof: how.prove.join(' '),
    encrypted: false,
    at,
  };
}

/** Size, checksum and the list that pg_restore reads out of a dump; without entries it is none. */
async function proveDump(
  ports: ApplyPorts,
  claim: string,
  path: string,
): Promise<Pick<Backup, 'size' | 'sha256' | 'objects' | 'proof'>> {
  const { stdout } = await runTool(ports, claim, 'Proof of the back-up', ['pg_restore', '--list', path]);
  const objects = stdout.split('\n').filter((line) => /^\d+;/.test(line)).length;
  const facts = await ports.files.facts(path);
  if (!facts || facts.size === 0 || objects === 0)
    throw new StepFailed(`The back-up ${path} holds nothing: ${facts?.size ?? 0} bytes, ${objects} objects`);
  return {
    size: String(facts.size),
    sha256: facts.sha256,
    objects,
    proof: `pg_restore --list: ${objects} objects`,
  };
}

/** Runs one of PostgreSQL's own programs on the database; throws StepFailed when it fails. */
export async function runTool(
  ports: ApplyPorts,
  claim: string,
  what: string,
  argv: readonly [string, ...string[]],
  database = ports.address.database,
) {
  const address = { ...ports.address, database };
  const finished = await withNews(
    ports,
    what,
    ports.execute({
      argv,
      env: toolVariables(address, claim),
      timeoutMs: ports.config['time-limit'],
      maxOutput: 64 * 1_048_576,
      signal: ports.signal,
    }),
  ).catch((error: unknown) => {
    throw new StepFailed(
      `${what}: ${error instanceof Error ? error.message : String(error)}. Fix: install PostgreSQL's client programs of the server's version (postgresql-client)`,
    );
  });
  if (finished.code !== 0)
    throw new StepFailed(
      `${what}: ${argv[0]} ended with ${finished.code ?? finished.ended}. ${lastOf(finished)}`,
    );
  return finished;
}

/**
 * The back-up as a plain file that pg_restore reads, proved again to be the one that was taken; throws StepFailed where
 * it is gone or another.
 */
export async function fetchBackup(ports: ApplyPorts, claim: string, backup: Backup): Promise<string> {
  const facts = await ports.files.facts(backup.location);
  if (!facts)
    throw new StepFailed(
      `The back-up ${backup.location} is not on this runner. Fix: restore it by hand from where it is`,
    );
  if (facts.sha256 !== backup.sha256)
    throw new StepFailed(
      `The back-up ${backup.location} is not the one that was taken: its SHA-256 is ${facts.sha256} instead of ${backup.sha256}`,
    );
  const how = ports.config.backup;
  if (!backup.encrypted) return backup.location;
  if (how.by !== 'pg_dump' || !how.decrypt)
    throw new StepFailed('The back-up is encrypted and backup.decrypt is missing');
  const path = backup.location.replace(/\.encrypted$/, '.decrypted');
  await ports.files.makePrivate(path);
  await runTeam(ports, claim, 'Decrypting the back-up', how.decrypt, {
    BACKUP_FILE: path,
    ENCRYPTED_FILE: backup.location,
  });
  return path;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
