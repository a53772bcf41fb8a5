import { startRouter } from '../../../rehearsal/router/router.js';
import { routerConformance } from '../../support/traffic/routers/router-conformance.js';

routerConformance('the embedded router', async (config) => {
  const router = await startRouter(config);
  return { url: router.url, socket: router.socket, stop: router.close };
});
