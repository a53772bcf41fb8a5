import { invalid } from '../../errors.js';
import { created, ok, pageOf, type RepoContext, type Route, route } from '../../route.js';

interface Envelope {
  dsseEnvelope?: { payload?: string };
}
interface Statement {
  predicateType?: string;
  subject?: { digest?: { sha256?: string } }[];
}

/** What a bundle says it is about. GitHub keeps it as it comes: whether anybody believes it is theirs to find out. */
function statementOf(bundle: Envelope): Statement {
  try {
    return JSON.parse(
      Buffer.from(bundle.dsseEnvelope?.payload ?? '', 'base64').toString('utf8'),
    ) as Statement;
  } catch {
    throw invalid({ resource: 'Attestation', code: 'invalid', field: 'bundle' });
  }
}

function keep({ state, repo, body }: RepoContext): { id: number } {
  const { bundle } = body as { bundle: Envelope };
  const { predicateType = '', subject = [] } = statementOf(bundle);
  const digests = subject.flatMap(({ digest }) => (digest?.sha256 ? [`sha256:${digest.sha256}`] : []));
  const id = state.nextId();
  repo.attestations.push({ id, bundle, predicateType, digests });
  return { id };
}

export const attestationRoutes: readonly Route[] = [
  route('POST /attestations', [['attestations', 'write']], async (context) => created(keep(context))),
  route('GET /attestations/{subject_digest}', [['attestations', 'read']], ({ repo, params, query }) => {
    const { perPage } = pageOf(query);
    const wanted = query['predicate_type'];
    // OpenAPI repos/list-attestations: provenance, sbom, release, or a predicate type in full.
    const found = repo.attestations.filter(
      ({ digests, predicateType }) =>
        digests.includes(params['subject_digest'] ?? '') &&
        (wanted === undefined || predicateType === wanted),
    );
    const attestations = found
      .reverse()
      .slice(0, perPage)
      .map(({ bundle }) => ({ bundle, repository_id: repo.id }));
    return ok({ attestations });
  }),
];
