import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Each example with the routers that its page tells how to use, the first being that of its commands. */
export const examples = {
  [join('examples', 'vm-nginx')]: ['nginx', 'haproxy'],
  [join('examples', 'kubernetes')]: ['kubernetes-service', 'gateway-api'],
  [join('examples', 'ecs-alb')]: ['aws-alb'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export const pageOf = (example: string) => readFileSync(join(example, 'README.md'), 'utf8');

/** What the page of an example says of `init`, as arguments; `router` stands in place of the one it names. */
export function initCommand(page: string, router?: string): string[] {
  const [, text] = /npx --yes \S+ (init [^`]*?)\n```/.exec(page)!;
  const words = text!
    .replace(/\\\n\s*/g, '')
    .trim()
    .split(/\s+/);
  return words.map((word, index) =>
    router !== undefined && words[index - 1] === '--router' ? router : word,
  );
}

/** What whoever follows the page has told git and npx, and a test tells `init`. */
export const known: readonly string[] = [
  ...['--suite', 'acme/devops-actions', '--ref', 'a'.repeat(40), '--version', 'v1.4.0'],
  ...['--repository', 'acme/shop'],
];
