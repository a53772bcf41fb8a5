import { dispatch } from '../../../cli/dispatch.js';
import { serve } from '../../support/servers/http.js';
import { inFolder, testShell } from '../terminal.js';

/** What every Postman collection begins with. */
export const collectionInfo = {
  name: 'Shop',
  schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json',
};

/** A test script as Postman exports it, line by line. */
export const testScript = (...exec: string[]) => [{ listen: 'test', script: { exec } }];

/** What a server answers everything with. */
export interface Answer {
  status?: number;
  /** A list is sent as several headers of one name. */
  headers?: Record<string, string | string[]>;
  /** Sent as JSON, unless it is text. */
  body?: unknown;
}

/**
 * Imports a file and runs the suite against a server with one answer; the exit code of the run. Throws when importing
 * is refused.
 */
export async function importAndRun(
  format: 'postman' | 'hurl',
  original: (url: string) => string,
  answer: Answer,
): Promise<number> {
  const server = await serve((_request, response) => {
    const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? {});
    response
      .writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers })
      .end(text);
  });
  try {
    return await inFolder({ original: original(server.url) }, async (folder) => {
      const shell = testShell(folder);
      const code = await dispatch(['import', format, 'original', '--output', 'smoke.yml'], shell);
      if (code !== 0) throw new Error(shell.errors.join('\n'));
      return dispatch(['smoke', 'smoke.yml'], shell);
    });
  } finally {
    await server.close();
  }
}
