import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAuthority } from '../../test/support/servers/certificates.js';
import { startChild } from './child.js';

/** The shop's database, and what the workflows are given to reach it. */
export interface ShopDatabase {
  /** Secrets of each environment, as its administrator sets them. */
  secrets: Record<string, { DATABASE_URL: string; SMOKE_PASSWORD: string }>;
  /** What must not be seen anywhere. */
  passwords: string[];
  /** PEM file of the authority behind its certificate. */
  authority: string;
  migrate(environment: string, version: number): Promise<void>;
  stop(): Promise<void>;
}

/** Starts one PostgreSQL with a login and a schema for each environment. */
export async function startDatabase(
  root: string,
  dir: string,
  environments: readonly string[],
): Promise<ShopDatabase> {
  const authority = createAuthority();
  const files = { config: join(dir, 'database.json'), authority: join(dir, 'authority.pem') };
  const accounts = environments.map((environment) => ({
    user: userOf(environment),
    password: newPassword(),
  }));
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
  const secrets = environments.map((environment, index) => {
    const { user, password } = accounts[index]!;
    const DATABASE_URL = `postgresql://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`;
    return [environment, { DATABASE_URL, SMOKE_PASSWORD: newPassword() }] as const;
  });
  return {
    secrets: Object.fromEntries(secrets),
    passwords: [
      ...accounts.map(({ password }) => password),
      ...secrets.map(([, { SMOKE_PASSWORD }]) => SMOKE_PASSWORD),
    ],
    authority: files.authority,
    migrate: async (environment, version) => {
      const body = JSON.stringify({ user: userOf(environment), version });
      const answer = await fetch(adminUrl, { method: 'POST', body });
      if (!answer.ok) throw new Error(`the database of ${environment}: ${await answer.text()}`);
    },
    stop: child.stop,
  };
}

const userOf = (environment: string) => `shop_${environment}`;

/** With letters that a URL, JSON and HTML each write in another way. */
const newPassword = () => `ñ"&:/${randomBytes(12).toString('base64')}`;
