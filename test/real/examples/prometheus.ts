import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { answers, freePorts, startServer } from '../../support/servers/real.js';

/** A real Prometheus that scrapes each second what the files say that are named by `targets`. */
export async function startPrometheus(folder: string) {
  const [port] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const targets = (name: string) => join(folder, `targets-${name}.json`);
  const config = join(folder, 'prometheus.json');
  writeFileSync(
    config,
    JSON.stringify({
      global: { scrape_interval: '1s' },
      scrape_configs: [{ job_name: 'shop', file_sd_configs: [{ files: [targets('*')] }] }],
    }),
  );
  const server = await startServer(
    [
      'prometheus',
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'metrics')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
    ],
    () => answers(`${url}/-/ready`),
    60_000,
  );
  return { url, targets, stop: () => server.stop() };
}
