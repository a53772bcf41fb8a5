/**
 * What keeps clients on their server in a shared backend, out of `show stat BACKEND 2 -1` and `show table`; undefined
 * when nothing is seen. Pure.
 */
export function stickiness(backend: string, stat: string, tables: string): string | undefined {
  const [header = '', ...rows] = stat.split('\n').map((line) => line.trim().split(','));
  const column = (name: string) => header.indexOf(name);
  const own = rows.find((row) => row[0] === backend && row[1] === 'BACKEND');
  const cookie = own?.[column('cookie')];
  const table = tables.split('\n').some((line) => line.startsWith(`# table: ${backend},`));
  const means = [...(cookie ? [`cookie ${cookie.slice(0, 100)}`] : []), ...(table ? ['a stick table'] : [])];
  if (means.length === 0) return undefined;
  return `backend "${backend}" can keep clients on their server (${means.join(', ')}), so those who have one stay on the old colour, also at weight 0, until it ends or the server is in maintenance`;
}
