import { allStages, schemaLine, type Answers, type InitFile, type Stage } from './answers.js';
import { routerSection } from './router-section.js';

/** What a stage calls its own: a namespace, a cluster, a prefix. One for each service and environment. */
export const scopeOf = (answers: Answers, { service, environment }: Stage): string =>
  answers.services.length > 1 ? environment : `${service}-${environment}`;

/** Ports of the colours of a service in an environment, where several may share a machine. */
export function portOf(answers: Answers, stage: Stage, colour: 'blue' | 'green'): number {
  const index = allStages(answers).findIndex(({ environment }) => environment === stage.environment);
  return 8080 + 10 * index + (colour === 'green' ? 1 : 0);
}

/** A traffic file for each environment. */
export const trafficFiles = (answers: Answers): InitFile[] =>
  allStages(answers).map((stage) => ({
    path: `.github/traffic/${stage.environment}.yml`,
    seed: true,
    text: trafficText(answers, stage),
  }));

function trafficText(answers: Answers, stage: Stage): string {
  const scope = scopeOf(answers, stage);
  const host = stage.role === 'production' ? stage.service : scope;
  const names = {
    service: stage.service,
    scope,
    // A runner of one's own beside a cluster is best one of its pods: from there it reaches the colours too.
    access: answers.runner.length > 0 ? ('in-cluster' as const) : ('kubeconfig' as const),
  };
  const needsTime = ['kubernetes', 'ecs'].includes(answers.place) || answers.router === 'aws-alb';
  return `${schemaLine(answers, 'traffic')}# Who decides about the traffic of ${stage.service} in ${stage.environment}: docs/traffic.md of the suite.
version: 1
${routerSection(answers.router, names)}colours:
  blue: { url: '${colourUrl(answers, stage, 'blue')}' } # yours: the colour itself, not through the router
  green: { url: '${colourUrl(answers, stage, 'green')}' } # yours
identity:
  path: /health
  version: { json: $.version }
  digest: { json: $.digest }
entry:
  url: https://${host}.example.com/health # yours: the address of the users
${needsTime ? '  within: 30s # how long the nodes of a load balancer may take\n' : ''}`;
}

function colourUrl(answers: Answers, stage: Stage, colour: 'blue' | 'green'): string {
  if (answers.place === 'kubernetes')
    return `http://${stage.service}-${colour}.${scopeOf(answers, stage)}.svc`;
  if (answers.place === 'ecs') return `http://${colour}.${scopeOf(answers, stage)}.internal:8080`;
  return `http://127.0.0.1:${portOf(answers, stage, colour)}`;
}
