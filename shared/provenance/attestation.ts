import * as z from 'zod';

const sha256 = /^[0-9a-f]{64}$/;

/** What Fulcio writes into a certificate about a run: github.com/sigstore/fulcio/blob/main/docs/oid-info.md */
export const signerSchema = z.strictObject({
  issuer: z.string(),
  /** The workflow that signed, with its ref: https://github.com/owner/repo/.github/workflows/x.yml@refs/heads/main */
  signerUri: z.string(),
  /** https://github.com/owner/repo of the sources. */
  repositoryUri: z.string(),
  sha: z.string(),
  ref: z.string(),
  trigger: z.string(),
  runUri: z.string(),
  /** github-hosted or self-hosted. */
  runner: z.string(),
});

export type Signer = z.output<typeof signerSchema>;

/** What a verified attestation says: of which artifacts, and who signed it. */
export const attestedSchema = z.strictObject({
  predicateType: z.string(),
  /** Hex digests (sha256) of the artifacts. */
  subjects: z.array(z.string()),
  signer: signerSchema,
});

export type Attested = z.output<typeof attestedSchema>;

export type Verified = { ok: true; attested: Attested } | { ok: false; why: string };

const oids = {
  issuer: '1.3.6.1.4.1.57264.1.8',
  signerUri: '1.3.6.1.4.1.57264.1.9',
  runner: '1.3.6.1.4.1.57264.1.11',
  repositoryUri: '1.3.6.1.4.1.57264.1.12',
  sha: '1.3.6.1.4.1.57264.1.13',
  ref: '1.3.6.1.4.1.57264.1.14',
  trigger: '1.3.6.1.4.1.57264.1.20',
  runUri: '1.3.6.1.4.1.57264.1.21',
} as const satisfies Record<keyof Signer, string>;

/** An in-toto statement, as far as it matters: github.com/in-toto/attestation/blob/main/spec/v1/statement.md */
const statementSchema = z.object({
  _type: z.literal('https://in-toto.io/Statement/v1'),
  predicateType: z.string(),
  subject: z
    .array(z.object({ digest: z.object({ sha256: z.string().regex(sha256).optional() }) }))
    .min(1)
    .max(2_048),
});

/**
 * Reads trusted roots, JSON or a line each as `gh attestation trusted-root` prints them, and gives what verifies a
 * Sigstore bundle by any of them. Throws where the text holds none. Sigstore's libraries are loaded here.
 */
export async function loadVerifier(text: string): Promise<(bundle: unknown) => Verified> {
  const { TrustedRoot } = await import('@sigstore/protobuf-specs');
  const { bundleFromJSON } = await import('@sigstore/bundle');
  const { ASN1Obj } = await import('@sigstore/core');
  const { toSignedEntity, toTrustMaterial, Verifier } = await import('@sigstore/verify');
  const verifiers = rootsIn(text).map((json) => {
    const root = TrustedRoot.fromJSON(json);
    // GitHub's own authority, for private repositories, has no logs; its time stamps stand for them.
    return new Verifier(toTrustMaterial(root), {
      tlogThreshold: root.tlogs.length > 0 ? 1 : 0,
      ctlogThreshold: root.ctlogs.length > 0 ? 1 : 0,
      timestampThreshold: 1,
    });
  });
  return (json) => {
    try {
      const bundle = bundleFromJSON(json);
      if (bundle.content.$case !== 'dsseEnvelope') return { ok: false, why: 'it signs no statement' };
      const entity = toSignedEntity(bundle);
      const found = verifiers.map((verifier) => attempt(() => verifier.verify(entity)));
      const verified = found.find((one) => one.ok);
      if (!verified?.ok)
        return {
          ok: false,
          why: found.map((one) => (one.ok ? '' : one.why)).join('; ') || 'no trusted root',
        };
      const values = new Map(
        (verified.value.identity?.oids ?? []).map(({ oid, value }) => [oid?.id.join('.'), value]),
      );
      const signer = Object.fromEntries(
        Object.entries(oids).map(([name, oid]) => {
          const value = values.get(oid);
          return [name, value && ASN1Obj.parseBuffer(Buffer.from(value)).value.toString('utf8')];
        }),
      );
      const { predicateType, subject } = statementSchema.parse(
        JSON.parse(bundle.content.dsseEnvelope.payload.toString('utf8')),
      );
      const subjects = subject.flatMap(({ digest }) => digest.sha256 ?? []);
      const attested = attestedSchema.safeParse({ predicateType, subjects, signer });
      return attested.success
        ? { ok: true, attested: attested.data }
        : { ok: false, why: 'its certificate is not that of a workflow run' };
    } catch (error) {
      return { ok: false, why: firstLine(error) };
    }
  };
}

function rootsIn(text: string): unknown[] {
  const trimmed = text.trim();
  if (trimmed === '') throw new Error('it is empty');
  try {
    return [JSON.parse(trimmed)];
  } catch {
    return trimmed.split('\n').map((line) => JSON.parse(line) as unknown);
  }
}

function attempt<T>(work: () => T): { ok: true; value: T } | { ok: false; why: string } {
  try {
    return { ok: true, value: work() };
  } catch (error) {
    return { ok: false, why: firstLine(error) };
  }
}

const firstLine = (error: unknown) => (error as Error).message.split('\n')[0]!.slice(0, 200);
