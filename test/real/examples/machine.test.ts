import { example, startMachine } from './machine.js';
import { playReleases } from './play.js';

for (const router of ['nginx', 'haproxy'] as const)
  playReleases(`${example} behind ${router}, as its page says`, () => startMachine(router));
