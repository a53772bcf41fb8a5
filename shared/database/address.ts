/** Where a database is, and as whom it is used. */
export interface DatabaseAddress {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
  tls: boolean;
}

const loopback = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Reads `postgresql://user:password@host:port/database?sslmode=…`. Without `sslmode` a server elsewhere must offer TLS
 * with a certificate for its name, and one on this machine is spoken to without.
 */
export function readDatabaseUrl(
  text: string,
): { ok: true; address: DatabaseAddress } | { ok: false; why: string } {
  const refused = (why: string) => ({ ok: false as const, why });
  if (!URL.canParse(text)) return refused('it is no address');
  const url = new URL(text);
  if (!['postgresql:', 'postgres:'].includes(url.protocol))
    return refused(`it begins with ${url.protocol}// instead of postgresql://`);
  if (url.hostname === '') return refused('it names no host');
  if (url.username === '') return refused('it names no user');
  const unknown = [...url.searchParams.keys()].filter((name) => name !== 'sslmode');
  if (unknown.length > 0) return refused(`it has the parameter ${unknown.join(', ')}; only sslmode is known`);
  const mode = url.searchParams.get('sslmode');
  if (mode !== null && !['disable', 'require', 'verify-ca', 'verify-full'].includes(mode))
    return refused(`sslmode is ${mode}; disable, require and verify-full are known`);
  try {
    const user = decodeURIComponent(url.username);
    return {
      ok: true,
      address: {
        host: url.hostname.replace(/^\[|\]$/g, ''),
        port: Number(url.port || 5_432),
        user,
        password: decodeURIComponent(url.password),
        database: decodeURIComponent(url.pathname.slice(1)) || user,
        tls: mode === null ? !loopback.includes(url.hostname) : mode !== 'disable',
      },
    };
  } catch {
    return refused('a % in it is not followed by two hex digits');
  }
}

/** The variables by which PostgreSQL's own programs, and what is built on its library, find the database. */
export function programVariables(
  { host, port, user, password, database, tls }: DatabaseAddress,
  application: string,
): Record<string, string> {
  return {
    PGHOST: host,
    PGPORT: String(port),
    PGUSER: user,
    PGPASSWORD: password,
    PGDATABASE: database,
    PGSSLMODE: tls ? 'require' : 'disable',
    PGAPPNAME: application,
  };
}
