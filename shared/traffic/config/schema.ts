import type * as z from 'zod';
import { problemsIn } from './problems.js';
import { trafficShape } from './shape.js';

/** The traffic file of a service: its colours, its router, and how the suite tells what a colour is and whether it is well. */
export const trafficSchema = trafficShape.superRefine((traffic, ctx) => {
  for (const { path, message } of problemsIn(traffic)) ctx.addIssue({ code: 'custom', path, message });
});

export type TrafficConfig = z.output<typeof trafficSchema>;
