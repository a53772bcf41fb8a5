/** GraphQL global ids: a type prefix as GitHub writes it and the numbers that find the record again. */
export type NodeKind =
  | 'R'
  | 'U'
  | 'BOT'
  | 'A'
  | 'DE'
  | 'DES'
  | 'CS'
  | 'CR'
  | 'WFR'
  | 'AR'
  | 'W'
  | 'EN'
  | 'I'
  | 'PR'
  | 'PRR'
  | 'IC'
  | 'LA'
  | 'RE'
  | 'SC'
  | 'C'
  | 'T'
  | 'B'
  | 'PSH'
  | 'REF';

export interface NodeKey {
  kind: NodeKind;
  repoId: number;
  key: string;
}

export function nodeId(kind: NodeKind, repoId: number, key: number | string): string {
  return `${kind}_${Buffer.from(`${repoId}:${key}`).toString('base64url')}`;
}

/** The parts of a node id made by nodeId, or null when it is none. */
export function parseNodeId(id: string): NodeKey | null {
  const match = /^([A-Z]+)_([A-Za-z0-9_-]+)$/.exec(id);
  if (match === null) return null;
  const inside = /^(\d+):(.+)$/s.exec(Buffer.from(match[2] ?? '', 'base64url').toString());
  if (inside === null) return null;
  return { kind: match[1] as NodeKind, repoId: Number(inside[1]), key: inside[2] ?? '' };
}
