import * as z from 'zod';
import type { IncidentEvidence } from '../../../shared/contracts/gate-evidence.js';
import { severitySchema } from '../../../shared/contracts/severity.js';
import { defineGate, known, sameName } from './gate.js';

const schema = z.strictObject({
  'block-at': severitySchema.describe('Open incidents of this severity and above block.'),
  'let-hotfix': z
    .boolean()
    .default(false)
    .describe('Whether a hotfix is let past incidents that the suite itself opened: it is how they end.'),
});

/** No open incident of the service is at or above a severity. */
export const incidents = defineGate({
  name: 'incidents',
  schema,
  needs: () => [{ kind: 'incidents' }],
  judge: (config, { request, evidence }) => {
    const { value, failure } = known(evidence.incidents, 'Open incidents');
    if (failure) return failure;
    const rank = (severity: z.output<typeof severitySchema>) => severitySchema.options.indexOf(severity);
    const here = value.filter(
      ({ services, environment }) =>
        (services.length === 0 || services.some((service) => sameName(service, request.service))) &&
        (environment === null || sameName(environment, request.environment)),
    );
    const blocking = here.filter(
      ({ severity }) => severity !== null && rank(severity) <= rank(config['block-at']),
    );
    const untriaged = here.filter(({ severity }) => severity === null);
    const message = {
      notes: untriaged.map(
        ({ number }) =>
          `#${number} is labelled incident and has no severity: untriaged, so it blocks nothing until it is labelled severity:<level>`,
      ),
      evidence: here.map(({ number, url }) => ({ text: `#${number}`, url })),
    };
    if (blocking.length === 0) {
      return {
        is: 'pass',
        reason: `no open incident of ${request.service} at ${config['block-at']} or above`,
        ...message,
      };
    }
    if (config['let-hotfix'] && request.kind === 'hotfix' && blocking.every(({ trusted }) => trusted)) {
      const waived = `a hotfix is let past ${blocking.map(describe).join('; ')}`;
      return { is: 'pass', reason: waived, waived, ...message };
    }
    return { is: 'fail', reason: `${blocking.map(describe).join('; ')}: resolve it first`, ...message };
  },
});

function describe({ number, severity, title }: IncidentEvidence): string {
  return `incident #${number} (${severity}) is open: ${title}`;
}
