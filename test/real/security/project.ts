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

const python = (text: string) => `def run(given: str) -> str:\n    return ${text}\n`;

/** A project in which no scanner finds anything. */
export const clean: Record<string, string> = {
  '.github/security/semgrep.yml': template('semgrep.yml'),
  '.github/security/waivers.yml': template('waivers.yml'),
  'api/requirements.txt': 'idna==3.10\n',
  'api/app.py': python('given.strip()'),
  'api/Dockerfile': `FROM python:3.13@sha256:${'a'.repeat(64)}\nUSER 1000\nCMD ["python"]\n`,
  'frontend/package.json': packageJson('1.2.8'),
  'frontend/package-lock.json': lock('1.2.8'),
  'frontend/Dockerfile': `FROM nginx:1.29@sha256:${'b'.repeat(64)}\nUSER 1000\nCMD ["nginx"]\n`,
  'infrastructure/main.tf':
    'resource "aws_sns_topic" "orders" {\n  name              = "orders"\n  kms_master_key_id = "alias/aws/sns"\n}\n',
};

/** The same with a defect for each scanner that reads files. The key is put together here: this file is scanned too. */
export const bad: Record<string, string> = {
  ...clean,
  'api/app.py': `import subprocess\n\n\n${python('subprocess.check_output(given, shell=True)  # nosec # nosemgrep')}`,
  'api/key.py': `KEY = "${['AKIA', 'QYLPMN5HHHFPZAM2'].join('')}"  # gitleaks:allow\n`,
  'api/.bandit': '[bandit]\nskips: B602\n',
  'api/Dockerfile': 'FROM python:latest\nRUN sudo pip install flask\n',
  'infrastructure/main.tf':
    'resource "aws_sns_topic" "orders" {\n  #checkov:skip=CKV_AWS_26:later\n  name = "orders"\n}\n',
};
