import * as z from 'zod';
import type { Reading } from '../../contracts/reports/analysis-report.js';
import { duration } from '../../config/fields.js';
import { fillInAddress } from '../placeholders.js';
import { defineSource, type MetricSource, type SourcePorts } from '../source.js';
import { pathField, sourceType } from './fields.js';

/** One GET a look: an answer with the expected status is a success, any other answer or none a failure. */
const schema = z.strictObject({
  type: sourceType('probe'),
  path: pathField().describe('Asked once a look.'),
  through: z
    .enum(['colour', 'entry'])
    .default('colour')
    .describe('Whether the colour itself is asked, or the public entry.'),
  'expect-status': z.int().min(100).max(599).default(200).describe('The status that counts as a success.'),
  timeout: duration().prefault('3s').describe('Longest wait for the answer.'),
});

type Config = z.output<typeof schema>;

/** A page may be so long (bytes); what is longer is no page to look at every few seconds. */
const maxBodyBytes = 16_777_216;

/** Probes on a fresh connection, as a new client would. */
function open(config: Config, { http, clock, subject }: SourcePorts): MetricSource {
  const base = config.through === 'colour' ? subject.colourUrl : subject.entryUrl;
  const url = fillInAddress(config.path, subject, base);
  return {
    async query(_window, signal): Promise<Reading> {
      const result = await http.send({
        url,
        timeoutMs: config.timeout,
        freshConnection: true,
        maxBodyBytes,
        ...(signal ? { signal } : {}),
      });
      const at = clock.now();
      const sample = (errors: 0 | 1) => ({ from: at, to: at, requests: 1, errors });
      if (!result.ok) {
        const { kind, message } = result.fault;
        // Nothing of the release: we stopped asking or reading, or the address must never be asked.
        if (['cancelled', 'forbidden-address', 'too-large'].includes(kind)) return { is: 'error', message };
        return { is: 'data', samples: [sample(1)], message };
      }
      const { status } = result.response;
      if (status === config['expect-status']) return { is: 'data', samples: [sample(0)] };
      return {
        is: 'data',
        samples: [sample(1)],
        message: `${url} answers ${status} instead of ${config['expect-status']}`,
      };
    },
  };
}

export const probe = defineSource({
  schema,
  gives: () => ({ is: 'counts', by: false }),
  noPast: () => 'a probe says what is now',
  open,
});
