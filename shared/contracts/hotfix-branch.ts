/** Whether the pull requests of a branch are hotfixes, by its name. */
export const isHotfixBranch = (branch: string): boolean => branch.toLowerCase().startsWith('hotfix/');
