import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { fulcioHandler, initializeCA, initializeCTLog, initializeTLog, rekorHandler } from '@sigstore/mock';
import { bundleToJSON } from '@sigstore/bundle';
import { DSSEBundleBuilder, FulcioSigner, RekorWitness } from '@sigstore/sign';
import { serve } from './servers/http.js';

/** What GitHub's identity token says of a run. */
export interface Claims {
  iss: string;
  repository: string;
  sha: string;
  ref: string;
  job_workflow_ref: string;
  event_name: string;
  run_id: string;
  run_attempt: string;
  runner_environment: string;
}

export interface Sigstore {
  /** Trusted roots as `gh attestation trusted-root` prints them. */
  trustedRoot: string;
  /** A bundle as actions/attest makes it: a statement about the digest, signed for the run of the claims. */
  attest(digest: string, claims: Claims, predicateType?: string): Promise<object>;
  close(): Promise<void>;
}

const pair = (curve: string) => generateKeyPairSync('ec', { namedCurve: curve });
const base64 = (bytes: ArrayBufferView | Buffer) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
const derOf = (key: KeyObject) => key.export({ format: 'der', type: 'spki' });

/** A certificate authority and both logs of our own, as servers on loopback; the log says when it was signed. */
export async function startSigstore(): Promise<Sigstore> {
  const [root, ct, log] = [pair('P-384'), pair('P-256'), pair('P-256')];
  const start = new Date(Date.now() - 86_400_000).toISOString();
  const ctLog = await initializeCTLog(ct);
  const ca = await initializeCA(root, ctLog);
  const handlers = new Map<
    string,
    (body: string) => Promise<{ statusCode: number; response: unknown; contentType?: string }>
  >();
  const server = await serve((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const handler = handlers.get(new URL(incoming.url!, 'http://x').pathname);
      if (!handler) return void response.writeHead(404).end();
      handler(Buffer.concat(chunks) as unknown as string).then(
        ({ statusCode, response: body, contentType }) => {
          response.writeHead(statusCode, contentType ? { 'content-type': contentType } : {});
          response.end(body as string);
        },
        (error: Error) => response.writeHead(500).end(error.message),
      );
    });
  });
  const tlog = await initializeTLog(server.url, log);
  for (const { path, fn } of [fulcioHandler(ca), rekorHandler(tlog)]) handlers.set(path, fn as never);

  const logOf = (key: KeyObject) => ({
    baseUrl: server.url,
    hashAlgorithm: 'SHA2_256',
    publicKey: {
      rawBytes: derOf(key).toString('base64'),
      keyDetails: 'PKIX_ECDSA_P256_SHA_256',
      validFor: { start },
    },
    logId: { keyId: createHash('sha256').update(derOf(key)).digest('base64') },
  });
  const authority = (...certificates: ArrayBufferView[]) => ({
    subject: { organization: 'test', commonName: 'test' },
    uri: server.url,
    certChain: { certificates: certificates.map((certificate) => ({ rawBytes: base64(certificate) })) },
    validFor: { start },
  });
  return {
    trustedRoot: JSON.stringify({
      mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
      tlogs: [logOf(log.publicKey)],
      ctlogs: [logOf(ct.publicKey)],
      certificateAuthorities: [authority(ca.rootCertificate)],
      timestampAuthorities: [],
    }),
    attest: async (digest, claims, predicateType = 'https://slsa.dev/provenance/v1') => {
      const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
      const token = `${encode({ alg: 'none' })}.${encode({ sub: `https://github.com/${claims.job_workflow_ref}`, ...claims })}.x`;
      const builder = new DSSEBundleBuilder({
        signer: new FulcioSigner({
          fulcioBaseURL: server.url,
          identityProvider: { getToken: async () => token },
        }),
        witnesses: [new RekorWitness({ rekorBaseURL: server.url, entryType: 'intoto' })],
      });
      const statement = {
        _type: 'https://in-toto.io/Statement/v1',
        subject: [{ name: 'shop', digest: { sha256: digest.replace('sha256:', '') } }],
        predicateType,
        predicate: {},
      };
      const data = Buffer.from(JSON.stringify(statement));
      return bundleToJSON(await builder.create({ data, type: 'application/vnd.in-toto+json' })) as object;
    },
    close: server.close,
  };
}
