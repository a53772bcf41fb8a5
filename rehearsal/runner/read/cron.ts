const months = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const days = 'sun mon tue wed thu fri sat'.split(' ');

/** GitHub docs, "Events that trigger workflows: schedule": five fields, POSIX, no `@daily`. */
const fields = [
  { name: 'minute', from: 0, to: 59, words: [] },
  { name: 'hour', from: 0, to: 23, words: [] },
  { name: 'day of the month', from: 1, to: 31, words: [] },
  { name: 'month', from: 1, to: 12, words: months },
  { name: 'day of the week', from: 0, to: 6, words: days },
];

/** What is wrong with a cron line, undefined when nothing is. */
export function cronProblem(line: string): string | undefined {
  const parts = line.trim().split(/\s+/);
  if (parts.length !== fields.length)
    return `has ${parts.length} fields, 5 were expected: ${fields.map(({ name }) => name).join(', ')}`;
  for (const [index, { name, from, to, words }] of fields.entries()) {
    const valueOf = (text: string) => {
      const word = words.indexOf(text.toLowerCase());
      if (word >= 0) return from + word;
      return /^\d+$/.test(text) ? Number(text) : Number.NaN;
    };
    const within = (text: string) => valueOf(text) >= from && valueOf(text) <= to;
    const part = parts[index] ?? '';
    const valid = part.split(',').every((item) => {
      const [range = '', step, ...more] = item.split('/');
      const [first = '', last = first, ...rest] = range.split('-');
      if (more.length > 0 || rest.length > 0) return false;
      if (step !== undefined && !(Number(step) >= 1 && Number(step) <= to)) return false;
      return range === '*' || (within(first) && within(last) && valueOf(first) <= valueOf(last));
    });
    if (!valid)
      return `'${part}' is not a ${name}: ${from} to ${to}, *, lists with ',', ranges with '-', steps with '/'`;
  }
  return undefined;
}
