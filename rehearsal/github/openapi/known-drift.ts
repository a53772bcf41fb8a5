export interface Drift {
  operation: RegExp;
  /** The member of the answer, as a JSON pointer. */
  at: RegExp;
  /** The only value that may differ there. */
  value: unknown;
  reason: string;
}

/** Where GitHub's real answers leave its own description; nothing else may. */
export const knownDrift: readonly Drift[] = [
  {
    operation: /\/deployments\/\{deployment_id\}\/statuses/,
    at: /\/state$/,
    value: 'waiting',
    reason: 'a job held by environment rules has this status (GraphQL DeploymentStatusState lists it)',
  },
  {
    operation: /\/deployments\/\{deployment_id\}\/statuses/,
    at: /\/(target_url|log_url|environment_url)$/,
    value: '',
    reason: 'the description gives "" as default and uri as format',
  },
];
