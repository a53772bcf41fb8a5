import * as z from 'zod';
import { severitySchema } from '../../../shared/contracts/severity.js';
import { blocks, concerns } from '../../../shared/ledger/incident-rule.js';
import type { IncidentEvidence } from '../evidence/ledger/incidents.js';
import { defineGate } from '../gate/gate.js';
import { letHotfix } from '../gate/hotfix-proof.js';

const schema = z
  .strictObject({
    'block-at': severitySchema.describe('Open incidents of this severity and above block.'),
    'let-hotfix': letHotfix('open incidents that the suite itself opened, which is how they end'),
  })
  .describe('No open incident stands in the way.');

/** No open incident of the service is at or above a severity. */
export const incidents = defineGate({
  name: 'incidents',
  beforeMerge: 'tells',
  byPeople: true,
  schema,
  needs: { incidents: true },
  hotfixLevels: (config) => [config['let-hotfix']],
  judge: (config, { request, evidence }) => {
    const { service, environment } = request;
    const blockAt = config['block-at'];
    const here = evidence.incidents.filter((incident) => concerns(incident, { service, environment }));
    const blocking = here.filter((incident) => blocks(incident, { service, environment, blockAt }));
    const untriaged = here.filter(({ severity }) => severity === null);
    const message = {
      notes: untriaged.map(
        ({ number }) =>
          `#${number} is labelled incident and has no severity: untriaged, so it blocks nothing until it is labelled severity:<level>`,
      ),
      evidence: here.map(({ number, url }) => ({ text: `#${number}`, url })),
    };
    const terms = { incidents: { blockAt, waived: blocking.map(({ number }) => number) } };
    if (blocking.length === 0) {
      const reason = `no open incident of ${service} at ${blockAt} or above`;
      return { is: 'pass', reason, terms, ...message };
    }
    const own = blocking.every(({ marker }) => marker !== null);
    const open = blocking.map(({ number, severity }) => `open incident #${number} (${severity})`).join('; ');
    return {
      is: 'fail',
      reason: `${blocking.map(describe).join('; ')}. Resolve ${blocking.length === 1 ? 'it' : 'them'} first`,
      despite: own ? open : undefined,
      byPerson: open,
      terms,
      ...message,
    };
  },
});

function describe({ number, severity, title }: IncidentEvidence): string {
  return `open incident #${number} (${severity}): ${title}`;
}
