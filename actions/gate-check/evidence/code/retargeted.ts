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

/** An instant of GitHub. Throws Unknowable where it is invalid. */
export function instantOf(text: string): number {
  const at = parseInstant(text);
  if (at === undefined) throw new Unknowable(`GitHub answered an instant that is invalid: ${text}`);
  return at;
}
