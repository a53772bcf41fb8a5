/** The states the suite keeps in refs. */
export type StateKind = 'lock' | 'watch' | 'migration';

/** Fully qualified ref of a state: names casefolded, everything but letters, digits, dash and underscore percent-encoded. */
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
