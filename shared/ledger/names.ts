import { createHash } from 'node:crypto';

/** The states the suite keeps in refs. */
export type StateKind = 'lock' | 'watch' | 'migration';

/**
 * Fully qualified ref of a state: names casefolded, everything but letters, digits, dash and underscore
 * percent-encoded.
 */
export function stateRef(environment: string, service: string, kind: StateKind): string {
  return `refs/devops-actions/${segment(environment)}/${segment(service)}/${kind}`;
}

function segment(name: string): string {
  return [...new TextEncoder().encode(name.toLowerCase())]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[a-z0-9_-]/.test(character)
        ? character
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}

/** `task` of the suite's Deployments of a service. */
export function deploymentTask(service: string): string {
  return `devops-actions/${service.toLowerCase()}`;
}

/** Same name, as GitHub compares names of environments and the ledger those of services. */
export const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** GitHub takes labels up to this long. */
const longestLabel = 50;
const labelPrefix = 'service:';

/**
 * Label of an incident's service. A name that does not fit is cut and gets the start of its SHA-256, behind a character
 * that no name can hold, so that it meets neither another long name nor a short one.
 */
export function serviceLabel(service: string): string {
  const label = `${labelPrefix}${service}`;
  if (label.length <= longestLabel) return label;
  const mark = `~${createHash('sha256').update(service.toLowerCase()).digest('hex').slice(0, 12)}`;
  return `${label.slice(0, longestLabel - mark.length)}${mark}`;
}

/** Whether a service as a label or a marker names it is this one. */
export function isService(named: string, service: string): boolean {
  return sameName(named, service) || sameName(`${labelPrefix}${named}`, serviceLabel(service));
}

/** Where the states of open incidents are. */
export const incidentRefs = 'refs/devops-actions/incidents/';

/** Ref of the state that is kept while an incident of a fingerprint is open. */
export function incidentRef(fingerprint: string): string {
  return `${incidentRefs}${createHash('sha256').update(fingerprint).digest('hex').slice(0, 32)}`;
}
