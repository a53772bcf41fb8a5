import { severitySchema, type Severity } from '../contracts/severity.js';
import { isService, sameName } from './names.js';

/** An open incident as far as the rule looks at it. */
interface OpenIncident {
  /** Nothing while untriaged. */
  severity?: Severity | null | undefined;
  /** None means all services. */
  services: readonly string[];
  /** Nothing means all environments. */
  environment?: string | null | undefined;
}

interface Place {
  service: string;
  environment: string;
}

/** Whether an incident is about a service in an environment. */
export function concerns({ services, environment }: Omit<OpenIncident, 'severity'>, place: Place): boolean {
  return (
    (services.length === 0 || services.some((named) => isService(named, place.service))) &&
    (environment === null || environment === undefined || sameName(environment, place.environment))
  );
}

/**
 * Whether an open incident speaks against a release of a service to an environment. Untriaged ones (without severity)
 * do not.
 */
export function blocks(incident: OpenIncident, release: Place & { blockAt: Severity }): boolean {
  const rank = (severity: Severity) => severitySchema.options.indexOf(severity);
  const { severity } = incident;
  return (
    severity !== null &&
    severity !== undefined &&
    rank(severity) <= rank(release.blockAt) &&
    concerns(incident, release)
  );
}
