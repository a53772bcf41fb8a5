import { join, relative } from 'node:path';
import { messageOf } from '../message-of.js';
import { resolveAction, type ResolvedAction } from '../plan/resolve-action.js';
import { readManifest, type ActionManifest, type JavaScriptManifest } from '../read/action-manifest.js';
import { compileCondition } from '../read/expression/expressions.js';
import { positions } from '../read/expression/positions.js';
import type { Step } from '../read/workflow.js';
import type { Templates } from '../read/workflow-reader.js';
import type { BuiltinAction } from '../third-party/action.js';
import { runComposite, runCompositePost } from './composite.js';
import type { JobState } from './job/job-state.js';
import { runBuiltin } from './step/builtin-step.js';
import { runJavaScript } from './step/javascript-step.js';
import { runScript } from './step/script-step.js';
import type { PlannedStep, StepContext } from './step/step.js';

/** Steps that are planned together: those of the job, or those of one composite action. */
export interface Level {
  /** Names of steps without an id, and how often each was used. */
  used: Map<string, number>;
  pre: PlannedStep[];
  /** Post steps registered so far; to be run latest first. */
  post: PlannedStep[];
  /** The folder that `$/` means here. */
  self: () => Promise<string>;
  /** How many composite actions are around these steps. */
  depth: number;
}

/** An action found for a step, and what its post step takes over from the step. */
interface Use {
  base: Pick<PlannedStep, 'action' | 'env' | 'state'>;
  given: Templates;
  /** Shown in the names of its pre and post steps. */
  title: string;
  level: Level;
}

/** The runner's own limit, `CompositeActionsMaxDepth`. */
const deepest = 9;

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

/** `github.action_repository` and `github.action_ref`: empty for actions of the workflow's own repository. */
function withAction(context: StepContext, from: { repository?: string; ref?: string }): StepContext {
  const github = { ...context.github, action_repository: from.repository ?? '', action_ref: from.ref ?? '' };
  return { ...context, github, scope: context.group.scope(context.env, github) };
}

function warnOfPre(path: string, { output }: StepContext): void {
  output.annotate({
    level: 'warning',
    message: `\`pre\` execution is not supported for local action from '${path}'`,
  });
}

/** Makes steps ready to be run, those of composite actions too. */
export class StepPlanner {
  constructor(
    private readonly job: JobState,
    private readonly artifacts: (runId: number) => string,
  ) {}

  plan(step: Step, level: Level): PlannedStep {
    const { run, thirdParty } = this.job.parts;
    const name = displayName(step);
    const base = { action: actionName(step, level.used), env: step.env, state: {} };
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
      return { ...shared, execute: (context) => runScript(script, context) };
    }
    const { uses, with: given } = step.action;
    const title = step.name !== undefined && !step.name.source.includes('${{') ? step.name.source : name;
    const use: Use = { base, given, title, level };
    const resolved = resolveAction(uses, run.request.actions, thirdParty);
    const start = resolved.kind === 'repository' ? this.planPre(resolved, use) : undefined;
    return { ...shared, execute: (context) => this.use(resolved, use, context, start) };
  }

  /** Plans the pre step of an action; the answer registers its post step unless that is done. */
  private planPre(from: Extract<ResolvedAction, { kind: 'repository' }>, use: Use): (() => void) | undefined {
    const { manifest } = from;
    if (manifest.kind !== 'javascript' || manifest.pre === undefined) return undefined;
    let registered = false;
    const register = () => {
      if (!registered) this.registerPost(manifest, from, use);
      registered = true;
    };
    const { script, condition: source } = manifest.pre;
    use.level.pre.push({
      ...use.base,
      stage: 'pre',
      fallbackName: `Pre ${use.title}`,
      condition: condition(source),
      execute: (context) => {
        register();
        return runJavaScript(manifest, script, use.given, withAction(context, from));
      },
    });
    return register;
  }

  private registerPost(
    manifest: JavaScriptManifest,
    from: { repository?: string; ref?: string },
    { base, given, title, level }: Use,
  ): void {
    if (manifest.post === undefined) return;
    const { script, condition: source } = manifest.post;
    level.post.push({
      ...base,
      stage: 'post',
      fallbackName: `Post ${title}`,
      condition: condition(source),
      execute: (context) => runJavaScript(manifest, script, given, withAction(context, from)),
    });
  }

  private async use(
    resolved: ResolvedAction,
    use: Use,
    context: StepContext,
    registerPost?: () => void,
  ): Promise<boolean | 'cancelled'> {
    if (resolved.kind === 'builtin') return this.useBuiltin(resolved.action, use, context);
    if (resolved.kind === 'repository') {
      const { manifest, root } = resolved;
      const self = () => Promise.resolve(root);
      return this.runManifest(
        manifest,
        { from: resolved, self, registerPost },
        use,
        withAction(context, resolved),
      );
    }
    const root = resolved.kind === 'self' ? await use.level.self() : this.job.parts.machine.workspace;
    let manifest: ActionManifest;
    try {
      manifest = readManifest(join(root, resolved.path));
    } catch (error) {
      const message = messageOf(error);
      if (resolved.kind !== 'workspace' || !message.startsWith("Can't find")) throw error;
      throw new Error(`${message}. Did you forget to run actions/checkout before running your local action?`);
    }
    if (manifest.kind === 'javascript' && manifest.pre !== undefined) warnOfPre(resolved.path, context);
    return this.runManifest(manifest, { from: {}, self: use.level.self }, use, withAction(context, {}));
  }

  private async runManifest(
    manifest: ActionManifest,
    {
      from,
      self,
      registerPost = () => this.registerPost(manifest as JavaScriptManifest, from, use),
    }: {
      from: { repository?: string; ref?: string };
      self: Level['self'];
      registerPost?: (() => void) | undefined;
    },
    use: Use,
    context: StepContext,
  ): Promise<boolean | 'cancelled'> {
    if (manifest.kind === 'javascript') {
      registerPost();
      return runJavaScript(manifest, manifest.main, use.given, context);
    }
    const level: Level = { used: new Map(), pre: [], post: [], self, depth: use.level.depth + 1 };
    if (level.depth > deepest) throw new Error(`Composite action depth exceeded max depth ${deepest}`);
    const steps = manifest.steps.map((step) => this.plan(step, level));
    if (level.pre.length > 0) {
      if (from.repository !== undefined)
        throw new Error(`'${use.title}' uses an action with a pre step, which is not served here`);
      warnOfPre(relative(this.job.parts.machine.workspace, manifest.folder), context);
    }
    const { result, group } = await runComposite({ manifest, steps }, use.given, context);
    if (level.post.length > 0) {
      use.level.post.push({
        ...use.base,
        stage: 'post',
        fallbackName: `Post ${use.title}`,
        condition: condition('always()'),
        execute: (later) => runCompositePost(level.post, group, later),
      });
    }
    return result;
  }

  private async useBuiltin(action: BuiltinAction, use: Use, context: StepContext): Promise<boolean> {
    if (action.post !== undefined) {
      use.level.post.push({
        ...use.base,
        stage: 'post',
        fallbackName: `Post ${use.title}`,
        condition: condition('always()'),
        execute: (later) => runBuiltin(action, 'post', use.given, later, this.artifacts),
      });
    }
    return runBuiltin(action, 'run', use.given, context, this.artifacts);
  }
}
