import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAuthority } from '../../test/support/servers/certificates.js';
import { startChild } from './child.js';

/** The shop's database, and what the workflows are given to reach it. */
export interface ShopDatabase {
  /** Secrets of each environment, as its administrator sets them. */
  secrets: Record<string, { DATABASE_URL: string; MIGRATION_DATABASE_URL: string; SMOKE_PASSWORD: string }>;
  /** What must not be seen anywhere. */
  passwords: string[];
  /** PEM file of the authority behind its certificate. */
  authority: string;
  /** Where its administrator backs it up. */
  adminUrl: string;
  stop(): Promise<void>;
}

/** Starts one PostgreSQL with a schema for each environment, a login that migrates it and one that reads it. */
export async function startDatabase(
  root: string,
  dir: string,
  environments: readonly string[],
): Promise<ShopDatabase> {
  const authority = createAuthority();
  const files = { config: join(dir, 'database.json'), authority: join(dir, 'authority.pem') };
  const accounts = environments.flatMap((environment) => {
    const schema = schemaOf(environment);
    return [schema, `${schema}_reader`].map((user) => ({ user, schema, password: newPassword() }));
  });
  writeFileSync(files.authority, authority.ca);
  writeFileSync(files.config, JSON.stringify({ accounts, tls: authority.issue({ names: ['127.0.0.1'] }) }), {
    mode: 0o600,
  });
  const child = await startChild<{ port: number; adminUrl: string }>(
    join(root, 'rehearsal', 'shop', 'database', 'database-main.ts'),
    ['--config', files.config],
    ['--import', 'tsx'],
  );
  const { port, adminUrl } = child.ready;
  const urlOf = (user: string) => {
    const { password } = accounts.find((account) => account.user === user)!;
    return `postgresql://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`;
  };
  const secrets = environments.map((environment) => {
    const schema = schemaOf(environment);
    return [
      environment,
      {
        DATABASE_URL: urlOf(`${schema}_reader`),
        // To a server of the same machine migration-check speaks without TLS unless it is told so.
        MIGRATION_DATABASE_URL: `${urlOf(schema)}?sslmode=verify-full`,
        SMOKE_PASSWORD: newPassword(),
      },
    ] as const;
  });
  return {
    secrets: Object.fromEntries(secrets),
    passwords: [
      ...accounts.map(({ password }) => password),
      ...secrets.map(([, { SMOKE_PASSWORD }]) => SMOKE_PASSWORD),
    ],
    authority: files.authority,
    adminUrl,
    stop: child.stop,
  };
}

const schemaOf = (environment: string) => `shop_${environment}`;

/** With letters that a URL, JSON and HTML each write in another way. */
const newPassword = () => `ñ"&:/${randomBytes(12).toString('base64')}`;
