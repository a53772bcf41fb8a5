import * as z from 'zod';
import type { Attested } from '../../../shared/provenance/attestation.js';
import { defineGate } from '../gate/gate.js';

const schema = z
  .strictObject({
    'signer-workflow': z
      .string()
      .regex(
        /^([\w.-]+\/[\w.-]+\/)?\.github\/workflows\/[\w.-]+\.ya?ml$/,
        'a path such as .github/workflows/cd.yml, with owner/name/ before it for a called workflow of another repository',
      )
      .describe(
        'The workflow that built and attested it; owner/name/ before it for one of another repository.',
      ),
    refs: z
      .array(z.string().regex(/^refs\/(heads|tags)\/\S+$/, 'a whole ref such as refs/heads/main'))
      .min(1)
      .max(20)
      .describe('Refs that it may have been built from, whole: refs/heads/main.'),
    'trusted-root': z
      .string()
      .regex(/^(?!\/)(?!.*(^|\/)\.\.(\/|$))[\w./-]+$/, 'a path inside the repository')
      .default('.github/trusted_root.jsonl')
      .describe('Trusted roots on the default branch, as gh attestation trusted-root prints them.'),
    'predicate-type': z
      .string()
      .min(1)
      .default('https://slsa.dev/provenance/v1')
      .describe('What is attested: provenance, or another type such as an SBOM.'),
    issuer: z
      .url({ protocol: /^https$/, error: 'an https address' })
      .default('https://token.actions.githubusercontent.com')
      .describe('Who vouches for the run; another one on GitHub Enterprise Server.'),
    'self-hosted': z.boolean().default(true).describe('Whether a self-hosted runner may have built it.'),
  })
  .describe('The artifact was built from this commit by the named workflow, and the attestation proves it.');

type Config = z.output<typeof schema>;

/** The digest is attested by a run of the named workflow at the released commit. */
export const provenance = defineGate({
  name: 'provenance',
  schema,
  needs: {
    attestations: (config) => ({
      trustedRoot: config['trusted-root'],
      predicateType: config['predicate-type'],
    }),
  },
  judge: (config, { request, evidence: { attestations } }) => {
    const judged = attestations.map((one) =>
      one.is === 'refused' ? [one.reason] : doubts(one.attested, config, request),
    );
    const good = attestations.find((one, at) => one.is === 'verified' && judged[at]!.length === 0);
    if (good?.is === 'verified') {
      const { signer } = good.attested;
      return {
        is: 'pass',
        reason: `built from ${request.sha.slice(0, 12)} by ${config['signer-workflow']}`,
        evidence: [{ text: 'run', url: signer.runUri }],
      };
    }
    if (attestations.length === 0)
      return {
        is: 'fail',
        reason: `GitHub has no attestation of ${request.digest}. Fix: attest it in the build, by actions/attest`,
      };
    return {
      is: 'fail',
      reason: `no attestation of ${request.digest} proves it: ${[...new Set(judged.flat())].slice(0, 5).join('; ')}`,
    };
  },
});

/** What speaks against a verified attestation. */
function doubts(
  { predicateType, subjects, signer }: Attested,
  config: Config,
  { digest, sha, repositoryUrl }: { digest: string; sha: string; repositoryUrl: string },
): string[] {
  const named = config['signer-workflow'];
  const server = new URL(repositoryUrl).origin;
  const workflow = named.startsWith('.github/') ? `${repositoryUrl}/${named}` : `${server}/${named}`;
  const [signed = ''] = signer.signerUri.split('@');
  const checks: [boolean, string][] = [
    [predicateType === config['predicate-type'], `it attests ${predicateType}`],
    [subjects.includes(digest.replace('sha256:', '')), 'it is about another artifact'],
    [signer.issuer === config.issuer, `issued by ${signer.issuer}`],
    [same(signer.repositoryUri, repositoryUrl), `built from ${signer.repositoryUri}`],
    [signer.sha === sha, `built from commit ${signer.sha.slice(0, 12)}`],
    [config.refs.includes(signer.ref), `built from ${signer.ref}`],
    [same(signed, workflow), `signed by ${signer.signerUri}`],
    [config['self-hosted'] || signer.runner === 'github-hosted', `built on a ${signer.runner} runner`],
  ];
  return checks.flatMap(([holds, doubt]) => (holds ? [] : [doubt]));
}

/** GitHub's owners and names have no case. */
const same = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();
