import * as z from 'zod';
import { positions } from './expression/positions.js';
import type { Service } from './workflow.js';
import type { WorkflowReader } from './workflow-reader.js';
import { scalar } from './yaml-scalar.js';

interface ServiceShape {
  image: string;
  env?: Record<string, string> | undefined;
  ports?: string[] | undefined;
  options?: string | undefined;
}

const service = z
  .union(
    [
      scalar.transform((image) => ({ image })),
      z.strictObject({
        image: scalar,
        env: z.record(z.string(), scalar).optional(),
        ports: z.array(scalar).optional(),
        options: scalar.optional(),
        credentials: z.strictObject({ username: scalar, password: scalar }).optional(),
      }),
    ],
    'an image, or {image, env, ports, options, credentials} was expected; volumes, command and entrypoint are not served here',
  )
  .transform((value): ServiceShape => value);

const services = z.record(z.string(), service);

/** Reads `services` of a job. Who may pull an image is of no interest to the server that stands for it. */
export function readServices(reader: WorkflowReader, at: PropertyKey[], value: unknown): Service[] {
  const read = services.safeParse(value);
  for (const issue of read.error?.issues ?? []) reader.issue({ ...issue, path: [...at, ...issue.path] });
  return Object.entries(read.data ?? {}).map(([name, { image, env, ports = [], options = '' }]) => {
    const place = [...at, name];
    return {
      name,
      image: reader.template([...place, 'image'], image, positions.job),
      env: reader.templates([...place, 'env'], env, positions.serviceEnv),
      ports: ports.map((port, index) => reader.template([...place, 'ports', index], port, positions.job)),
      options: reader.template([...place, 'options'], options, positions.job),
      line: reader.line([...place, 'image']),
    };
  });
}
