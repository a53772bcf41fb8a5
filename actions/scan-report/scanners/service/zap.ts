import * as z from 'zod';
import { defineScanner, severityOf, type Found } from '../scanner.js';

/** Of `riskcode`, from 0. */
const risks = ['info', 'low', 'medium', 'high'];

/** `zap-baseline.py -I -J`: 1 for a rule that the team made an error, 3 when it could not reach the service. */
export const zap = defineScanner({
  unit: 'sites',
  exits: { found: [1] },
  schema: z.object({
    site: z.array(
      z.object({
        '@name': z.string(),
        alerts: z.array(
          z.object({
            pluginid: z.string(),
            alertRef: z.string().optional(),
            alert: z.string(),
            riskcode: z.string(),
            instances: z.array(z.object({ uri: z.string() })).default([]),
          }),
        ),
      }),
    ),
  }),
  read: ({ site }) => ({
    lookedAt: site.length,
    findings: site.flatMap(({ '@name': name, alerts }) =>
      alerts.map(({ pluginid, alertRef, alert, riskcode, instances }): Found => ({
        id: alertRef ?? pluginid,
        aliases: [pluginid],
        severity: severityOf(/^\d$/.test(riskcode) ? risks[Number(riskcode)] : riskcode),
        title: alert,
        file: instances[0]?.uri ?? name,
      })),
    ),
  }),
});
