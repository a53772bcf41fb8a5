import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { serve, type TestServer } from '../../support/servers/http.js';

export interface Asked {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** A server that remembers what it was asked; a test says how it answers, by default 200 and `{}`. */
export interface Shop extends TestServer {
  asked: Asked[];
  answer: (request: Asked, response: ServerResponse) => void;
  /** Method and path of everything asked, in order. */
  lines(): string[];
  reset(): void;
}

export async function openShop(): Promise<Shop> {
  const plain: Shop['answer'] = (_, response) => response.end('{}');
  const server = await serve(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const { method = '', url = '', headers } = request;
    const asked = { method, url, headers, body };
    shop.asked.push(asked);
    shop.answer(asked, response);
  });
  const shop: Shop = {
    ...server,
    asked: [],
    answer: plain,
    lines: () => shop.asked.map(({ method, url }) => `${method} ${url}`),
    reset() {
      shop.asked = [];
      shop.answer = plain;
    },
  };
  return shop;
}
