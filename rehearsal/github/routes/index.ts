import type { Route } from '../route.js';
import { accountRoutes } from './account.js';
import { artifactRoutes } from './runs/artifacts.js';
import { attestationRoutes } from './runs/attestations.js';
import { checkRoutes } from './checks.js';
import { commitRoutes } from './git/commits.js';
import { contentRoutes } from './git/contents.js';
import { deploymentRoutes } from './deployments.js';
import { approvalRoutes, environmentRoutes } from './environments.js';
import { gitObjectRoutes } from './git/git-objects.js';
import { gitRefRoutes } from './git/git-refs.js';
import { issueRoutes } from './issues.js';
import { labelRoutes } from './labels.js';
import { protectionRoutes } from './protection.js';
import { pullRoutes } from './pulls.js';
import { releaseRoutes } from './releases.js';
import { repositoryRoutes } from './repository.js';
import { runRoutes } from './runs/runs.js';
import { searchRoutes } from './search.js';
import { statusRoutes } from './statuses.js';

/** Every REST operation served; scripts/openapi-slice.ts cuts GitHub's description down to these. */
export const routes: readonly Route[] = [
  ...accountRoutes,
  ...attestationRoutes,
  ...repositoryRoutes,
  ...gitRefRoutes,
  ...gitObjectRoutes,
  ...contentRoutes,
  ...commitRoutes,
  ...statusRoutes,
  ...checkRoutes,
  ...deploymentRoutes,
  ...environmentRoutes,
  ...approvalRoutes,
  ...issueRoutes,
  ...labelRoutes,
  ...protectionRoutes,
  ...pullRoutes,
  ...releaseRoutes,
  ...runRoutes,
  ...artifactRoutes,
  ...searchRoutes,
];
