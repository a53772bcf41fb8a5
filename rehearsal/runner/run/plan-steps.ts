import { join } from 'node:path';
import { messageOf } from '../message-of.js';
import { readManifest, type ActionManifest } from '../read/action-manifest.js';
import { runBuiltin } from './step/builtin-step.js';
import { compileCondition } from '../read/expression/expressions.js';
import { runJavaScript } from './step/javascript-step.js';
import type { JobState } from './job/job-state.js';
import { positions } from '../read/expression/positions.js';
import { resolveAction, type ResolvedAction } from '../plan/resolve-action.js';
import { runScript } from './step/script-step.js';
import type { PlannedStep } from './step/step.js';
import type { Step } from '../read/workflow.js';
import type { Templates } from '../read/workflow-reader.js';

/** The steps of a job, and the post steps that register while it runs. */
export interface StepPlan {
  pre: PlannedStep[];
  main: PlannedStep[];
  /** Post steps registered so far; to be run latest first. */
  post: PlannedStep[];
}

const condition = (source: string) => compileCondition(source, positions.stepIf, false);

/** `github.action`: the step's id, or a name made from what it runs, numbered when used before. */
function actionName(step: Step, used: Map<string, number>): string {
  if (step.id !== undefined) return step.id;
  const made =
    'uses' in step.action ? step.action.uses.replace(/@.*$/, '').replace(/[^A-Za-z0-9]+/g, '_') : 'run';
  const name = `__${made}`;
  const count = (used.get(name) ?? 0) + 1;
  used.set(name, count);
  return count === 1 ? name : `${name}_${count}`;
}

function displayName(step: Step): string {
  return 'uses' in step.action
    ? `Run ${step.action.uses}`
    : `Run ${step.action.run.source.trim().split('\n')[0]}`;
}

/** Plans the steps of a job; reads no workspace, since only checkout fills it. */
export function planSteps(job: JobState, artifacts: (runId: number) => string): StepPlan {
  const { run, thirdParty, job: definition } = job.parts;
  const plan: StepPlan = { pre: [], main: [], post: [] };
  const used = new Map<string, number>();

  for (const step of definition.steps) {
    const state: Record<string, string> = {};
    const name = displayName(step);
    const base = { action: actionName(step, used), env: step.env, state };
    const shared = {
      ...base,
      ...(step.name !== undefined && { name: step.name }),
      ...(step.id !== undefined && { id: step.id }),
      continueOnError: step.continueOnError,
      ...(step.timeoutMinutes !== undefined && { timeoutMinutes: step.timeoutMinutes }),
      stage: 'main' as const,
      fallbackName: name,
      condition: step.condition,
    };
    if (!('uses' in step.action)) {
      const script = step.action;
      plan.main.push({ ...shared, execute: (context) => runScript(script, context) });
      continue;
    }
    const { uses, with: given } = step.action;
    const resolved = resolveAction(uses, run.request.actions, thirdParty);
    const postName = (shown: string) => `Post ${shown}`;
    const title = step.name !== undefined && !step.name.source.includes('${{') ? step.name.source : name;
    let registered = false;
    const registerPost = (manifest: ActionManifest, from: { repository?: string; ref?: string }) => {
      if (manifest.post === undefined || registered) return;
      registered = true;
      const { script, condition: source } = manifest.post;
      plan.post.push({
        ...base,
        stage: 'post',
        fallbackName: postName(title),
        condition: condition(source),
        execute: (context) => runJavaScript(manifest, script, given, withAction(context, from)),
      });
    };

    if (resolved.kind === 'builtin') {
      const { action } = resolved;
      plan.main.push({
        ...shared,
        execute: (context) => {
          if (action.post !== undefined) {
            plan.post.push({
              ...base,
              stage: 'post',
              fallbackName: postName(title),
              condition: condition('always()'),
              execute: (later) => runBuiltin(action, 'post', given, later, artifacts),
            });
          }
          return runBuiltin(action, 'run', given, context, artifacts);
        },
      });
      continue;
    }

    if (resolved.kind === 'javascript' && resolved.manifest.pre !== undefined) {
      const { manifest } = resolved;
      const { script, condition: source } = resolved.manifest.pre;
      plan.pre.push({
        ...base,
        stage: 'pre',
        fallbackName: `Pre ${title}`,
        condition: condition(source),
        execute: (context) => {
          registerPost(manifest, resolved);
          return runJavaScript(manifest, script, given, withAction(context, resolved));
        },
      });
    }
    plan.main.push({ ...shared, execute: (context) => runResolved(resolved, given, context, registerPost) });
  }
  return plan;
}

/** `github.action_repository` and `github.action_ref`: empty for actions of the workflow's own repository. */
function withAction(
  context: Parameters<PlannedStep['execute']>[0],
  from: { repository?: string; ref?: string },
) {
  const github = { ...context.github, action_repository: from.repository ?? '', action_ref: from.ref ?? '' };
  return { ...context, github, scope: context.job.scope(context.env, github) };
}

async function runResolved(
  resolved: Exclude<ResolvedAction, { kind: 'builtin' }>,
  given: Templates,
  context: Parameters<PlannedStep['execute']>[0],
  registerPost: (manifest: ActionManifest, from: { repository?: string; ref?: string }) => void,
): Promise<boolean> {
  const { job, output } = context;
  if (resolved.kind === 'javascript') {
    registerPost(resolved.manifest, resolved);
    return runJavaScript(resolved.manifest, resolved.manifest.main, given, withAction(context, resolved));
  }
  const folder =
    resolved.kind === 'self'
      ? join(await job.parts.plan.source.checkout(job.parts.machine.actions), resolved.path)
      : join(job.parts.machine.workspace, resolved.path);
  let manifest: ActionManifest;
  try {
    manifest = readManifest(folder);
  } catch (error) {
    const hint =
      resolved.kind === 'workspace'
        ? ' Did you forget to run actions/checkout before running your local action?'
        : '';
    throw new Error(`${messageOf(error)}.${hint}`);
  }
  if (manifest.pre !== undefined) {
    output.annotate({
      level: 'warning',
      message: `\`pre\` execution is not supported for local action from '${resolved.path}'`,
    });
  }
  registerPost(manifest, {});
  return runJavaScript(manifest, manifest.main, given, withAction(context, {}));
}
