import type { ThirdPartyMap } from './action.js';
import { downloadArtifactAction, uploadArtifactAction } from './artifacts.js';
import { cacheAction, cacheSaveAction } from './cache.js';
import { checkoutAction } from './checkout.js';
import { codeqlAnalyzeAction, codeqlInitAction, uploadSarifAction } from './code-scanning.js';
import { deployPagesAction, uploadPagesArtifactAction } from './pages.js';
import { dependencyReviewAction, trivyAction } from './scanners.js';
import { setupNodeAction } from './setup-node.js';
import {
  setupGoAction,
  setupOpaAction,
  setupOpentofuAction,
  setupPnpmAction,
  setupPythonAction,
  setupTerraformAction,
} from './setup-tools.js';

/** The third-party actions every rehearsal has an equivalent for. */
export const defaultThirdParty: ThirdPartyMap = {
  'actions/cache': cacheAction,
  'actions/cache/restore': cacheAction,
  'actions/cache/save': cacheSaveAction,
  'actions/checkout': checkoutAction,
  'actions/deploy-pages': deployPagesAction,
  'actions/dependency-review-action': dependencyReviewAction(),
  'actions/download-artifact': downloadArtifactAction,
  'actions/setup-go': setupGoAction,
  'actions/setup-node': setupNodeAction,
  'actions/setup-python': setupPythonAction,
  'actions/upload-artifact': uploadArtifactAction,
  'actions/upload-pages-artifact': uploadPagesArtifactAction,
  'aquasecurity/trivy-action': trivyAction(),
  'github/codeql-action/analyze': codeqlAnalyzeAction,
  'github/codeql-action/init': codeqlInitAction,
  'github/codeql-action/upload-sarif': uploadSarifAction,
  'hashicorp/setup-terraform': setupTerraformAction,
  'open-policy-agent/setup-opa': setupOpaAction,
  'opentofu/setup-opentofu': setupOpentofuAction,
  'pnpm/action-setup': setupPnpmAction,
};
