import { GitHubError, errorBody } from '../errors.js';
import type { Answer } from '../route.js';
import type { HttpRequest } from '../rest.js';
import type { Control } from './control.js';

type Call = (control: Control, id: number, body: never) => unknown;

/** `ID` stands for a number in the path. */
const calls: Record<string, Call> = {
  'POST /repos': (control, _id, body) => control.addRepository(body),
  'POST /users': (control, _id, body) => control.addUser(body),
  'POST /tokens': (control, _id, body) => control.addToken(body),
  'POST /runs': (control, _id, body) => control.addRun(body),
  'POST /runs/ID/attempts': (control, id, body) => control.addAttempt(id, body ?? {}),
  'PATCH /runs/ID': (control, id, body) => control.progressRun(id, body),
  'POST /runs/ID/jobs': (control, id, body) => control.addJob(id, body),
  'PATCH /jobs/ID': (control, id, body) => control.progressJob(id, body),
  'POST /jobs/ID/environment': (control, id, body) => control.enterEnvironment(id, body),
  'GET /jobs/ID/environment': (control, id) => control.environmentGate(id),
  'POST /admin-bypass': (control, _id, body) => control.setAdminBypass(body),
  'POST /faults': (control, _id, body) => control.addFault(body),
  'DELETE /faults': (control) => control.clearFaults(),
  'POST /clock': (control, _id, body) => control.setClock(body),
  'GET /violations': (control) => control.violations(),
  'GET /requests': (control) => control.requests(),
  'GET /dispatches': (control) => control.dispatches(),
  'GET /state': (control) => control.snapshot(),
};

export const controlPrefix = '/_control';

/** The control calls over HTTP; needs no token, as it is only on loopback and no part of GitHub. */
export async function answerControl(control: Control, request: HttpRequest): Promise<Answer> {
  const path = request.path.slice(controlPrefix.length);
  const id = Number(/\/(\d+)(?=\/|$)/.exec(path)?.[1] ?? 0);
  const call = calls[`${request.method} ${path.replace(/\/\d+(?=\/|$)/, '/ID')}`];
  if (call === undefined) {
    const message = `no control call ${request.method} ${path}; there are: ${Object.keys(calls).join(', ')}`;
    return { status: 404, body: { message } };
  }
  try {
    const body = request.body.length === 0 ? undefined : (JSON.parse(request.body.toString()) as unknown);
    return { status: 200, body: (await call(control, id, body as never)) ?? {} };
  } catch (error) {
    if (error instanceof GitHubError) return { status: error.status, body: errorBody(error) };
    return { status: 400, body: { message: error instanceof Error ? error.message : String(error) } };
  }
}
