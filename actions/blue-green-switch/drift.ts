import {
  describeWeights,
  liveColour,
  readable,
  sameWeights,
  type Survey,
} from '../../shared/traffic/router.js';

/** What of a router's nodes a person should know: which cannot be read and why, where they differ, and which would change by themselves at a restart. */
export function nodeDrift({ nodes }: Pick<Survey, 'nodes'>): string[] {
  const read = nodes.flatMap((node) => (node.ok ? [node] : []));
  const [first] = read;
  const differ = first && read.some(({ weights }) => !sameWeights(weights, first.weights));
  const eachSays = read.map(({ name, weights }) => `${name} ${describeWeights(weights)}`).join('; ');
  return [
    ...readable({ nodes }).lost,
    ...(differ ? [`the nodes differ: ${eachSays}`] : []),
    ...(first && !differ && !liveColour(first.weights)
      ? [`traffic is mixed: ${describeWeights(first.weights)}`]
      : []),
    ...read.flatMap(({ name, weights, saved }) => {
      if (saved === undefined || (saved !== null && sameWeights(saved, weights))) return [];
      const brings = saved === null ? 'what is not understood' : describeWeights(saved);
      return [`${name} serves ${describeWeights(weights)}, and a restart or reload would bring ${brings}`];
    }),
  ];
}
