// A shop that says what it runs, whether it is well, and how many requests of each kind it answered.
import { createServer } from 'node:http';

const version = process.env.APP_VERSION ?? '';
const digest = process.env.APP_DIGEST ?? '';
const answered = {};

const pages = {
  '/': () => ['text/html', `<h1>Shop</h1><footer>${version}</footer>\n`],
  '/health': () => ['application/json', JSON.stringify({ status: 'ok', version, digest })],
  '/metrics': () => [
    'text/plain; version=0.0.4',
    Object.entries({ 200: 0, ...answered })
      .map(([code, count]) => `http_requests_total{route="/",version="${version}",code="${code}"} ${count}\n`)
      .join(''),
  ],
};

function answer(pathname) {
  try {
    const page = pages[pathname];
    return page ? [200, ...page()] : [404, 'text/plain', 'There is no such page.\n'];
  } catch (error) {
    process.stderr.write(`${error.stack}\n`);
    return [500, 'text/plain', 'This page is broken.\n'];
  }
}

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://shop');
  const [code, type, text] = answer(pathname);
  // What the machinery asks is left out of what users met.
  if (!['/health', '/metrics'].includes(pathname)) answered[code] = (answered[code] ?? 0) + 1;
  response.writeHead(code, { 'content-type': type, 'x-app-version': version }).end(text);
}).listen(Number(process.env.PORT ?? 8080));

// The first process of a container is not ended by a signal that it does not listen to.
process.once('SIGTERM', () => server.close());
