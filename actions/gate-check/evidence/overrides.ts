import * as z from 'zod';
import { readAccess } from '../../../shared/github/role.js';
import { repositoryQuery } from '../../../shared/github/repository-query.js';
import { identityOf, type Actor } from '../../../shared/ledger/record.js';
import { parseInstant } from '../../../shared/time/instant.js';
import { changes } from './code/changes.js';
import { mayBring } from './code/pulls.js';
import { defineEvidence, Unknowable } from './evidence.js';

const overrideSchema = z.strictObject({
  by: z.strictObject({ login: z.string(), bot: z.boolean() }),
  /** Epoch milliseconds. */
  at: z.number(),
  edited: z.boolean(),
  url: z.string(),
  gate: z.string(),
  environment: z.string(),
  sha: z.string(),
  reason: z.string(),
  /** The role that the person has now; null where it could not be read. */
  role: z.string().nullable(),
});

/** A comment on a pull request of the release that asks to let a gate through. */
export type Override = z.output<typeof overrideSchema>;

/** `/override <gate> for <environment> at <40-hex sha>: <reason>`, alone in a comment. */
const form = /^\/override ([a-z-]{1,40}) for (\S{1,100}) at ([0-9a-f]{40}): (\S[^\r\n]{9,199})$/;

/** Pull requests whose comments are read; of each the newest hundred. */
const mostPulls = 50;

/** People whose role is looked up; each costs a request. */
const mostPeople = 10;

interface CommentNode {
  author: Actor | null;
  body: string;
  createdAt: string;
  lastEditedAt: string | null;
  includesCreatedEdit: boolean;
  url: string;
}

type Answer = Record<`pull${number}`, { comments: { nodes: CommentNode[] } } | null>;

/** Comments that are cut off are overrides less, never more. */
const members = (numbers: readonly number[]) =>
  numbers
    .map(
      (_, at) => `
        pull${at}: pullRequest(number: $pull${at}) {
          comments(last: 100) {
            nodes { author { __typename login } body createdAt lastEditedAt includesCreatedEdit url }
          }
        }`,
    )
    .join('\n');

/** What people wrote to let gates through, with the role that each of them has now. */
export const overrides = defineEvidence({
  kind: 'overrides',
  what: 'the overrides',
  schema: z.array(overrideSchema),
  permission: { 'pull-requests': 'read' },
  restsOn: { [changes.kind]: () => true },
  collect: async (_needs: readonly true[], sources): Promise<Override[]> => {
    const { pulls } = await sources.valueOf(changes);
    const numbers = pulls
      .filter((pull) => mayBring(pull, sources.request.sha))
      .map(({ number }) => number)
      .slice(-mostPulls);
    if (numbers.length === 0) return [];
    const document = repositoryQuery('Overrides', [
      {
        variables: Object.fromEntries(numbers.map((_, at) => [`pull${at}`, 'Int!'])),
        members: members(numbers),
      },
    ]);
    const variables = Object.fromEntries(numbers.map((number, at) => [`pull${at}`, number]));
    const { repository } = await sources.github.graphql<{ repository: Answer }>(document, variables);
    const found = numbers.flatMap((number, at) => {
      const pull = repository[`pull${at}`];
      if (!pull) throw new Unknowable(`GitHub does not tell the comments of pull request #${number}`);
      return pull.comments.nodes.flatMap(readComment);
    });
    const people = [...new Set(found.map(({ by }) => by.login))].slice(0, mostPeople);
    const roles = new Map(
      await Promise.all(
        people.map(
          async (login) => [login, (await readAccess(sources.github, login))?.role ?? null] as const,
        ),
      ),
    );
    return found.map((one) => ({ ...one, role: roles.get(one.by.login) ?? null }));
  },
});

function readComment(node: CommentNode): Omit<Override, 'role'>[] {
  const [, gate, environment, sha, reason] = form.exec(node.body.trim()) ?? [];
  const at = parseInstant(node.createdAt);
  if (!gate || !environment || !sha || !reason || at === undefined || !node.author) return [];
  const edited = node.lastEditedAt !== null || node.includesCreatedEdit;
  return [{ by: identityOf(node.author), at, edited, url: node.url, gate, environment, sha, reason }];
}
