import * as z from 'zod';
import { defineGate, shortSha } from '../gate/gate.js';

/** A release never goes back behind what is live: a re-run of an old workflow must not ship old code. */
export const monotonic = defineGate({
  name: 'monotonic',
  schema: z.literal(true).describe('The release must contain what is live.'),
  needs: { comparison: true },
  judge: (_config, { request, evidence }) => {
    const { live, named } = evidence.comparison;
    if (!live)
      return {
        is: 'pass',
        reason: `first deployment: the ledger has nothing live in ${request.environment}${named ? ', and the policy names the service under first-release' : ''}`,
      };
    const sha = shortSha(request.sha);
    const what = `${shortSha(live.sha)}, live in ${request.environment} by Deployment ${live.deployment}`;
    const notes = named
      ? [
          `${request.service} is live, and the policy still names it under first-release: take it out, or its next release looks like the first where somebody deletes its Deployments`,
        ]
      : [];
    const links = [
      { text: 'comparison', url: `${request.repositoryUrl}/compare/${live.sha}...${request.sha}` },
    ];
    switch (live.status) {
      case 'identical':
        return { is: 'pass', reason: `${sha} is what is live`, notes, evidence: links };
      case 'ahead':
        return { is: 'pass', reason: `${sha} is ahead of ${what}`, notes, evidence: links };
      case 'behind':
        return {
          is: 'fail',
          reason: `${sha} is behind ${what}: release a newer commit, or use auto-rollback to go back`,
          notes,
          evidence: links,
        };
      case 'diverged':
        return {
          is: 'fail',
          reason: `${sha} lacks commits of ${what}: merge them into this branch and release the merge`,
          notes,
          evidence: links,
        };
    }
  },
});
