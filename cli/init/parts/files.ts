import { schemaLine, stagesOf, yours, type Answers, type InitFile } from '../answers.js';
import { tagRuleset, tagRulesetPath } from '../protection/ruleset.js';
import { renderCopy, type Templates } from '../workflow.js';
import { executables } from './executables.js';
import { cdFile, ephemeralSuite, tagPrefix } from './values.js';

/** The files that the parts bring beside their workflows; a team fills them in, and then they are its own. */
export function partFiles(answers: Answers, templates: Templates): InitFile[] {
  const { parts, services } = answers;
  const has = (...names: Answers['parts'][number][]) => names.some((name) => parts.includes(name));
  const beside = (from: string, path: string, seed = true): InitFile => ({
    path,
    text: ownSchema(templates.readBeside(from), answers, templates.suite),
    seed,
  });
  return [
    ...(has('security-scan', 'hotfix')
      ? [
          beside('security/semgrep.yml', '.github/security/semgrep.yml'),
          beside('security/waivers.yml', '.github/security/waivers.yml'),
        ]
      : []),
    ...(has('security-scan') ? [beside('security/staging.yml', '.github/security/staging.yml')] : []),
    ...(has('docs')
      ? ['front-matter.schema.json', 'index.mjs', 'package-lock.json', 'package.json', 'remark.mjs'].map(
          (name) => beside(`docs/${name}`, `.github/docs/${name}`, false),
        )
      : []),
    ...(has('hotfix')
      ? [beside('repository/PULL_REQUEST_TEMPLATE/hotfix.md', '.github/PULL_REQUEST_TEMPLATE/hotfix.md')]
      : []),
    ...(has('ephemeral-environment') && services.length > 1 ? [ephemeralSuiteFile(answers)] : []),
    ...(has('migrations') ? [migrationsFile(answers)] : []),
    ...(has('incident-response') ? [incidentsFile(answers)] : []),
    ...(has('go-live') ? [goLiveFile(answers), verificationFile(answers)] : []),
    ...(has('go-live') && answers.shape === 'inline'
      ? ['called-promote', 'called-migrations', 'called-rollback'].map((name) => ({
          path: `.github/workflows/${name}.yml`,
          text: renderCopy(answers, templates.readBeside(`inline/${name}.yml`), templates.suite),
        }))
      : []),
    ...(has('release-candidate')
      ? [
          {
            path: tagRulesetPath,
            text: `${JSON.stringify(tagRuleset(services.map((service) => tagPrefix(answers, service))), null, 2)}\n`,
          },
        ]
      : []),
    ...executables(answers),
  ];
}

/** The schema of an editor's line comes from where the team has the suite; what tells to copy is for who copies. */
function ownSchema(text: string, answers: Answers, suite: string): string {
  const [, name] =
    new RegExp(`^# yaml-language-server: \\$schema=\\S*/${suite}/\\S*/([\\w-]+)\\.json\\n`).exec(text) ?? [];
  return name === undefined ? text : schemaLine(answers, name) + text.slice(text.indexOf('\n') + 1);
}

const ephemeralSuiteFile = (answers: Answers): InitFile => ({
  path: ephemeralSuite,
  seed: true,
  text: `${schemaLine(answers, 'smoke-suite')}# What the environment of a pull request must answer, with all services in it: docs/smoke-suite.md of the suite.
version: 1
name: ephemeral
flows:
  - name: health
    steps:
      - name: is well
        http: { url: /health } # yours: what this environment answers
        expect: { status: 200 }
        until: { within: 60s, every: 1s }
`,
});

const migrationsFile = (answers: Answers): InitFile => ({
  path: '.github/migrations.yml',
  seed: true,
  text: `${schemaLine(answers, 'migrations')}# How the schema changes: docs/migrations.md of the suite.
version: 1
database: postgresql
migrations:
  - { tool: sql, folder: db/migrations } # yours: flyway, prisma, django, … and where they are
timeouts: { lock: 5s, statement: 10m }
`,
});

function incidentsFile(answers: Answers): InitFile {
  const { owners, services } = answers;
  const mention = owners.map((owner) => owner.slice(1)).join(', ');
  return {
    path: '.github/incidents.yml',
    seed: true,
    text: `${schemaLine(answers, 'incidents')}# What a severity means, who is called, what contains: docs/incidents.md of the suite. Read from the default branch only.
version: 1
on-call:
  default: { mention: [${mention}], escalate: [${mention}] } ${yours}: who answers, and who when nobody did
contain:
  - { name: maintenance, run: [deploy/contain, maintenance] }
alerts:
  known: [${services.join(', ')}]
  default-environment: ${stagesOf(answers, services[0]!).at(-1)!.environment}
`,
  };
}

function goLiveFile(answers: Answers): InitFile {
  const { services, parts } = answers;
  const [first = ''] = services;
  const stages = stagesOf(answers, first);
  const place = (at: number) => stages.at(at)!.environment.replace(first, '{service}');
  const files = services.map((service) => cdFile(answers, service)).join(', ');
  const database = parts.includes('migrations')
    ? `database: { service: ${first} } ${yours}: the service that .github/migrations.yml is run for\n`
    : '';
  const order = services.map(
    (name, index) =>
      `  - { name: ${name}, rank: ${Math.min(index + 1, 5)} } ${index === 0 ? `${yours}: what the others need goes first` : yours}\n`,
  );
  return {
    path: '.github/go-live.yml',
    seed: true,
    text: `${schemaLine(answers, 'go-live')}# Several services in their order: docs/templates/go-live.md of the suite. Read from the default branch only.
version: 1
from: '${place(-2)}'
environment: '${place(-1)}'
release-workflows: [${files}]
take-back: failed
${database}services:
${order.join('')}verify: { suite: .github/smoke-go-live.yml, url: 'https://www.example.com' } ${yours}: the address of the users
`,
  };
}

const verificationFile = (answers: Answers): InitFile => ({
  path: '.github/smoke-go-live.yml',
  seed: true,
  text: `${schemaLine(answers, 'smoke-suite')}# What users do through all services, once each of them is live: docs/smoke-suite.md of the suite.
version: 1
name: go-live
flows:
  - name: front page
    steps:
      - name: it answers
        http: { url: / }
        expect: { status: 200 }
        until: { within: 60s, every: 2s }
  # yours: register, log in, search, order
`,
});
