/** Why nginx cannot tell whether a colour is well. */
export const noChecks = 'nginx checks no upstream by itself and tells of none (only NGINX Plus does)';
