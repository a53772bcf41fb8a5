import { describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { execInfo, readExecAnswer } from '../../../../../shared/traffic/routers/kube/exec-credential.js';
import { selectContext } from '../../../../../shared/traffic/routers/kube/kubeconfig.js';

const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'aws', args: ['eks', 'get-token'] };

function kubeconfig(user: Record<string, unknown>, cluster: Record<string, unknown> = {}): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    preferences: {},
    'current-context': 'prod',
    contexts: [
      { name: 'prod', context: { cluster: 'c', user: 'u', namespace: 'shop' } },
      { name: 'lost', context: { cluster: 'gone', user: 'u' } },
    ],
    clusters: [{ name: 'c', cluster: { server: 'https://10.0.0.1:6443', ...cluster } }],
    users: [{ name: 'u', user }],
  });
}

const why = (text: string, context?: string) => {
  const selected = selectContext(text, context);
  return selected.ok ? 'accepted' : selected.why;
};

describe('a kubeconfig', () => {
  test('gives server, authority and credentials of its current context', () => {
    const data = (text: string) => Buffer.from(text).toString('base64');
    const text = kubeconfig(
      { token: 't0ken', 'client-certificate-data': data('CERT'), 'client-key': 'key.pem' },
      {
        'certificate-authority-data': data('CA'),
        'certificate-authority': 'ca.crt',
        'tls-server-name': 'kube',
      },
    );
    expect(selectContext(text, undefined)).toEqual({
      ok: true,
      access: {
        server: 'https://10.0.0.1:6443',
        ca: { text: 'CA' },
        serverName: 'kube',
        token: { text: 't0ken' },
        certificate: { text: 'CERT' },
        key: { file: 'key.pem' },
      },
    });
  });

  test('prefers a token file to a token, as kubectl does', () => {
    const selected = selectContext(kubeconfig({ token: 'old', tokenFile: '/run/token' }), 'prod');
    expect(selected.ok && selected.access.token).toEqual({ file: '/run/token' });
  });

  test('gives the exec plugin with its arguments and variables', () => {
    const selected = selectContext(
      kubeconfig({
        exec: { ...exec, env: [{ name: 'AWS_PROFILE', value: 'prod' }], provideClusterInfo: true },
      }),
      undefined,
    );
    expect(selected.ok && selected.access.exec).toMatchObject({
      command: 'aws',
      args: ['eks', 'get-token'],
      env: { AWS_PROFILE: 'prod' },
      provideClusterInfo: true,
    });
  });

  test.each([
    ['an unknown context', why(kubeconfig({}), 'stage'), 'has no context "stage" (there are: prod, lost)'],
    ['a context whose cluster is missing', why(kubeconfig({}), 'lost'), 'has no cluster "gone"'],
    ['no YAML', why('a: [', undefined), 'is no YAML (line 1)'],
    ['no contexts', why('{}'), 'has no current-context'],
    ['unverified TLS', why(kubeconfig({}, { 'insecure-skip-tls-verify': true })), 'insecure-skip-tls-verify'],
    ['a proxy', why(kubeconfig({}, { 'proxy-url': 'http://proxy' })), 'proxy-url'],
    ['a server without TLS', why(kubeconfig({}, { server: 'http://10.0.0.1' })), 'without TLS'],
    ['a password', why(kubeconfig({ username: 'u', password: 'p' })), 'a password'],
    ['an auth-provider', why(kubeconfig({ 'auth-provider': { name: 'gcp' } })), 'removed in 1.26'],
    ['impersonation', why(kubeconfig({ as: 'root' })), 'impersonate'],
    ['a certificate without key', why(kubeconfig({ 'client-certificate': 'c' })), 'only one of'],
    [
      'an old plugin',
      why(kubeconfig({ exec: { ...exec, apiVersion: 'client.authentication.k8s.io/v1alpha1' } })),
      'other than',
    ],
    [
      'a plugin that asks',
      why(kubeconfig({ exec: { ...exec, interactiveMode: 'Always' } })),
      'asks a person',
    ],
  ])('with %s is refused', (_what, message, expected) => {
    expect(message).toContain(expected);
  });

  test('is never quoted in an error: its values may be secrets', () => {
    expect(why(kubeconfig({ token: 123456789 }))).toContain('users.0.user.token');
    expect(why(kubeconfig({ token: 123456789 }))).not.toContain('123456789');
    expect(why('token: "s3cret\n  : x')).not.toContain('s3cret');
  });

  test('without TLS is taken on loopback, where kubectl proxy listens', () => {
    expect(why(kubeconfig({}, { server: 'http://127.0.0.1:8001' }))).toBe('accepted');
  });
});

describe('an exec plugin', () => {
  const plugin = { ...exec, env: {}, installHint: undefined, provideClusterInfo: true };
  const read = (status: unknown, more: Record<string, unknown> = {}) =>
    readExecAnswer(
      plugin,
      JSON.stringify({ apiVersion: exec.apiVersion, kind: 'ExecCredential', status, ...more }),
    );

  test('is told of the cluster only when the kubeconfig says so, and never to ask anybody', () => {
    const cluster = { server: 'https://kube', ca: 'CA' };
    expect(JSON.parse(execInfo(plugin, cluster))).toEqual({
      apiVersion: exec.apiVersion,
      kind: 'ExecCredential',
      spec: { interactive: false, cluster: { server: 'https://kube', 'certificate-authority-data': 'Q0E=' } },
    });
    expect(JSON.parse(execInfo({ ...plugin, provideClusterInfo: false }, cluster))).toMatchObject({
      spec: { interactive: false },
    });
  });

  test('hands out a token with its end', () => {
    expect(read({ token: 't', expirationTimestamp: '2026-01-31T12:00:00Z' })).toEqual({
      ok: true,
      credential: { token: 't', expires: 1_769_860_800_000 },
    });
  });

  test.each([
    ['nothing', readExecAnswer(plugin, ''), 'printed no JSON'],
    ['another kind', read({ token: 't' }, { kind: 'Status' }), 'printed no ExecCredential (kind'],
    [
      'another version',
      read({ token: 't' }, { apiVersion: 'client.authentication.k8s.io/v1beta1' }),
      'in another version',
    ],
    ['no credential', read({}), 'neither a token nor a client certificate'],
    ['a certificate without key', read({ clientCertificateData: 'c' }), 'only one of'],
    ['an empty token', read({ token: '' }), 'printed no ExecCredential (status.token'],
  ])('that prints %s is refused', (_what, answer, expected) => {
    expect(answer).toEqual({ ok: false, why: expect.stringContaining(expected) });
  });
});
