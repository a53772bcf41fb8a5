import type { ServerResponse } from 'node:http';

/** Answers the router makes itself, in HAProxy's words: they carry no header of the application. */
const pages = {
  502: ['Bad Gateway', 'The server returned an invalid or incomplete response.'],
  503: ['Service Unavailable', 'No server is available to handle this request.'],
  504: ['Gateway Time-out', "The server didn't respond in time."],
} as const;

export type RouterStatus = keyof typeof pages;

export function routerAnswer(response: ServerResponse, status: RouterStatus): void {
  const [title, sentence] = pages[status];
  const body = `<html><body><h1>${status} ${title}</h1>\n${sentence}\n</body></html>\n`;
  response.sendDate = false;
  response.writeHead(status, title, {
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-cache',
    'content-type': 'text/html',
  });
  response.end(body);
}
