import type { BuiltinAction } from './action.js';
import { checkedAction, free } from './checked.js';

const longestKey = 512;

/** A cache in which nothing is ever found, so that nothing in a rehearsal rests on what an earlier one left. */
const missing = (outputs: boolean): BuiltinAction =>
  checkedAction(
    {
      path: { required: true },
      key: { required: true },
      ...free('restore-keys', 'upload-chunk-size', 'enableCrossOsArchive', 'save-always'),
      'fail-on-cache-miss': { default: 'false', allowed: ['true', 'false'] },
      'lookup-only': { default: 'false', allowed: ['true', 'false'] },
    },
    async ({ inputs, setOutput, log }) => {
      const key = inputs['key'] ?? '';
      for (const each of [key, ...(inputs['restore-keys'] ?? '').split('\n')]) {
        if (each.length > longestKey)
          throw new Error(`Key Validation Error: ${each} cannot be larger than ${longestKey} characters.`);
        if (each.includes(',')) throw new Error(`Key Validation Error: ${each} cannot contain commas.`);
      }
      if (!outputs) return log(`Nothing is kept under ${key}`);
      if (inputs['fail-on-cache-miss'] === 'true')
        throw new Error(
          `Failed to restore cache entry. Exiting as fail-on-cache-miss is set. Input key: ${key}`,
        );
      // In a miss the output is empty, and 'false' where only a restore key was found.
      setOutput('cache-hit', '');
      setOutput('cache-primary-key', key);
      log(`Cache not found for input keys: ${key}`);
    },
  );

/** `actions/cache`, and its halves `restore` and `save`. */
export const cacheAction = missing(true);
export const cacheSaveAction = missing(false);
