import * as z from 'zod';
import { parseConfig } from '../config/parse.js';
import { refuse } from '../config/fields.js';

/**
 * A JSON or YAML document held in the input, checked by its schema. Its values are not repeated in errors, since the
 * input may be a secret.
 */
export const document = <S extends z.ZodType>(schema: S, name: string) =>
  z.string().transform((text, ctx): z.output<S> => {
    const parsed = parseConfig(text, `input ${name}`, schema);
    if (parsed.ok) return parsed.value;
    return refuse(
      ctx,
      parsed.problems
        .map(({ path, line, got, allowed }) => {
          const shown = got === 'nothing' || got.startsWith('unknown key ') ? `got ${got}, ` : '';
          return `${path || 'document'}${line ? ` (line ${line})` : ''}: ${shown}allowed ${allowed}`;
        })
        .join('; '),
    );
  });
