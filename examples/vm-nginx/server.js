// A shop that says what it runs, whether it is well, and how many requests of each kind it answered.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const version = readFileSync('VERSION', 'utf8').trim();
const digest = process.env.APP_DIGEST ?? '';
const answered = { 200: 0, 404: 0 };

const pages = {
  '/': () => ['text/html', `<h1>Shop</h1><footer>${version}</footer>\n`],
  '/health': () => ['application/json', JSON.stringify({ status: 'ok', version, digest })],
  '/metrics': () => [
    'text/plain; version=0.0.4',
    Object.entries(answered)
      .map(([code, count]) => `http_requests_total{route="/",version="${version}",code="${code}"} ${count}\n`)
      .join(''),
  ],
};

createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://shop');
  const page = pages[pathname];
  // What the machinery asks is left out of what users met.
  if (!['/health', '/metrics'].includes(pathname)) answered[page ? 200 : 404] += 1;
  if (!page) return response.writeHead(404).end('There is no such page.\n');
  const [type, text] = page();
  response.writeHead(200, { 'content-type': type, 'x-app-version': version }).end(text);
}).listen(Number(process.env.PORT ?? 8080), '127.0.0.1');
