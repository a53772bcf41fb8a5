import type { Router } from '../../router.js';
import type { OpenMachine } from '../../transports/open.js';
import type { RouterTools } from '../tools.js';
import type { TraefikConfig } from './config.js';
import { editServiceFile, readService, readServiceFile } from './file.js';
import { fullName, readServerStatus } from './health.js';
import { watchedFileRouter } from '../watched-file.js';

/** Traefik by its file provider: the file is renamed, its API tells when the weights are in use. */
export function traefikRouter(config: TraefikConfig, tools: RouterTools, open?: OpenMachine): Router {
  return watchedFileRouter(
    {
      kind: 'traefik',
      product: 'Traefik',
      backends: config.backends,
      statusUrl: ({ api }) => serviceUrl(api, `${config.service}@file`),
      healthUrl: ({ api }, backend) => serviceUrl(api, fullName(backend)),
      readHealth: (answer, backend) => readServerStatus(backend, answer),
      readStatus: (answer) => readService(config, answer),
      readFile: (text) => readServiceFile(config, text),
      editFile: (text, weights) => editServiceFile(config, text, weights),
      catchUpMs: 3_000,
      hint: 'Its log says why; providers.file must name the folder ("directory", not "filename") with "watch: true".',
    },
    config.nodes,
    config.within,
    tools,
    open,
  );
}

const serviceUrl = (api: string, name: string) =>
  `${api.replace(/\/+$/, '')}/api/http/services/${encodeURIComponent(name)}`;
