import { parseInstant } from '../../../../shared/time/instant.js';
import { Unknowable } from '../evidence.js';

/** When the base of a pull request was changed last, by a person or since its branch was deleted. */
export const retargetedMember = /* GraphQL */ `
  timelineItems(last: 1, itemTypes: [BASE_REF_CHANGED_EVENT, AUTOMATIC_BASE_CHANGE_SUCCEEDED_EVENT]) {
    nodes {
      __typename
      ... on BaseRefChangedEvent {
        createdAt
      }
      ... on AutomaticBaseChangeSucceededEvent {
        createdAt
      }
    }
  }
`;

export interface Retargeted {
  timelineItems: { nodes: ({ __typename: string; createdAt?: string } | null)[] };
}

/** Epoch milliseconds; null when it never was. Throws Unknowable for an instant that cannot be read. */
export function retargetedAt({ timelineItems }: Retargeted): number | null {
  const at = timelineItems.nodes.at(-1)?.createdAt;
  return at === undefined ? null : instantOf(at);
}

/**
 * When a pull request began to show other changes though its commits stayed: its base was changed, written anew, or
 * deleted. Only before its merge; afterwards that changes nothing.
 */
export const baseMember = /* GraphQL */ `
  mergedAt
  timelineItems(
    last: 20
    itemTypes: [
      BASE_REF_CHANGED_EVENT
      AUTOMATIC_BASE_CHANGE_SUCCEEDED_EVENT
      BASE_REF_FORCE_PUSHED_EVENT
      BASE_REF_DELETED_EVENT
    ]
  ) {
    pageInfo {
      hasPreviousPage
    }
    nodes {
      __typename
      ... on BaseRefChangedEvent {
        createdAt
      }
      ... on AutomaticBaseChangeSucceededEvent {
        createdAt
      }
      ... on BaseRefForcePushedEvent {
        createdAt
      }
      ... on BaseRefDeletedEvent {
        createdAt
      }
    }
  }
`;

export interface Based {
  mergedAt: string | null;
  timelineItems: Retargeted['timelineItems'] & { pageInfo: { hasPreviousPage: boolean } };
}

/** Epoch milliseconds; null when it never did. Throws Unknowable for an instant that cannot be read. */
export function baseChangedAt({ mergedAt, timelineItems: { nodes, pageInfo } }: Based): number | null {
  const merged = mergedAt === null ? Infinity : instantOf(mergedAt);
  const before = nodes
    .flatMap((node) => (node?.createdAt === undefined ? [] : [instantOf(node.createdAt)]))
    .filter((at) => at <= merged);
  if (before.length > 0) return Math.max(...before);
  // Of so many events after the merge, those before it are not seen.
  return pageInfo.hasPreviousPage ? merged : null;
}

/** An instant of GitHub. Throws Unknowable where it is invalid. */
export function instantOf(text: string): number {
  const at = parseInstant(text);
  if (at === undefined) throw new Unknowable(`GitHub answered an instant that is invalid: ${text}`);
  return at;
}
