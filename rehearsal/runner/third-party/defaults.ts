import type { ThirdPartyMap } from './action.js';
import { downloadArtifactAction, uploadArtifactAction } from './artifacts.js';
import { checkoutAction } from './checkout.js';
import { setupNodeAction } from './setup-node.js';

/** The third-party actions every rehearsal has an equivalent for. */
export const defaultThirdParty: ThirdPartyMap = {
  'actions/checkout': checkoutAction,
  'actions/setup-node': setupNodeAction,
  'actions/upload-artifact': uploadArtifactAction,
  'actions/download-artifact': downloadArtifactAction,
};
