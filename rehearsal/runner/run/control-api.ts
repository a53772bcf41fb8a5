import type { Result } from '../request.js';

type Status = 'queued' | 'pending' | 'waiting' | 'in_progress' | 'completed';

/** What the stand-in says about the protection rules of an environment. */
export interface EnvironmentAnswer {
  approved: boolean;
  waitingFor: string[];
  /** Why the job may never start: its branch is not allowed, or a reviewer said no. */
  refused?: string | null;
}

/** The `/_control` API of the GitHub stand-in: what the Actions service knows and the REST API shows. */
export class ControlApi {
  constructor(private readonly url: string) {}

  createRun(run: {
    owner: string;
    name: string;
    workflowPath: string;
    workflowName: string;
    event: string;
    headSha: string;
    headBranch: string;
    actor: string;
  }): Promise<{ id: number; runNumber: number; attempt: number; checkSuiteId: number }> {
    return this.call('POST', '/runs', run);
  }

  createAttempt(runId: number, triggeringActor?: string): Promise<{ attempt: number }> {
    return this.call('POST', `/runs/${runId}/attempts`, {
      ...(triggeringActor !== undefined && { triggeringActor }),
    });
  }

  updateRun(runId: number, status: Status, conclusion?: Result): Promise<unknown> {
    return this.call('PATCH', `/runs/${runId}`, { status, ...(conclusion !== undefined && { conclusion }) });
  }

  createJob(runId: number, job: { name: string; key: string; attempt: number }): Promise<{ id: number }> {
    return this.call('POST', `/runs/${runId}/jobs`, job);
  }

  updateJob(jobId: number, status: Status, conclusion?: Result): Promise<unknown> {
    return this.call('PATCH', `/jobs/${jobId}`, { status, ...(conclusion !== undefined && { conclusion }) });
  }

  requestEnvironment(jobId: number, environment: string, deployment: boolean): Promise<EnvironmentAnswer> {
    return this.call('POST', `/jobs/${jobId}/environment`, { environment, deployment });
  }

  readEnvironment(jobId: number): Promise<EnvironmentAnswer> {
    return this.call('GET', `/jobs/${jobId}/environment`);
  }

  async createToken(token: {
    actor: string;
    permissions: Record<string, string>;
    runId: number;
    attempt: number;
    jobId: number;
  }): Promise<string> {
    return (await this.call<{ token: string }>('POST', '/tokens', token)).token;
  }

  private async call<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(`${this.url}/_control${path}`, {
      method,
      ...(body !== undefined && {
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      }),
    });
    const text = await response.text();
    if (!response.ok) {
      throw new Error(`${method} /_control${path} answered ${response.status}: ${text}`);
    }
    return (text === '' ? undefined : JSON.parse(text)) as Answer;
  }
}
