import { createHash, createHmac } from 'node:crypto';
import * as z from 'zod';
import { doraFactsSchema, type DoraFacts } from '../../../shared/contracts/dora-facts.js';

const contentSchema = z.strictObject({
  /** `owner/name`. */
  repository: z.string(),
  commits: doraFactsSchema.shape.commits,
  pulls: doraFactsSchema.shape.pulls,
});

const cacheSchema = z.strictObject({
  schema: z.literal('devops-actions/dora-cache@1'),
  content: z.string(),
  seal: z.string(),
});

/** What never changes once it was read: commits, and pull requests that are live. */
export type Cached = Pick<DoraFacts, 'commits' | 'pulls'>;

/**
 * The text of a cache file. It is sealed: with a key, which only the workflow knows, nobody else can write one that is
 * believed; without a key the seal finds damage, not forgery.
 */
export function writeCache(repository: string, facts: Cached, key: string): string {
  const { commits, pulls } = facts;
  const content = JSON.stringify({ repository: repository.toLowerCase(), commits, pulls });
  return `${JSON.stringify({ schema: 'devops-actions/dora-cache@1', content, seal: sealOf(content, key) })}\n`;
}

/** What a cache file holds; a reason where it is not believed, and then everything is read again. */
export function readCache(
  text: string,
  repository: string,
  key: string,
): { cached: Cached } | { cached: undefined; why: string } {
  const refused = (why: string) => ({ cached: undefined, why });
  try {
    const outer = cacheSchema.safeParse(JSON.parse(text));
    if (!outer.success) return refused('it is not a cache of this version');
    const { content, seal } = outer.data;
    if (sealOf(content, key) !== seal) return refused('its seal does not fit its content');
    const inner = contentSchema.safeParse(JSON.parse(content));
    if (!inner.success) return refused('its content is not what this version writes');
    if (inner.data.repository !== repository.toLowerCase())
      return refused(`it is of ${inner.data.repository}`);
    return { cached: inner.data };
  } catch {
    return refused('it is no JSON');
  }
}

function sealOf(content: string, key: string): string {
  return key === ''
    ? createHash('sha256').update(content).digest('hex')
    : createHmac('sha256', key).update(content).digest('hex');
}
