import { minSecretLength } from '../../actions/smoke-test/values/settings.js';
import type { DraftStep } from './draft.js';
import { soundsSecret, type Names } from './names.js';

/**
 * Whether a value is better kept out of a suite file; one that is too short to be masked cannot be a secret of a run.
 */
export function isSecretValue(name: string, value: string): boolean {
  return soundsSecret(name) && value.trim().length >= minSecretLength;
}

/** Whether a header proves who asks. */
export function isSecretHeader(name: string, value: string): boolean {
  if (/^(?:proxy-)?authorization$/i.test(name) || soundsSecret(name)) return true;
  return /^cookie$/i.test(name) && soundsSecret(value);
}

/**
 * What proves who asks, as the suite writes it: references, the name of a scheme and the names of cookies stay, all else
 * becomes a secret. `from` says where it stood, for people.
 */
export function hidden(text: string, wanted: string, from: string, names: Names): string {
  if (wanted === 'cookie')
    return text
      .split(/(;\s*)/)
      .map((pair) => {
        const [, name = '', value = ''] = /^([^=]*=)([^]*)$/.exec(pair) ?? [];
        return name === ''
          ? pair
          : name + hiddenValue(value, name.slice(0, -1).trim() || wanted, from, names);
      })
      .join('');
  return hiddenValue(text, wanted, from, names);
}

function hiddenValue(text: string, wanted: string, from: string, names: Names): string {
  const scheme = /^(?:api-?key|basic|bearer|jwt|key|token)[ \t]+/i.exec(text)?.[0] ?? '';
  const parts = text.slice(scheme.length).split(/(\{\{ [\w.-]+ \}\})/);
  const written = parts.map((part, index) =>
    index % 2 === 1 || part.trim().length < minSecretLength ? part : names.secret(wanted, part, from),
  );
  return scheme + written.join('');
}

/**
 * What people must be told of secrets: which ones a run needs, and what was written down though its name sounds like
 * one.
 */
export function secretNotes(names: Names, steps: readonly DraftStep[]): string[] {
  const plain = steps.flatMap((step) => plainSecrets(step).map((name) => `${step.name} (${name})`));
  return [
    ...[...names.usedSecrets].map(
      ([name, from]) =>
        `Run it with --secret ${name}${from === undefined ? '' : ` (${from})`}: its value was not written here.`,
    ),
    ...(plain.length > 0
      ? [
          `These are written here in plain text, though they sound secret; make them {{ secrets.NAME }} if they are: ${plain.join(', ')}.`,
        ]
      : []),
  ];
}

/** Names of what a step sends in its address and body whose values are literal and sound secret. */
function plainSecrets({ http }: DraftStep): string[] {
  const found = new Set<string>();
  const look = (name: string, value: unknown): void => {
    if (Array.isArray(value)) value.forEach((item) => look(name, item));
    else if (value !== null && typeof value === 'object')
      Object.entries(value).forEach(([key, item]) => look(key, item));
    else if (isSecretValue(name, String(value ?? '').replace(/\{\{ [\w.-]+ \}\}/g, ''))) found.add(name);
  };
  const { json, form, multipart, body, url } = http;
  look('', json);
  look('', form);
  for (const part of (multipart as { name: string; value?: string }[] | undefined) ?? [])
    look(part.name, part.value);
  for (const [, name = '', value] of String(body ?? '').matchAll(
    /"([^"\\]*)"\s*:\s*"?((?:[^"\\,}]|\\[^])*)/g,
  ))
    look(name, value);
  for (const [, name = '', value] of url.matchAll(/[?&]([^=&#]*)=([^&#]*)/g)) look(name, value);
  const [, password] = /^[a-z]+:\/\/[^/?#@]*:([^/?#@]*)@/i.exec(url) ?? [];
  look('password', password);
  return [...found];
}
