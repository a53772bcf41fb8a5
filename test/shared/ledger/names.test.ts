import { execFileSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nameSchema } from '../../../shared/contracts/formats.js';
import { deploymentTask, isService, serviceLabel, stateRef } from '../../../shared/ledger/names.js';

describe('the ref of a state', () => {
  it.each([
    ['production', 'shop', 'refs/devops-actions/production/shop/lock'],
    ['Production', 'SHOP', 'refs/devops-actions/production/shop/lock'],
    ['eu/west 1', 'api.v2', 'refs/devops-actions/eu%2Fwest%201/api%2Ev2/lock'],
    ['a', 'x.lock', 'refs/devops-actions/a/x%2Elock/lock'],
    ['a', '..', 'refs/devops-actions/a/%2E%2E/lock'],
    ['a', 'ñ@{~^:?*[\\', 'refs/devops-actions/a/%C3%B1%40%7B%7E%5E%3A%3F%2A%5B%5C/lock'],
  ])('of %j and %j is %s', (environment, service, ref) => {
    expect(stateRef(environment, service, 'lock')).toBe(ref);
    expect(() => execFileSync('git', ['check-ref-format', ref])).not.toThrow();
  });

  it('keeps apart what is spelt like the encoding of something else', () => {
    const names = ['A/b', 'a%2Fb', 'a%2fb', 'a b', 'a%20b', 'a.b', 'a_b', 'a-b'];
    const refs = new Set(names.map((name) => stateRef(name, 'x', 'lock')));
    expect(refs.size).toBe(names.length - 1); // git refs are case-sensitive, names are not: a%2Fb is a%2fb
    expect(stateRef('a/b', 'c', 'lock')).not.toBe(stateRef('a', 'b/c', 'lock'));
  });

  it('is the same for two names only when they differ in case alone', () => {
    const name = fc
      .stringMatching(/^[A-Za-z0-9][A-Za-z0-9 ._/-]{0,20}$/)
      .filter((text) => nameSchema.safeParse(text).success);
    fc.assert(
      fc.property(name, name, name, name, (a, b, c, d) => {
        const same = a.toLowerCase() === c.toLowerCase() && b.toLowerCase() === d.toLowerCase();
        expect(stateRef(a, b, 'watch') === stateRef(c, d, 'watch')).toBe(same);
      }),
    );
  });
});

it('the task of a Deployment names the service, whatever its case', () => {
  expect(deploymentTask('Shop')).toBe('devops-actions/shop');
});

describe('switch fault 15: the label of a service', () => {
  const long = 'payments-gateway-for-the-northern-european-region';

  it.each([1, 41, 42, 43, 44, 100])(
    'of %d letters fits into what GitHub takes, and is known again',
    (length) => {
      const service = 'x'.repeat(length);
      const label = serviceLabel(service);
      expect(label.length).toBeLessThanOrEqual(50);
      expect(label === `service:${service}`).toBe(length <= 42);
      expect(isService(label.slice('service:'.length), service)).toBe(true);
    },
  );

  it('is the same each time, whatever the case, and differs for names with the same beginning', () => {
    expect(serviceLabel(long)).toBe(serviceLabel(long));
    expect(isService(serviceLabel(long.toUpperCase()).slice('service:'.length), long)).toBe(true);
    expect(serviceLabel(`${long}-1`)).not.toBe(serviceLabel(`${long}-2`));
    expect(isService(serviceLabel(`${long}-1`).slice('service:'.length), `${long}-2`)).toBe(false);
  });

  it('that was cut is the name of no other service', () => {
    const cut = serviceLabel(long).slice('service:'.length);
    expect(nameSchema.safeParse(cut).success).toBe(false);
  });
});
