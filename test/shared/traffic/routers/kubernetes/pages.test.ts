import { expect, test } from '@jest/globals';
import { trafficSchema } from '../../../../../shared/traffic/config/schema.js';
import { pageBlock } from '../../../../support/traffic/routers/router-page.js';

test.each(['kubernetes-service', 'gateway-api', 'ingress-nginx', 'istio', 'aws-alb'])(
  'the traffic file on the page of %s is accepted as it stands',
  (router) => {
    const file = pageBlock(router, (document) => document['version'] === 1);
    expect(trafficSchema.safeParse(file).error?.issues).toBeUndefined();
    expect(file).toMatchObject({ router: { type: router } });
  },
);
