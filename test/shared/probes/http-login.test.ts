import { describe, expect, test } from '@jest/globals';
import { answerTo } from '../../../shared/probes/http-login.js';

describe('an answer to a challenge of HTTP digest', () => {
  // RFC 7616, section 3.9.1.
  const challenge = (algorithm: string) =>
    `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`;
  const login = { user: 'Mufasa', password: 'Circle of Life' };
  const request = { url: 'http://www.example.org/dir/index.html', method: 'GET' };
  const cnonce = 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ';

  test.each([
    ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
    ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ])('with %s is the one of the standard', (algorithm, response) => {
    expect(answerTo(challenge(algorithm), login, request, cnonce)).toContain(`response="${response}"`);
  });

  test.each([
    'Basic realm="a"',
    'Digest realm="a", nonce="n", algorithm=SHA-512-256',
    'Digest realm="a", qop="auth-int", nonce="n"',
    'Digest realm="a"',
  ])('is not made for %s', (text) => {
    expect(answerTo(text, login, request, cnonce)).toBeUndefined();
  });
});
