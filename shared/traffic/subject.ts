import type { Subject } from '../analysis/source.js';
import type { TrafficControl } from './control.js';

/** A release on a colour as metric sources see it. */
export function subjectOf(
  control: Pick<TrafficControl, 'environment' | 'service' | 'config'>,
  { version, colour, sha }: Pick<Subject, 'version' | 'colour' | 'sha'>,
): Subject {
  const { environment, service, config } = control;
  const colourUrl = config.colours[colour]?.url ?? '';
  return { environment, service, version, colour, sha, colourUrl, entryUrl: config.entry.url };
}
