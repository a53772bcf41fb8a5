import * as z from 'zod';
import { placeholderNames, unknownPlaceholders, withoutPlaceholders } from '../placeholders.js';

/** Text in which `{{ version }}` and its like stand for facts of the judged release. */
export const templateField = () =>
  z
    .string()
    .min(1)
    .refine(
      (text) => unknownPlaceholders(text).length === 0,
      `text whose {{ … }} are among ${placeholderNames.join(', ')}`,
    );

/** A path on the colour or entry. */
export const pathField = () =>
  templateField().refine(
    (path) => /^\/(?!\/)[^\s\\]*$/.test(withoutPlaceholders(path)),
    'a path that starts with one slash',
  );

/** The key by which the kinds of source are told apart. */
export const sourceType = <Name extends string>(name: Name) =>
  z.literal(name).describe('Kind of source (docs/rollback-criteria.md).');

/** So much may the clock of another machine lie before this one's, in milliseconds. */
export const clocksApart = 300_000;
