import * as z from 'zod';
import { askOpa } from '../../../../shared/exec/opa.js';
import { ConfigurationError } from '../../../../shared/config/problem.js';
import { readTrustedFile } from '../../../../shared/github/trusted-file.js';
import { defineEvidence, Unknowable, type Sources } from '../evidence.js';
import { untoldSchema } from './rules.js';
import { visibleSchema, visibleTo, type SeenKind } from './seen.js';

/** A rule of the team in a file of the default branch. */
export interface AskedRego {
  name: string;
  file: string;
  allow: string;
  reasons?: string | undefined;
  sees: readonly SeenKind[];
}

const answerSchema = z.discriminatedUnion('is', [
  z.strictObject({
    name: z.string(),
    is: z.literal('held'),
    value: z.boolean(),
    reasons: z.array(z.string()).optional(),
  }),
  untoldSchema,
]);

/** Most reasons of a rule that are shown, and the length of each. */
const mostReasons = 10;
const longest = 300;

/** What opa says of the team's rules. The files are of the default branch, at the commit of the policy. */
export const rego = defineEvidence({
  kind: 'rego',
  what: "what the team's own rules look at",
  schema: z.array(answerSchema),
  permission: { contents: 'read' },
  collect: (needs: readonly (readonly AskedRego[])[], sources) =>
    Promise.all(needs.flat().map((asked) => answerOf(asked, sources))),
});

async function answerOf({ name, file, allow, reasons, sees }: AskedRego, sources: Sources) {
  const error = (reason: string) => ({ name, is: 'error' as const, reason: `${file}: ${reason}` });
  const [module, input] = await Promise.all([textOf(file, sources), visibleTo(sees, sources)]);
  const schema = typesOnly(z.toJSONSchema(visibleSchema(sees), { unrepresentable: 'any' })) as object;
  const queries = reasons === undefined ? [allow] : [allow, reasons];
  const answer = await askOpa({ module, queries, input, schema }, sources.signal);
  if (!answer.ok) return error(answer.why);
  const [value, why] = answer.values;
  if (typeof value !== 'boolean')
    return error(
      value === undefined
        ? `${allow} is undefined. Fix: default allow := false, and the name as it stands in the file`
        : `${allow} is neither true nor false`,
    );
  const texts = Array.isArray(why) ? why.filter((one) => typeof one === 'string') : [];
  return {
    name,
    is: 'held' as const,
    value,
    ...(texts.length > 0 && { reasons: texts.slice(0, mostReasons).map((text) => text.slice(0, longest)) }),
  };
}

/** A file at the policy's commit: rules of another one would not be what the verdict names. */
async function textOf(path: string, { github, request, once }: Sources): Promise<string> {
  try {
    const { text, commit } = await once(`file ${path}`, () => readTrustedFile(github, path));
    if (commit === request.policy.commit) return text;
    throw new Unknowable(`the default branch moved while the gate was asked: run it again`);
  } catch (error) {
    if (error instanceof ConfigurationError) throw new Unknowable(error.message.replaceAll('\n', ' '));
    throw error;
  }
}

const kept = ['type', 'properties', 'additionalProperties', 'items', 'anyOf'];

/** What opa checks names by; its regular expressions, formats and drafts are not JavaScript's. */
function typesOnly(schema: unknown): unknown {
  if (typeof schema !== 'object' || schema === null) return schema;
  const { oneOf, ...rest } = schema as Record<string, unknown>;
  const entries = Object.entries(oneOf === undefined ? rest : { ...rest, anyOf: oneOf });
  return Object.fromEntries(
    entries
      .filter(([key]) => kept.includes(key))
      .map(([key, value]) => {
        if (key === 'anyOf') return [key, (value as unknown[]).map(typesOnly)];
        if (key === 'type') return [key, value];
        if (key !== 'properties') return [key, typesOnly(value)];
        const members = Object.entries(value as object).map(([name, member]) => [name, typesOnly(member)]);
        return [key, Object.fromEntries(members)];
      }),
  );
}
