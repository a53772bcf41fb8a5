import * as z from 'zod';
import { withJsonForm } from '../../schema/json-form.js';
import {
  fillInWindow,
  placeholderNames,
  unknownPlaceholders,
  windowNames,
  withoutPlaceholders,
} from '../placeholders.js';
import type { Subject, Window } from '../source.js';

const known: readonly string[] = [...placeholderNames, ...windowNames];
const name = z
  .string()
  .regex(/^[A-Za-z][\w .-]{0,39}$/, 'a name of letters, digits, spaces, dots and dashes');
const address =
  'an https address whose host is written out, such as https://logs.example/search?version={{ version }}';

/** Parameters that are a login by themselves, in query or fragment. */
const secretName =
  /[?&#;](?:[\w.-]*[_.-])?(?:api[_-]?key|auth|credential|passw(?:or)?d|secret|sig|signature|token)=(?!&|$)/i;

/** Where a person finds what a release wrote in the time that was judged, by name: logs, traces, a dashboard. */
export const linksField = () =>
  z
    .record(
      name,
      z
        .string()
        .max(2_000)
        .refine(
          (text) => unknownPlaceholders(text, known).length === 0,
          `text whose {{ … }} are among ${known.join(', ')}`,
        )
        // A host that a value could change would lead people, and what they are logged in to, anywhere.
        .regex(/^https:\/\/[^\s/?#{}\\@]+(?:[/?#]|$)/, address)
        .refine((text) => !/[\s<>]/.test(withoutPlaceholders(text)), address)
        .refine(
          (text) => !secretName.test(text),
          'an address without a secret: everybody who reads the incident reads it; let people log in there',
        ),
    )
    .refine(
      withJsonForm(
        (links: object) => Object.keys(links).length <= 5,
        () => [{ maxProperties: 5 }],
      ),
      'at most 5 links',
    )
    .optional()
    .describe(
      'Where people find what the release wrote in the judged time: addresses with {{ version }}, {{ from-ms }}, {{ to-iso }} and the like, which stand in summary and incident.',
    );

/** The addresses for one release and one time (epoch ms). */
export const filledLinks = (
  links: Readonly<Record<string, string>>,
  subject: Pick<Subject, (typeof placeholderNames)[number]>,
  window: Window,
): { name: string; url: string }[] =>
  Object.entries(links).map(([title, url]) => ({
    name: title,
    url: fillInWindow(url, window, subject, encodeURIComponent),
  }));
