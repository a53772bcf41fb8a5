import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createHttpClient } from '../../../../../shared/http/client.js';
import { albApi } from '../../../../../shared/traffic/routers/alb/api.js';
import { textAt } from '../../../../../shared/traffic/routers/alb/xml.js';
import { serve, type TestServer } from '../../../../support/servers/http.js';

const rule = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/shop/0c3/0d4/0e5';

describe('the API', () => {
  const http = createHttpClient();
  const variables: Record<string, string> = {
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_SESSION_TOKEN: 'session',
  };
  let server: TestServer;
  let answers: { status: number; body: string }[];
  let asked: { headers: Record<string, unknown>; body: string }[];
  let slept: number[];

  const good =
    '<DescribeRulesResponse xmlns="http://x/"><DescribeRulesResult><A>1</A></DescribeRulesResult></DescribeRulesResponse>';
  const failure = (code: string) =>
    `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>m</Message></Error></ErrorResponse>`;

  beforeEach(async () => {
    [asked, slept] = [[], []];
    server = await serve((request, response) => {
      let body = '';
      request.on('data', (chunk: string) => (body += chunk));
      request.on('end', () => {
        asked.push({ headers: request.headers, body });
        const answer = answers.length > 1 ? answers.shift()! : answers[0]!;
        response.writeHead(answer.status).end(answer.body);
      });
    });
  });

  afterEach(() => server.close());
  afterAll(() => http.close());

  const call = (environment = variables) => {
    const clock = {
      now: () => 1_769_860_800_000,
      sleep: async (milliseconds: number) => void slept.push(milliseconds),
    };
    const tools = { http, clock, variable: (name: string) => environment[name] };
    const pace = { answerWithin: 2_000, pollEvery: 1, repeatAfter: 100 };
    return albApi({ region: 'eu-west-1', url: `${server.url}/` }, tools, pace)('https', 'DescribeRules', {
      'RuleArns.member.1': rule,
    });
  };

  test('is asked by signed form, with the session token', async () => {
    answers = [{ status: 200, body: good }];
    expect(textAt(await call(), 'A')).toBe('1');
    const [{ headers, body }] = asked as [(typeof asked)[0]];
    expect(Object.fromEntries(new URLSearchParams(body))).toEqual({
      Action: 'DescribeRules',
      Version: '2015-12-01',
      'RuleArns.member.1': rule,
    });
    expect(headers['authorization']).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/20260131\/eu-west-1\/elasticloadbalancing\/aws4_request, SignedHeaders=host;x-amz-date;x-amz-security-token, Signature=[0-9a-f]{64}$/,
    );
    expect(headers['x-amz-security-token']).toBe('session');
  });

  test('is asked again, ever later, when it is busy', async () => {
    answers = [
      { status: 400, body: failure('Throttling') },
      { status: 503, body: 'busy' },
      { status: 200, body: good },
    ];
    await call();
    expect(slept).toEqual([100, 200]);
  });

  test('is asked five times at most', async () => {
    answers = [{ status: 503, body: 'busy' }];
    await expect(call()).rejects.toThrow(
      'DescribeRules was answered with status 503 and nothing that is understood: "busy"',
    );
    expect(asked).toHaveLength(5);
  });

  test.each([
    ['AccessDenied', 'Add "elasticloadbalancing:DescribeRules" to the Action list'],
    ['ExpiredToken', 'does not take the credentials for DescribeRules: ExpiredToken'],
    ['RuleNotFound', 'check the ARNs in the traffic file'],
    ['TooManyTargetGroups', 'DescribeRules was refused: TooManyTargetGroups (it says: "m")'],
  ])('that says %s is an error with its way out, at once', async (code, expected) => {
    answers = [{ status: 400, body: failure(code) }];
    await expect(call()).rejects.toThrow(expected);
    expect(asked).toHaveLength(1);
  });

  test('that answers with another document is an error', async () => {
    answers = [{ status: 200, body: '<html><body>Sign in</body></html>' }];
    await expect(call()).rejects.toThrow('status 200 and nothing that is understood');
  });

  test('is not asked without credentials', async () => {
    await expect(call({ AWS_ACCESS_KEY_ID: 'a' })).rejects.toThrow(
      'AWS_SECRET_ACCESS_KEY is not set; put aws-actions/configure-aws-credentials before this step',
    );
    expect(asked).toEqual([]);
  });
});
