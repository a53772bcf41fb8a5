import { parseTemplate } from './interpolate.js';
import { generators } from './scope.js';
import type { SuiteStep } from './suite-schema.js';

/** A text of the suite in which references may stand, and where it is inside its step. */
export interface TemplateText {
  text: string;
  path: PropertyKey[];
}

/** All texts of a step that are filled in before they are used; JSONPaths are not. */
export function templatesOf(step: SuiteStep): TemplateText[] {
  const { url, query, headers, json, form, body } = step.http;
  const { headers: expectedHeaders, json: expectedJson, body: expectedBody } = step.expect;
  return [
    ...textsIn({ url, query, headers, json, form, body }, ['http']),
    ...textsIn({ headers: expectedHeaders, body: expectedBody }, ['expect']),
    ...(expectedJson ?? []).flatMap(({ path: _path, ...operands }, index) =>
      textsIn(operands, ['expect', 'json', index]),
    ),
    ...Object.entries(step.capture ?? {}).flatMap(([name, { regex }]) =>
      textsIn({ regex }, ['capture', name]),
    ),
  ];
}

/** Numbers anywhere in what a step sends or compares with. */
export function numbersOf(step: SuiteStep): { value: number; path: PropertyKey[] }[] {
  const found: { value: number; path: PropertyKey[] }[] = [];
  const visit = (value: unknown, path: PropertyKey[]): void => {
    if (typeof value === 'number') found.push({ value, path });
    else forEachChild(value, (child, key) => visit(child, [...path, key]));
  };
  visit(step.http.json, ['http', 'json']);
  (step.expect.json ?? []).forEach((matcher, index) => visit(matcher, ['expect', 'json', index]));
  return found;
}

/** All regular expressions of a step, with something harmless for each reference so that the rest can be checked. */
export function patternsOf(step: SuiteStep): TemplateText[] {
  const { headers = {}, json = [], body } = step.expect;
  const patterns: { text: string | undefined; path: PropertyKey[] }[] = [
    ...Object.entries(headers).map(([name, { matches }]) => ({
      text: matches,
      path: ['expect', 'headers', name, 'matches'],
    })),
    ...json.map(({ matches }, index) => ({ text: matches, path: ['expect', 'json', index, 'matches'] })),
    { text: body?.matches, path: ['expect', 'body', 'matches'] },
    ...Object.entries(step.capture ?? {}).map(([name, { regex }]) => ({
      text: regex,
      path: ['capture', name, 'regex'],
    })),
  ];
  return patterns.flatMap(({ text, path }) => {
    const template = text === undefined ? undefined : parseTemplate(text);
    if (!template?.ok) return [];
    return [{ path, text: template.parts.map((part) => ('literal' in part ? part.literal : 'x')).join('') }];
  });
}

/** All JSONPaths of a step. */
export function pathsOf(step: SuiteStep): TemplateText[] {
  return [
    ...(step.expect.json ?? []).map(({ path }, index) => ({
      text: path,
      path: ['expect', 'json', index, 'path'],
    })),
    ...Object.entries(step.capture ?? {}).flatMap(([name, { json }]) =>
      json === undefined ? [] : [{ text: json, path: ['capture', name, 'json'] }],
    ),
  ];
}

/** Whether a reference is to a generated value, labelled or not. */
export function isGenerated(reference: string): boolean {
  return (generators as readonly string[]).includes(reference.split('.')[0]!);
}

function textsIn(value: unknown, path: PropertyKey[]): TemplateText[] {
  if (typeof value === 'string') return [{ text: value, path }];
  const found: TemplateText[] = [];
  forEachChild(value, (child, key) => {
    if (typeof key === 'string' && key.includes('{{')) found.push({ text: key, path: [...path, key] });
    found.push(...textsIn(child, [...path, key]));
  });
  return found;
}

function forEachChild(value: unknown, visit: (child: unknown, key: PropertyKey) => void): void {
  if (Array.isArray(value)) value.forEach(visit);
  else if (value !== null && typeof value === 'object')
    Object.entries(value).forEach(([key, child]) => visit(child, key));
}

/** All references a step makes, as written. */
export function referencesOf(step: SuiteStep): string[] {
  return templatesOf(step).flatMap(({ text }) => {
    const template = parseTemplate(text);
    return template.ok ? template.parts.flatMap((part) => ('reference' in part ? [part.reference] : [])) : [];
  });
}
