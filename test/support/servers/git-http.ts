import { spawn } from 'node:child_process';
import { serve } from './http.js';

/** A real git server over HTTP, with one repository. */
export interface GitServer {
  /** Its address without the repository. */
  url: string;
  /** Tokens that came with requests, in their order. */
  tokens: (string | undefined)[];
  close(): Promise<void>;
}

/**
 * Serves a repository's folder as `/<owner>/<name>.git` through git's own http-backend; only requests with the token get
 * in. `before` a request is answered, something else may happen to the repository; false drops it without an answer.
 */
export async function gitServer(
  gitDir: string,
  token: string,
  before: (url: URL) => boolean = () => true,
): Promise<GitServer> {
  const tokens: GitServer['tokens'] = [];
  const server = await serve((request, response) => {
    const basic = /^basic (.*)$/i.exec(request.headers.authorization ?? '')?.[1];
    const given = basic && Buffer.from(basic, 'base64').toString().split(':')[1];
    tokens.push(given);
    if (given !== token) return void response.writeHead(401, { 'www-authenticate': 'Basic' }).end();
    const url = new URL(request.url!, 'http://git');
    if (!before(url)) return void request.socket.destroy();
    const child = spawn('git', ['http-backend'], {
      env: {
        PATH: process.env['PATH'],
        GIT_PROJECT_ROOT: gitDir,
        GIT_HTTP_EXPORT_ALL: '1',
        REMOTE_USER: 'app',
        GIT_CONFIG_COUNT: '2',
        GIT_CONFIG_KEY_0: 'receive.denyCurrentBranch',
        GIT_CONFIG_VALUE_0: 'updateInstead',
        GIT_CONFIG_KEY_1: 'safe.directory',
        GIT_CONFIG_VALUE_1: '*',
        REQUEST_METHOD: request.method!,
        PATH_INFO: url.pathname.replace(/^\/[^/]+\/[^/]+\.git/, '/.git'),
        QUERY_STRING: url.search.slice(1),
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
        HTTP_GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
        GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      },
    });
    request.pipe(child.stdin);
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => void chunks.push(chunk));
    child.on('close', () => {
      const answer = Buffer.concat(chunks);
      const end = answer.indexOf('\r\n\r\n');
      const headers = Object.fromEntries(
        answer
          .subarray(0, end)
          .toString()
          .split('\r\n')
          .map((line) => line.split(/:\s*/, 2) as [string, string]),
      );
      const { Status: status = '200', ...others } = headers;
      response.writeHead(Number.parseInt(status, 10), others).end(answer.subarray(end + 4));
    });
  });
  return { url: server.url, tokens, close: () => server.close() };
}
