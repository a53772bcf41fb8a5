import { readFileSync } from 'node:fs';

const template = (name: string) => readFileSync(`workflows-templates/security/${name}`, 'utf8');

const lock = (version: string) =>
  JSON.stringify({
    name: 'frontend',
    version: '1.0.0',
    lockfileVersion: 3,
    packages: {
      '': { name: 'frontend', version: '1.0.0', dependencies: { minimist: version } },
      'node_modules/minimist': { version, license: 'MIT' },
    },
  });

const packageJson = (version: string) =>
  JSON.stringify({ name: 'frontend', version: '1.0.0', license: 'MIT', dependencies: { minimist: version } });

const pnpmLock = `lockfileVersion: '9.0'
importers:
  .:
    dependencies:
      minimist: { specifier: 1.2.8, version: 1.2.8 }
packages:
  minimist@1.2.8:
    resolution: { integrity: sha512-2yyAR8qBkN3YuheJanUpWC5U3bb5osDywNB8RzDVlDwDHbocAJveqqj1u8+SVD7jkWT4yvsHCpWqqWqAxb0zCA== }
snapshots:
  minimist@1.2.8: {}
`;

const python = (text: string) => `def run(given: str) -> str:\n    return ${text}\n`;

const day = (from: number) => new Date(Date.now() + from * 86_400_000).toISOString().slice(0, 10);

const waivers = (...all: { finding: string; until: string }[]) =>
  JSON.stringify({
    version: 1,
    waivers: all.map((each) => ({ ...each, where: 'idna', reason: 'Not reached', by: '@org/security' })),
  });

/** A project in which no scanner finds anything. */
export const clean: Record<string, string> = {
  '.github/security/semgrep.yml': template('semgrep.yml'),
  '.github/security/waivers.yml': template('waivers.yml'),
  'api/requirements.txt': 'idna==3.10\n',
  'api/app.py': python('given.strip()'),
  'api/Dockerfile': `FROM python:3.13@sha256:${'a'.repeat(64)}\nUSER 1000\nCMD ["python"]\n`,
  'frontend/package.json': packageJson('1.2.8'),
  'frontend/package-lock.json': lock('1.2.8'),
  'web/package.json': JSON.stringify({
    name: 'web',
    dependencies: { minimist: '1.2.8' },
    packageManager: 'pnpm@12.16.0',
  }),
  'web/pnpm-lock.yaml': pnpmLock,
  'frontend/Dockerfile': `FROM nginx:1.29@sha256:${'b'.repeat(64)}\nUSER 1000\nCMD ["nginx"]\n`,
  '.github/security/staging.yml': template('staging.yml'),
  'api/openapi.yaml': `openapi: 3.0.3
info: { title: Shop, version: '1' }
paths:
  /items:
    get:
      responses:
        '200':
          description: All of them
          content:
            application/json:
              schema: { type: object, required: [items], properties: { items: { type: array } } }
`,
  'infrastructure/main.tf':
    'resource "aws_sns_topic" "orders" {\n  name              = "orders"\n  kms_master_key_id = "alias/aws/sns"\n}\n',
};

/** The same with a defect for each scanner that reads files. The key is put together here: this file is scanned too. */
export const bad: Record<string, string> = {
  ...clean,
  'api/app.py': `import subprocess\n\n\n${python('subprocess.check_output(given, shell=True)  # nosec # nosemgrep')}`,
  'api/key.py': `KEY = "${['AKIA', 'QYLPMN5HHHFPZAM2'].join('')}"  # gitleaks:allow\n`,
  '.github/security/waivers.yml': waivers(
    { finding: 'PYSEC-2026-2', until: day(1) },
    { finding: 'PYSEC-2026-1', until: day(-1) },
  ),
  'web/pnpm-workspace.yaml': 'auditConfig:\n  ignoreGhsas: [GHSA-xvch-5gv4-984h]\n',
  'api/.bandit': '[bandit]\nskips: B602\n',
  'api/Dockerfile': 'FROM python:latest\nRUN sudo pip install flask\n',
  'infrastructure/main.tf':
    'resource "aws_sns_topic" "orders" {\n  #checkov:skip=CKV_AWS_26:later\n  name = "orders"\n}\n',
};
