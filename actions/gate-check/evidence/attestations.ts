import * as z from 'zod';
import { ConfigurationError } from '../../../shared/config/problem.js';
import { readTrustedFile } from '../../../shared/github/trusted-file.js';
import { attestedSchema, loadVerifier } from '../../../shared/provenance/attestation.js';
import { defineEvidence, Unknowable, type Sources } from './evidence.js';

/** Where the trusted roots stand, and of which kind the attestations are. */
export interface AskedAttestations {
  trustedRoot: string;
  predicateType: string;
}

const attestationSchema = z.discriminatedUnion('is', [
  z.strictObject({ is: z.literal('verified'), attested: attestedSchema }),
  z.strictObject({ is: z.literal('refused'), reason: z.string() }),
]);

/** Attestations that are looked at; more do not hide a good one among the first, and none is concluded from the rest. */
const most = 30;

/** What GitHub keeps of attestations of the digest, each verified by trusted roots of the default branch. */
export const attestations = defineEvidence({
  kind: 'attestations',
  what: 'the attestations of the artifact',
  schema: z.array(attestationSchema),
  permission: { attestations: 'read', contents: 'read' },
  collect: async (needs: readonly AskedAttestations[], sources) => {
    const [asked] = needs;
    if (!asked) return [];
    const verify = await loadVerifier(await rootsOf(asked.trustedRoot, sources)).catch((error: Error) => {
      throw new Unknowable(
        `${asked.trustedRoot} holds no trusted root: ${error.message}. Fix: gh attestation trusted-root > ${asked.trustedRoot}`,
      );
    });
    const { attestations: found = [] } = await sources.github.rest(
      'GET /repos/{owner}/{repo}/attestations/{subject_digest}',
      { subject_digest: sources.request.digest, predicate_type: asked.predicateType, per_page: most },
    );
    return found.map(({ bundle }) => {
      const verified = verify(bundle);
      return verified.ok
        ? { is: 'verified' as const, attested: verified.attested }
        : { is: 'refused' as const, reason: verified.why };
    });
  },
});

async function rootsOf(path: string, { github }: Pick<Sources, 'github'>): Promise<string> {
  try {
    return (await readTrustedFile(github, path)).text;
  } catch (error) {
    if (error instanceof ConfigurationError) throw new Unknowable(error.message.replaceAll('\n', ' '));
    throw error;
  }
}
