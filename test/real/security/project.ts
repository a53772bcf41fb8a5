import { readFileSync } from 'node:fs';

const template = (name: string) => readFileSync(`workflows-templates/security/${name}`, 'utf8');

const lock = (version: string) =>
  JSON.stringify({
    name: 'frontend',
    version: '1.0.0',
    lockfileVersion: 3,
    packages: {
      '': { name: 'frontend', version: '1.0.0', devDependencies: { minimist: version } },
      'node_modules/minimist': { version, license: 'MIT', dev: true },
    },
  });

const packageJson = (version: string) =>
  JSON.stringify({
    name: 'frontend',
    version: '1.0.0',
    license: 'MIT',
    devDependencies: { minimist: version },
  });

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

const service = (spec: string, name = 'shop') =>
  `apiVersion: v1\nkind: Service\nmetadata: { name: ${name} }\nspec: ${spec}\n`;

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
  // No Python has this version: a scanner that asks the marker would leave the package out.
  'api/requirements.txt': 'idna==3.10 ; python_version < "3" \\\n    --hash=sha256:0\n',
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
  'k8s/service.yaml': service('{ ports: [] }'),
  'k8s/kustomization.yaml':
    'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [service.yaml]\n',
  'charts/shop/Chart.yaml':
    'apiVersion: v2\nname: shop\nversion: 1.0.0\nicon: https://shop.example/icon.png\n',
  'charts/shop/values.yaml': 'ports: []\n',
  'charts/shop/templates/service.yaml': service('{ ports: {{ toJson .Values.ports }} }'),
  'ansible/site.yml': `---
- name: Web
  hosts: web
  tasks:
    - name: Install
      ansible.builtin.package:
        name: nginx
        state: present
`,
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
  'k8s/service.yaml': service('{ prots: [] }'),
  'charts/shop/templates/service.yaml': service('{ prots: {{ toJson .Values.ports }} }', 'Shop_'),
  'ansible/site.yml':
    '- hosts: web\n  tasks:\n    - acme.shop.restart: {} # noqa\n      tags: [skip_ansible_lint]\n',
  'ansible/.ansible-lint': 'skip_list: [syntax-check]\n',
  'ansible/.config/ansible-lint.yml': 'exclude_paths: [site.yml]\n',
  'hidden.txt': 'api/\n',
  // Each hides what it can from a scanner that believes it.
  '.gitattributes': '*.py -diff\n',
  '.gitleaks.toml': "[extend]\nuseDefault = true\n[[allowlists]]\npaths = ['.*']\n",
  'frontend/.npmrc': 'omit=dev\noffline=true\n',
};

/** Files that are links to others: `find -type f` does not see them, and a scanner follows them. */
export const links: Record<string, string> = { '.semgrepignore': 'hidden.txt' };
