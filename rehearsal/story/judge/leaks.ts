import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Where secrets were looked for, and where they were seen. */
export interface LeakSearch {
  files: number;
  found: string[];
}

/**
 * Looks for secrets, as they are and as a URL, JSON or base64 has them, in all files below a folder and in texts by
 * name.
 */
export function searchLeaks(
  secrets: readonly string[],
  folder: string,
  texts: Readonly<Record<string, string>>,
): LeakSearch {
  const forms = secrets.flatMap(formsOf);
  const leaks = (bytes: Buffer) => forms.some((form) => bytes.includes(form));
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return {
    files: files.length,
    found: [
      ...files.filter((file) => leaks(readFileSync(file))).map((file) => relative(folder, file)),
      ...Object.entries(texts).flatMap(([name, text]) => (leaks(Buffer.from(text)) ? [name] : [])),
    ],
  };
}

function formsOf(secret: string): string[] {
  const base64 = Buffer.from(secret).toString('base64').replace(/=+$/, '');
  return [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    // Its last letter changes with what follows the secret.
    base64.slice(0, -1),
  ];
}
