import { AwsV4Signer } from 'aws4fetch';
import { RouterError } from '../../router.js';
import { find, parseXml, textAt, type XmlElement } from './xml.js';
import { quoteAnswer } from '../reading.js';
import type { RouterTools } from '../tools.js';

/** Version of the ELBv2 API. */
const apiVersion = '2015-12-01';

/** All calls made here are absolute, so that sending one again is safe; waits between tries double (milliseconds). */
const tries = 5;

const again =
  /^(Throttling|ThrottlingException|RequestLimitExceeded|ServiceUnavailable|InternalFailure|InternalError)$/;

/** Longest answer read, in bytes: a target group has at most 1,000 targets. */
const maxAnswer = 4 * 1024 * 1024;

/** The ELBv2 API: one action with its parameters, and the element that holds its result. Throws RouterError. */
export type AlbApi = (
  node: string,
  action: string,
  parameters: Readonly<Record<string, string>>,
) => Promise<XmlElement | undefined>;

/**
 * Milliseconds: until an answer counts as missing, between looks at health, and before the first repetition of a call.
 */
export const albPace = { answerWithin: 10_000, pollEvery: 3_000, repeatAfter: 300 };

/** Signs with the credentials of the step's environment, as `aws-actions/configure-aws-credentials` leaves them. */
export function albApi(
  endpoint: { region: string; url: string },
  { http, clock, variable }: Pick<RouterTools, 'http' | 'clock' | 'variable'>,
  pace = albPace,
): AlbApi {
  const credentials = (node: string) => {
    const need = (name: string) => {
      const value = variable(name);
      if (!value)
        throw new RouterError(
          `Node "${node}": the environment variable ${name} is not set; put aws-actions/configure-aws-credentials before this step.`,
          node,
        );
      return value;
    };
    const sessionToken = variable('AWS_SESSION_TOKEN');
    return {
      accessKeyId: need('AWS_ACCESS_KEY_ID'),
      secretAccessKey: need('AWS_SECRET_ACCESS_KEY'),
      ...(sessionToken ? { sessionToken } : {}),
    };
  };

  async function once(node: string, body: string) {
    const signed = await new AwsV4Signer({
      ...credentials(node),
      service: 'elasticloadbalancing',
      region: endpoint.region,
      url: endpoint.url,
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
      body,
      datetime: amzDate(clock.now()),
    }).sign();
    const result = await http.send({
      url: signed.url.href,
      method: 'POST',
      headers: Object.fromEntries(signed.headers),
      body,
      timeoutMs: pace.answerWithin,
      maxBodyBytes: maxAnswer,
      freshConnection: true,
    });
    if (!result.ok) throw new RouterError(`Node "${node}": ${result.fault.message}.`, node);
    const { status, body: answer } = result.response;
    return { status, text: new TextDecoder().decode(answer) };
  }

  return async (node, action, parameters) => {
    const body = new URLSearchParams({ Action: action, Version: apiVersion, ...parameters }).toString();
    for (let attempt = 1; ; attempt++) {
      const { status, text } = await once(node, body);
      const document = parseXml(text);
      // Most services wrap an error once, EC2 and its kin twice.
      const failure = find(document, 'Error') ?? find(document, 'Errors', 'Error');
      const code = textAt(failure, 'Code');
      if (status === 200 && document?.name === `${action}Response`) return find(document, `${action}Result`);
      if (attempt < tries && (status >= 500 || again.test(code ?? ''))) {
        await clock.sleep(pace.repeatAfter * 2 ** (attempt - 1));
        continue;
      }
      const message = textAt(failure, 'Message');
      throw new RouterError(`Node "${node}": ${explain(action, status, code, message, text)}`, node);
    }
  };
}

/** What an answer that is no result means, and what to change. */
function explain(
  action: string,
  status: number,
  code: string | undefined,
  message: string | undefined,
  text: string,
): string {
  if (code === undefined)
    return `${action} was answered with status ${status} and nothing that is understood: ${quoteAnswer(text)}.`;
  const quoted = message ? ` (it says: ${quoteAnswer(message)})` : '';
  if (/^(AccessDenied|AccessDeniedException|UnauthorizedOperation)$/.test(code))
    return `AWS does not let us call ${action}${quoted}. Add "elasticloadbalancing:${action}" to the Action list of the role's policy.`;
  if (
    /^(ExpiredToken|ExpiredTokenException|InvalidClientTokenId|UnrecognizedClientException|SignatureDoesNotMatch|IncompleteSignature)$/.test(
      code,
    )
  )
    return `AWS does not take the credentials for ${action}: ${code}${quoted}. Look at aws-actions/configure-aws-credentials in this job; a session may have ended, or the runner's clock be wrong.`;
  if (/NotFound$/.test(code)) return `${action}: ${code}${quoted}; check the ARNs in the traffic file.`;
  return `${action} was refused: ${code}${quoted}.`;
}

function amzDate(epochMs: number): string {
  return new Date(epochMs).toISOString().replace(/[:-]|\.\d{3}/g, '');
}
