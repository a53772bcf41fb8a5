import { lines, refuse } from '../../shared/config/fields.js';

const form = /^[A-Za-z0-9][A-Za-z0-9_-]*\/(?!\.{1,2}$)[A-Za-z0-9._-]+$/;

/** Lines of `owner/name`, each repository once. */
export const repositoryNames = () =>
  lines().transform((all, ctx) => {
    if (!all.every((name) => form.test(name))) refuse(ctx, 'lines of OWNER/NAME, such as acme/shop');
    if (new Set(all.map((name) => name.toLowerCase())).size < all.length)
      refuse(ctx, 'each repository once: twice, its deployments would count twice');
    return all;
  });
