import { bandit } from './bandit.js';
import { checkov } from './checkov.js';
import { gitleaks } from './gitleaks.js';
import { hadolint } from './hadolint.js';
import { npmAudit } from './npm-audit.js';
import { pipAudit } from './pip-audit.js';
import { sarif } from './sarif.js';
import { sbom } from './sbom.js';
import type { Scanner } from './scanner.js';
import { semgrep } from './semgrep.js';
import { step } from './step.js';
import { trivy } from './trivy.js';

/** How the report of each scanner is read; `sarif` and `step` read those of any other. */
export const scanners = {
  'pip-audit': pipAudit,
  'npm-audit': npmAudit,
  bandit,
  semgrep,
  gitleaks,
  trivy,
  hadolint,
  checkov,
  sbom: sbom([]),
  sarif,
  step,
} satisfies Record<string, Scanner>;

export type ScannerName = keyof typeof scanners;

export const scannerNames = Object.keys(scanners) as ScannerName[];

/** The scanner of a name, with what the team decided about licences. */
export const scannerOf = (name: ScannerName, denied: readonly string[]): Scanner =>
  name === 'sbom' ? sbom(denied) : scanners[name];
