import type { HttpObservation } from '../../../shared/probes/http.js';
import type { Judged } from './finding.js';
import { judged, type Judging } from './judging.js';

/** Whether an answer is as the OpenAPI document describes those of an operation. */
export function judgeOpenApi(name: string, answer: HttpObservation, judging: Judging): Judged {
  const operation = judging.operationOf(name);
  const found = operation.faults(answer);
  const expected = `an answer as ${operation.file} describes it`;
  const check = `openapi ${name}`;
  if (!found.ok) return judged(undefined, check, ['openapi'], expected, `no answer: ${found.reason}`);
  const got = found.value.length === 0 ? 'as described' : judging.excerpt(found.value.join('; '));
  return judged(found.value.length === 0, check, ['openapi'], expected, got);
}
