import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { guardedLookup } from '../../../shared/http/connect/addresses.js';
import { browserProbe } from '../../../shared/probes/browser/browser.js';
import { runSuite, suiteOf, verdict } from '../../actions/smoke-test/run-suite.js';
import { openShop, type Shop } from '../../actions/smoke-test/shop.js';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());
beforeEach(() => shop.reset());

const page = (body: string, script = '') =>
  `<!doctype html><title>Shop</title><main>${body}</main><footer></footer><script>
  setTimeout(() => { document.querySelector('footer').innerHTML = 'version <b id=v>1.2.3</b>'; }, 50);
  ${script}</script>`;

/** Chromium has no sandbox as root, which these tests are run as in containers. */
const isRoot = process.getuid?.() === 0;
const sandbox = isRoot ? "sandbox: 'off', " : '';

const look = async (expected: string, more = '', capture = '') =>
  runSuite(
    suiteOf(`- name: the footer
  browser: { url: /, ${sandbox}${more} }
  expect: { ${expected} }${capture}`),
    { 'base-url': shop.url, variables: 'version=1.2.3' },
  );

const footer = `css: [{ selector: 'footer #v', equals: '{{ version }}' }], body: { contains: 'version {{ version }}' }`;
const answerPage =
  (html: string, status = 200) =>
  (request: { url: string }, response: Parameters<Shop['answer']>[1]) =>
    request.url === '/'
      ? response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' }).end(html)
      : response.writeHead(404).end();

/** Processes whose command line names a profile of ours, and profiles that are left. */
function leftBehind(): string[] {
  const lines = readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map((entry) => {
      try {
        return readFileSync(`/proc/${entry}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        return '';
      }
    });
  return [
    ...lines.filter((line) => line.includes('smoke-browser-')),
    ...readdirSync(tmpdir()).filter((name) => name.startsWith('smoke-browser-')),
  ];
}

describe('a page in Chromium', () => {
  test('is judged as its scripts made it, and nothing of the browser is left', async () => {
    shop.answer = answerPage(page('Hello'));
    const run = await look(footer, '', `\n  capture: { shown: { css: '#v' } }`);
    expect(verdict(run)).toBe('passed');
    expect(leftBehind()).toEqual([]);
  });

  test('with another version, or an error page, is red', async () => {
    shop.answer = answerPage(page('broken').replace('1.2.3', '1.2.2'), 500);
    const got = verdict(await look(footer));
    expect(got).toMatch(/css footer #v: "1\.2\.3" ≠ "1\.2\.2"/);
    expect(got).toMatch(/status: 2xx \(no status is named\) ≠ 500: broken/);
  });

  test('with an error of any kind is red, though it looks as it should', async () => {
    const script = `console.error('bad', 7); Promise.reject(new Error('late')); throw new TypeError('oops');`;
    shop.answer = answerPage(`${page('', script)}<script src="/app.js"></script>`);
    const got = verdict(await look(footer));
    expect(got).toMatch(/^console: no errors ≠ 4 errors: /);
    for (const error of ['bad 7', 'Error: late', 'TypeError: oops', 'Failed to load resource', '/app.js'])
      expect(got).toContain(error);
  });

  test('errors can be ignored by their texts, or all', async () => {
    shop.answer = answerPage(page('', "console.error('from the ads'); console.error('ours')"));
    expect(verdict(await look(footer, 'ignore: [from the ads]'))).toMatch(/no errors ≠ 1 error: ours$/);
    expect(verdict(await look(`${footer}, console: any`))).toBe('passed');
  });

  test('what is waited for is looked for until nearly all time is over', async () => {
    const slow = "setTimeout(() => { document.querySelector('main').id = 'ready'; }, 900)";
    shop.answer = answerPage(page('', slow));
    expect(
      verdict(await look(`${footer}, xpath: [{ path: //main, exists: true }]`, "wait-for: '#ready'")),
    ).toBe('passed');
    expect(verdict(await look(footer, "wait-for: '#never', timeout: 8s"))).toMatch(
      /timeout: .*nothing matches #never/,
    );
    expect(leftBehind()).toEqual([]);
  });

  test('a dialog does not hold it, and a page that says too much is cut off', async () => {
    shop.answer = answerPage(page('', "alert('stop'); confirm('sure?')"));
    expect(verdict(await look(footer))).toBe('passed');
    shop.answer = answerPage(page('x'.repeat(5_000)));
    expect(verdict(await look(footer, 'max-bytes: 4000'))).toMatch(/too-large: .*more than 4000/);
  });

  test('no server, no page and an address that hands out credentials are no pass', async () => {
    const gone = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => gone.once('listening', resolve));
    const { port } = gone.address() as AddressInfo;
    await new Promise((resolve) => gone.close(resolve));
    const to = async (url: string) =>
      verdict(
        await runSuite(
          suiteOf(`- name: x\n  browser: { url: '${url}', ${sandbox} }\n  expect: { console: any }`),
        ),
      );
    expect(await to(`http://127.0.0.1:${port}/`)).toMatch(/refused: .*ERR_CONNECTION_REFUSED/);
    expect(await to('http://169.254.169.254/latest')).toMatch(/forbidden-address/);
    shop.answer = answerPage(page('', "fetch('http://169.254.169.254/latest').catch(() => 0)"));
    expect(verdict(await look(`${footer}, console: any`))).toMatch(/forbidden-address/);
    shop.answer = answerPage(page('', "new WebSocket('ws://169.254.169.254/')"));
    expect(verdict(await look(`${footer}, console: any`))).toMatch(/forbidden-address/);
    shop.answer = (_, response) => response.writeHead(200, { 'content-type': 'application/zip' }).end('PK');
    expect(verdict(await look(footer))).toMatch(/network: an answer ≠ (protocol|reset)/);
  });

  test('a worker cannot reach such an address either, though nobody sees its requests', async () => {
    const worker = `oninstall = (event) => event.waitUntil(
      fetch('http://169.254.169.254/latest', { mode: 'no-cors' }).then(() => 'reached', () => 'refused')
        .then((word) => fetch('/' + word)))`;
    const html = page(
      '',
      "navigator.serviceWorker.register('/worker.js').then(() => navigator.serviceWorker.ready).then(() => { document.querySelector('main').id = 'ready'; })",
    );
    shop.answer = ({ url }, response) =>
      url === '/worker.js'
        ? response.writeHead(200, { 'content-type': 'text/javascript' }).end(worker)
        : response.writeHead(200, { 'content-type': 'text/html' }).end(html);
    expect(verdict(await look(footer, "wait-for: '#ready'"))).toBe('passed');
    const asked = shop.asked.map(({ url }) => url);
    expect(asked).toContain('/refused');
    expect(asked).not.toContain('/reached');
  });

  test('is given up at once when the run is interrupted', async () => {
    const interrupted = new AbortController();
    shop.answer = ({ url }, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      if (url === '/') response.end('<img src=/1><img src=/2><img src=/3>');
      else interrupted.abort();
    };
    const step = { url: shop.url, waitFor: undefined, ignore: [], sandbox: !isRoot, maxBytes: 1_000 };
    const limits = { timeoutMs: 600_000, signal: interrupted.signal };
    const probed = await browserProbe(guardedLookup()).observe(step, limits);
    expect(probed).toMatchObject({ ok: false, fault: { kind: 'cancelled' } });
    expect(leftBehind()).toEqual([]);
  });

  test('the sandbox is on unless the suite says otherwise; root is told what to do about it', async () => {
    shop.answer = answerPage(page('', ''));
    const run = await runSuite(
      suiteOf(`- name: x\n  browser: { url: '${shop.url}' }\n  expect: { console: any }`),
    );
    expect(verdict(run)).toMatch(isRoot ? /sandbox: 'off'/ : /^passed$/);
  });
});
