import type * as z from 'zod';
import { gateDecisionSchema } from '../../shared/contracts/reports/gate-report.js';
import { gateEvidenceSchema } from './evidence/registry.js';

/**
 * The report of a gate check: the decision, and all it was made from, so that it can be made again from the file alone.
 */
export const gateReportSchema = gateDecisionSchema.extend({ evidence: gateEvidenceSchema });

export type GateReport = z.output<typeof gateReportSchema>;
