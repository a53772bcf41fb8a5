import { reservedNames } from '../../actions/smoke-test/values/scope.js';
import type { Refuse } from './draft.js';

/**
 * Turns a reference that is no name of a variable, such as a generator, into one of a suite; undefined when there is
 * none.
 */
export type Special = (
  inner: string,
  nth: number,
) => { reference: string } | { refuse: string; fix?: string } | undefined;

/** Names of variables as a suite may have them, and the references that were made to them. */
export class Names {
  readonly #given = new Map<string, string>();
  /** Variables that were referred to, by their name in the suite. */
  readonly used = new Set<string>();
  /** Secrets that were referred to, with where their values stood in the original if those have no name there. */
  readonly usedSecrets = new Map<string, string | undefined>();
  #specials = 0;

  /** `secrets` are original names whose values must not be written down. */
  constructor(
    private readonly special: Special,
    private readonly secrets: ReadonlySet<string> = new Set(),
  ) {}

  /** The name in the suite of a variable of the original; the same one each time. */
  rename(original: string): string {
    return this.#nameOf(original, original, this.secrets.has(original));
  }

  #nameOf(original: string, wanted: string, isSecret: boolean): string {
    const known = this.#given.get(original);
    if (known !== undefined) return known;
    // Secrets are read from environment variables, whose names have no hyphens.
    const plain = wanted.replace(isSecret ? /\W/g : /[^\w-]/g, '_').replace(/^(?![A-Za-z_])/, '_');
    const base = reservedNames.includes(plain) ? `${plain}_value` : plain;
    const taken = new Set(this.#given.values());
    let name = base;
    for (let number = 2; taken.has(name); number++) name = `${base}_${number}`;
    this.#given.set(original, name);
    return name;
  }

  /** A reference as the suite writes it. */
  reference(original: string): string {
    const name = this.rename(original);
    if (this.secrets.has(original)) {
      this.usedSecrets.set(name, undefined);
      return `{{ secrets.${name} }}`;
    }
    this.used.add(name);
    return `{{ ${name} }}`;
  }

  /** A reference to a secret whose value has no name in the original; the same one for the same value. */
  secret(wanted: string, value: string, from: string): string {
    // No variable has a line break in its name.
    const name = this.#nameOf(`\n${value}`, wanted, true);
    if (!this.usedSecrets.has(name)) this.usedSecrets.set(name, from);
    return `{{ secrets.${name} }}`;
  }

  /** Text with its references as the suite writes them; what has no counterpart is refused. */
  rewrite(text: string, refuse: Refuse): string {
    const rewritten = text.replace(/\{\{([^{}]*)\}\}/g, (_whole, inner: string) => {
      const found = this.special(inner.trim(), this.#specials + 1);
      if (found === undefined) return this.reference(inner.trim());
      if ('refuse' in found) {
        refuse(found.refuse, found.fix);
        return '';
      }
      this.#specials++;
      return `{{ ${found.reference} }}`;
    });
    if (/\{\{/.test(rewritten.replace(/\{\{ [\w.-]+ \}\}/g, '')))
      refuse(`{{ without a name and }} in ${JSON.stringify(text.slice(0, 60))}`);
    return rewritten;
  }
}

/** Names inside the `{{ }}` of a rewritten text. */
export function referencesIn(text: string): string[] {
  return [...text.matchAll(/\{\{ ([\w.-]+)(?: \| \w+)? \}\}/g)].map(([, name]) => name!);
}

/** A rewritten text in which a value between quotes is a text, whatever it is elsewhere. */
export function quotedAsText(text: string, isText: (reference: string) => boolean): string {
  return text.replace(
    /(^|")\{\{ ([\w.-]+) \}\}($|")/g,
    (whole, before: string, name: string, after: string) =>
      before !== after || isText(name) ? whole : `${before}{{ ${name} | text }}${after}`,
  );
}

/** Names whose values are better masked. */
export function soundsSecret(name: string): boolean {
  return /token|secret|passw|api[-_]?key|session|credential|jwt/i.test(name);
}
