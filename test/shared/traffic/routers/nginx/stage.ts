import { nginxRouter } from '../../../../../shared/traffic/routers/nginx/router.js';
import { nginxSchema } from '../../../../../shared/traffic/routers/nginx/config.js';
import { allTo, type Router } from '../../../../../shared/traffic/router.js';
import { serve } from '../../../../support/servers/http.js';
import { tools, type MemoryMachine } from '../../transports/memory.js';

export const blue = allTo('blue', ['blue', 'green']);
export const green = allTo('green', ['blue', 'green']);

/** Machines of nginx nodes, and a running nginx that answers probes as told. */
export interface NginxStage {
  machines: Record<string, MemoryMachine>;
  probeUrl: string;
  /** What the running nginx answers to its probe. */
  answer: () => { status?: number; text: string };
  open(section: object, nodes: object[]): Router;
  close(): Promise<void>;
}

export async function nginxStage(): Promise<NginxStage> {
  const probe = await serve((_request, response) => {
    const { status = 200, text } = stage.answer();
    response.statusCode = status;
    response.end(text);
  });
  const stage: NginxStage = {
    machines: {},
    probeUrl: probe.url,
    answer: () => ({ status: 500, text: 'not told' }),
    open: (section, nodes) =>
      nginxRouter(nginxSchema.parse({ ...section, nodes }), tools(), ({ name }) => stage.machines[name]!),
    close: () => probe.close(),
  };
  return stage;
}
