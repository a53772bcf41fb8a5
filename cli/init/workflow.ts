import { isMap, isPair, isScalar, isSeq, Scalar, visit, type Document, type YAMLMap } from 'yaml';
import { inlineWorkflow } from '../../scripts/inline/inline-workflow.js';
import { read } from '../../scripts/inline/nodes.js';
import { channels, stagesOf, type Answers, type InitFile, type Stage } from './answers.js';
import { parts } from './parts/parts.js';
import { applySettings, fitPart } from './parts/values.js';

/** What init needs of the suite: the templates, and the workflows they call. */
export interface Templates {
  /** What they call the suite: `org/devops-actions`, in a published tree its own name. */
  suite: string;
  /** Templates of workflows by name, such as `cd`. */
  workflows: Readonly<Record<string, string>>;
  /** Policies by name, such as `standard`. */
  policies: Readonly<Record<string, string>>;
  /** Scripts by place, then by file. */
  deploy: Readonly<Record<string, Readonly<Record<string, { text: string; executable: boolean }>>>>;
  /** The text of a called workflow, by its path in the suite. */
  readCalled(path: string): string;
  /** The text of a file beside the templates, by its path in their folder, such as `security/semgrep.yml`. */
  readBeside(path: string): string;
}

/** Of these, what the suite has is written; one file for each service. */
const forServices = ['cd', 'watch', 'rollback', 'reconcile', 'retire', 'drift', 'doctor'];
/** One file for the whole repository. */
const forRepository = ['dora-report', 'fleet-update'];

/** Parts whose template is a workflow; what migrations bring stands in that of the delivery. */
const ofParts = ({ parts: chosen }: Answers, each: boolean) =>
  chosen.filter((name) => name !== 'migrations' && (parts[name].each ?? false) === each);

const isOfService = (name: string) =>
  forServices.includes(name) ||
  (Object.hasOwn(parts, name) && parts[name as keyof typeof parts].each === true);

/** Names of the templates that are written, each once. */
export const workflowNames = (answers: Answers, { workflows }: Pick<Templates, 'workflows'>): string[] =>
  [...forServices, ...forRepository, ...ofParts(answers, true), ...ofParts(answers, false)].filter((name) =>
    Object.hasOwn(workflows, name),
  );

/** The workflows of a team. */
export function workflowFiles(answers: Answers, templates: Templates): InitFile[] {
  const has = (name: string) => Object.hasOwn(templates.workflows, name);
  const several = answers.services.length > 1;
  const each = answers.services.flatMap((service) =>
    [...forServices, ...ofParts(answers, true)]
      .filter(has)
      .map((name) => ({ name, service, file: several ? `${name}-${service}` : name })),
  );
  const once = [...forRepository, ...ofParts(answers, false)]
    .filter(has)
    .map((name) => ({ name, service: answers.services[0]!, file: name }));
  return [...each, ...once].map(({ name, service, file }) => ({
    path: `.github/workflows/${file}.yml`,
    text: renderWorkflow(answers, service, name, templates),
  }));
}

/** A template as this team uses it, in the shape that it asked for. */
export function renderWorkflow(
  answers: Answers,
  service: string,
  name: string,
  { suite, readCalled, workflows }: Pick<Templates, 'suite' | 'readCalled' | 'workflows'>,
): string {
  const template = workflows[name]!;
  const document = read(template);
  const stages = stagesOf(answers, service);
  fitStages(document, stages);
  nameThings(document, answers, service, stages);
  nameStages(document, answers, stages);
  nameChoices(document, service, stages);
  chooseChannels(document, answers);
  fitPart(document, name, answers, service);
  applySettings(document, name, answers.settings);
  if (answers.services.length > 1 && isOfService(name)) tellServicesApart(document, service);
  // A comment of the document stands apart in the file of a caller; in one file it would be lost.
  const calls = template.includes(`${suite}/.github/workflows/`);
  const whole =
    answers.shape === 'inline' && calls
      ? inlineWorkflow(document.toString({ lineWidth: 0 }), readCalled)
      : document;
  if (answers.shape === 'inline') standAlone(whole, answers);
  pinSuite(whole, suite, answers);
  return whole.toString({ lineWidth: answers.shape === 'inline' ? 100 : 0 });
}

/** A copy that others call, which stands beside a workflow in one file whose matrix of calls cannot be one. */
export function renderCopy(answers: Answers, text: string, suite: string): string {
  const document = read(text);
  chooseChannels(document, answers);
  standAlone(document, answers);
  pinSuite(document, suite, answers);
  return document.toString({ lineWidth: 100 });
}

/** Steps and jobs about an environment that this team does not have go; those of the first stage are those of UAT too. */
function fitStages(document: Document, stages: readonly Stage[]): void {
  const has = (role: unknown) => stages.some((stage) => stage.role === role);
  const isAbsent = (node: unknown) => {
    const role = isMap(node) ? node.getIn(['with', 'environment']) : undefined;
    return ['staging', 'uat', 'production'].includes(role as string) && !has(role);
  };
  const jobs = document.get('jobs') as YAMLMap<Scalar<string>, YAMLMap>;
  const first = jobs.items.find(({ value }) => value?.getIn(['with', 'environment']) === 'staging');
  if (first && has('uat')) {
    const copy = first.clone();
    copy.key = document.createNode('uat') as Scalar<string>;
    copy.value!.set('name', 'UAT');
    copy.value!.setIn(['with', 'environment'], 'uat');
    jobs.items.splice(jobs.items.indexOf(first) + 1, 0, copy);
  }
  visit(document, {
    Pair: (_, { value }) => (isAbsent(value) ? visit.REMOVE : undefined),
    Map: (_, map) => (isAbsent(map) ? visit.REMOVE : undefined),
  });
}

const eachText = (document: Document, see: (key: string, value: Scalar<string>, of: unknown) => void) =>
  visit(document, {
    Pair: (_, pair, path) => {
      if (isScalar(pair.key) && isScalar(pair.value) && typeof pair.value.value === 'string')
        see(String(pair.key.value), pair.value as Scalar<string>, path.at(-2));
    },
  });

/** The service and the environments, wherever a template names its own. */
function nameThings(document: Document, answers: Answers, service: string, stages: readonly Stage[]): void {
  const renamed = (text: string) =>
    stages.reduce(
      (named, { role, environment }) =>
        named.replace(new RegExp(`(^|[^\\w-])${role}(?=-recovery\\b|[^\\w-]|$)`, 'g'), `$1${environment}`),
      text,
    );
  eachText(document, (key, value, of) => {
    if (value.value.includes('${{') && key !== 'environments') return;
    if ((key === 'service' || key === 'SERVICE') && value.value === 'shop') value.value = service;
    const isEnvironmentName =
      key === 'name' && isPair(of) && isScalar(of.key) && of.key.value === 'environment';
    if (['environment', 'environments', 'traffic'].includes(key) || isEnvironmentName)
      value.value = renamed(value.value);
    if (key === 'branches') return;
    if (key === 'release-branch') value.value = answers.branch;
  });
  visit(document, {
    Pair: (_, pair) => {
      if (!isScalar(pair.key) || pair.key.value !== 'branches' || !isSeq(pair.value)) return;
      const kept = pair.value.items.filter(
        (item) => !(isScalar(item) && item.value === 'develop' && answers.environments.length === 1),
      );
      pair.value.items = kept;
      for (const item of kept) if (isScalar(item) && item.value === 'main') item.value = answers.branch;
    },
  });
}

/** What somebody may choose who starts a workflow by hand: the service, and its environments from the users' on. */
function nameChoices(document: Document, service: string, stages: readonly Stage[]): void {
  const inputs = document.getIn(['on', 'workflow_dispatch', 'inputs']);
  if (!isMap(inputs)) return;
  const choose = (input: string, options: readonly string[]) => {
    const choice = inputs.get(input);
    if (!isMap(choice) || !choice.has('options')) return;
    choice.set('options', document.createNode(options, { flow: true }));
    if (choice.has('default')) choice.set('default', options[0]);
  };
  choose('service', [service]);
  choose('environment', stages.map(({ environment }) => environment).reverse());
}

/** What the delivery is told of its stages, where that is not what it takes for granted. */
function nameStages(document: Document, answers: Answers, stages: readonly Stage[]): void {
  const inputs = document.getIn(['jobs', 'cd', 'with']) as YAMLMap | undefined;
  if (!isMap(inputs)) return;
  const named = (role: Stage['role']) => stages.find((stage) => stage.role === role)?.environment;
  if (named('staging') !== 'staging') inputs.set('staging', named('staging') ?? '');
  if (named('uat') !== undefined) inputs.set('uat', named('uat'));
  if (named('production') !== 'production') inputs.set('production', named('production'));
  if (answers.branch !== 'main') inputs.set('release-branch', answers.branch);
}

/** Secrets by channel, as callers pass them; the inputs of notify have the same names in lower case. */
const secretsOf: Readonly<Record<(typeof channels)[number], readonly string[]>> = {
  slack: ['SLACK_WEBHOOK'],
  teams: ['TEAMS_WEBHOOK'],
  pagerduty: ['PAGERDUTY_KEY'],
  webhook: ['WEBHOOK_URL', 'WEBHOOK_SECRET'],
};
const inputOf = (secret: string) => secret.toLowerCase().replaceAll('_', '-');

/** The channels that were asked for, and no others. What may tell Slack may tell a webhook. */
function chooseChannels(document: Document, { notify }: Answers): void {
  if (notify.includes('webhook'))
    visit(document, {
      Map: (_, map) => {
        for (const add of [(secret: string) => secret, inputOf])
          if (map.has(add('SLACK_WEBHOOK')))
            for (const secret of secretsOf.webhook)
              if (!map.has(add(secret))) map.set(add(secret), `\${{ secrets.${secret} }}`);
      },
    });
  const without = channels.filter((channel) => !notify.includes(channel)).flatMap((one) => secretsOf[one]);
  const names = [...without, ...without.map(inputOf)];
  visit(document, {
    Pair: (_, pair) =>
      isScalar(pair.key) && names.includes(String(pair.key.value)) ? visit.REMOVE : undefined,
  });
  visit(document, {
    Pair: (_, { key, value }) =>
      isScalar(key) && key.value === 'secrets' && isMap(value) && value.items.length === 0
        ? visit.REMOVE
        : undefined,
  });
}

/** Several services have several files: each says whose it is, and none waits for another. */
function tellServicesApart(document: Document, service: string): void {
  const name = document.get('name');
  if (
    document.getIn(['env', 'SERVICE']) === undefined &&
    document.getIn(['jobs', 'cd', 'with']) === undefined
  )
    if (!JSON.stringify(document.toJS()).includes(`"${service}"`)) return;
  document.set('name', `${String(name)}: ${service}`);
  const group = document.getIn(['concurrency', 'group']);
  if (typeof group === 'string') document.setIn(['concurrency', 'group'], `${group}-${service}`);
}

/** What GitHub Enterprise Server lacks, and the team's own runners. */
function standAlone(document: Document, { runner }: Answers): void {
  visit(document, {
    Pair: (_, pair) => {
      if (!isScalar(pair.key)) return;
      if (pair.key.value === 'deployment' && isScalar(pair.value) && pair.value.value === false)
        return visit.REMOVE;
      if (pair.key.value === 'runs-on' && runner.length > 0)
        pair.value =
          runner.length === 1 ? new Scalar(runner[0]) : document.createNode(runner, { flow: true });
      return undefined;
    },
  });
}

/** The suite by commit, with its version beside it for people. */
function pinSuite(document: Document, suite: string, answers: Answers): void {
  const { repository, ref, version } = answers.suite;
  eachText(document, (key, value) => {
    if (key === 'repository' && value.value === suite) value.value = repository;
    if (key !== 'uses' || !value.value.startsWith(`${suite}/`)) return;
    value.value = `${repository}/${value.value.slice(suite.length + 1).split('@')[0]}@${ref}`;
    value.comment = ` ${version}`;
  });
}
