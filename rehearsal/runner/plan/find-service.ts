import type { StartService, WorkflowRequest } from '../request.js';

/** Whether a name of the request means this image: `postgres` all its tags, `postgres:16` that one and its variants. */
function means(name: string, image: string): boolean {
  if (image === name) return true;
  return image.startsWith(name) && (name.includes(':') || [':', '@'].includes(image[name.length] ?? ''));
}

/** What starts the local server for an image; throws, with what to add to the request, when there is none. */
export function findService(image: string, services: WorkflowRequest['services'] = {}): StartService {
  const [name] = Object.keys(services)
    .filter((each) => means(each, image))
    .sort((a, b) => b.length - a.length);
  const start = name === undefined ? undefined : services[name];
  if (start !== undefined) return start;
  const bare = image.replace(/[:@].*$/, '');
  throw new Error(
    `image '${image}' has no local server: add '${bare}' to \`services\` of the request; ` +
      `mapped are ${Object.keys(services).join(', ') || 'none'}`,
  );
}
