import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { BuiltinAction } from './action.js';
import { uploadArtifactAction } from './artifacts.js';

const artifact = 'github-pages';

/** `actions/upload-pages-artifact`: the folder as the artifact that is published. */
export const uploadPagesArtifactAction: BuiltinAction = {
  inputs: { name: artifact, path: '_site/', 'retention-days': '1' },
  run: (context) => {
    const { name = artifact, path = '' } = context.inputs;
    return uploadArtifactAction.run({ ...context, inputs: { ...uploadArtifactAction.inputs, name, path } });
  },
};

/** `actions/deploy-pages` without a site: it is refused what GitHub refuses. */
export const deployPagesAction: BuiltinAction = {
  inputs: { artifact_name: artifact },
  run: async ({ inputs, permissions, artifacts, runId, repository, setOutput }) => {
    for (const needed of ['pages', 'id-token'])
      if (permissions[needed] !== 'write')
        throw new Error(`The job may not publish: ${needed}: write is missing`);
    const name = inputs['artifact_name']!;
    if (!existsSync(join(artifacts(runId), name))) throw new Error(`No artifacts named "${name}" were found`);
    setOutput('page_url', `https://${repository.owner}.github.io/${repository.name}/`);
  },
};
