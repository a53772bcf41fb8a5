import type { Host } from './host.js';

/** The step's environment for secrets: what is looked up is masked from then on. */
export const maskedVariable =
  (host: Pick<Host, 'variable' | 'mask'>) =>
  (name: string): string | undefined => {
    const value = host.variable(name);
    if (value) host.mask(value);
    return value;
  };
