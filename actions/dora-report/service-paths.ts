import { lines, refuse } from '../../shared/config/fields.js';
import { nameSchema } from '../../shared/contracts/formats.js';

/** Lines of `service: path`, a file or folder of the repository. */
export const servicePaths = () =>
  lines().transform((all, ctx) =>
    all.map((line) => {
      const colon = line.indexOf(':');
      const service = line.slice(0, Math.max(0, colon)).trim();
      const path = line
        .slice(colon + 1)
        .trim()
        .replace(/^\.?\/+|\/+$/g, '');
      return nameSchema.safeParse(service).success && path !== ''
        ? { service, path }
        : refuse(ctx, 'lines such as api: services/api');
    }),
  );
