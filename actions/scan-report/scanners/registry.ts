import { ansibleLint } from './ansible-lint.js';
import { bandit } from './bandit.js';
import { checkov } from './checkov.js';
import { codeql } from './codeql.js';
import { gitleaks } from './gitleaks.js';
import { hadolint } from './hadolint.js';
import { kubeconform } from './kubeconform.js';
import { npmAudit } from './npm-audit.js';
import { pipAudit } from './pip-audit.js';
import { pnpmAudit } from './pnpm-audit.js';
import { sarif } from './sarif.js';
import { sbom } from './sbom.js';
import type { Scanner } from './scanner.js';
import { schemathesis } from './service/schemathesis.js';
import { semgrep } from './semgrep.js';
import { smoke } from './service/smoke.js';
import { step } from './step.js';
import { trivy } from './trivy.js';
import { zap } from './service/zap.js';

/** How the report of each scanner is read; `sarif` and `step` read those of any other. */
export const scanners = {
  'pip-audit': pipAudit,
  'npm-audit': npmAudit,
  'pnpm-audit': pnpmAudit,
  bandit,
  semgrep,
  gitleaks,
  trivy,
  hadolint,
  checkov,
  kubeconform,
  'ansible-lint': ansibleLint,
  sbom: sbom([]),
  codeql,
  schemathesis,
  smoke,
  zap,
  sarif,
  step,
} satisfies Record<string, Scanner>;

export type ScannerName = keyof typeof scanners;

export const scannerNames = Object.keys(scanners) as ScannerName[];

/** The scanner of a name, with what the team decided about licences. */
export const scannerOf = (name: ScannerName, denied: readonly string[]): Scanner =>
  name === 'sbom' ? sbom(denied) : scanners[name];
