import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe, { type AxeResults } from 'axe-core';
import { chromium, type Browser, type Page } from 'playwright-core';
import { renderPage } from '../../../actions/dora-report/page/page.js';
import { worldReport } from '../../support/dora-world.js';

/** Pages and their pictures stay here, to be looked at. */
const folder = resolve('.cache', 'dora-page');
const hostile = [
  '<script>window.broken=1</script>',
  '<img src=x onerror="window.broken=1">',
  '"><svg onload=window.broken=1>',
  "javascript:window.broken=1//'",
  '</title></style><iframe src="https://evil.example/">',
  '\u202egnirts desrever\u202c and [a link](https://evil.example)',
  'x'.repeat(3_000),
];

const widths = { phone: { width: 390, height: 844 }, desk: { width: 1280, height: 900 } };
const schemes = ['light', 'dark'] as const;
const looks = Object.entries(widths).flatMap(([device, viewport]) =>
  schemes.map((colorScheme) => [device, colorScheme, viewport] as const),
);

let browser: Browser;
const files: Record<string, string> = {};
beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  const reports = {
    team: worldReport({ deployments: 60 }),
    hostile: worldReport({ deployments: 42, title: (n) => hostile[n % hostile.length]! }),
    large: worldReport({ deployments: 20_000 }),
    empty: worldReport({ deployments: 0 }),
  };
  for (const [name, report] of Object.entries(reports)) {
    files[name] = join(folder, `${name}.html`);
    writeFileSync(files[name], renderPage(report));
  }
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
}, 120_000);
afterAll(() => browser.close());

interface Look {
  device: keyof typeof widths;
  colorScheme?: (typeof schemes)[number];
}

/** Opens a page; what it asked for and what it did without being asked. */
async function open(name: string, { device, colorScheme = 'light' }: Look) {
  const context = await browser.newContext({ viewport: widths[device], colorScheme });
  const page = await context.newPage();
  const asked: string[] = [];
  const happened: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  page.on('dialog', (dialog) => (happened.push(`dialog ${dialog.message()}`), dialog.dismiss()));
  page.on('popup', (popup) => happened.push(`popup ${popup.url()}`));
  page.on('pageerror', (error) => happened.push(error.message));
  page.on('console', (message) => happened.push(message.text()));
  const url = pathToFileURL(files[name]!).href;
  await page.goto(url);
  return { page, asked, happened, url, close: () => context.close() };
}

/** What axe finds, a line each. */
async function foundByAxe(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<AxeResults>('axe.run(document)');
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`));
}

const overflow = (page: Page) =>
  page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');

/** What it takes to scroll a page and to choose another step of time. */
async function workOf(name: string): Promise<{ elements: number; seconds: number }> {
  const { page, close } = await open(name, { device: 'desk' });
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const busy = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return metrics.find((metric) => metric.name === 'TaskDuration')!.value;
  };
  const before = await busy();
  for (let n = 0; n < 20; n++) {
    await page.mouse.wheel(0, 800);
    await page.evaluate('new Promise(requestAnimationFrame)');
  }
  await page.getByLabel('day', { exact: true }).check();
  await page.evaluate('new Promise(requestAnimationFrame)');
  const seconds = (await busy()) - before;
  const elements = await page.evaluate<number>("document.querySelectorAll('*').length");
  await close();
  return { elements, seconds };
}

describe('the page of dora-report in a browser', () => {
  it.each(looks)(
    'on a %s in %s: axe finds nothing, nothing is cut off, no request leaves it',
    async (device, colorScheme) => {
      const { page, asked, happened, url, close } = await open('team', {
        device: device as 'desk',
        colorScheme,
      });
      await page.screenshot({ path: join(folder, `team-${device}-${colorScheme}.png`), fullPage: true });
      await page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))");
      expect(await foundByAxe(page)).toEqual([]);
      expect(await overflow(page)).toBeLessThanOrEqual(0);
      expect([asked, happened]).toEqual([[url], []]);
      await close();
    },
  );

  it.each(['hostile', 'empty'])('%s: axe finds nothing, and text of others stays text', async (name) => {
    const { page, asked, happened, url, close } = await open(name, { device: 'phone' });
    await page.screenshot({ path: join(folder, `${name}-phone.png`), fullPage: true });
    await page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))");
    expect(await foundByAxe(page)).toEqual([]);
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    expect(await page.locator('script, img, iframe, object, embed, form, base').count()).toBe(0);
    const links = await page.locator('a').evaluateAll((all) => all.map((one) => one.getAttribute('href')!));
    expect(links.filter((href) => !/^(https:\/\/github\.example\/acme\/shop|#)/.test(href))).toEqual([]);
    expect(await page.evaluate('window.broken')).toBeUndefined();
    expect([asked, happened, page.url()]).toEqual([[url], [], url]);
    await close();
  });

  it('shows another service and another step of time by keyboard alone', async () => {
    const { page, close } = await open('team', { device: 'desk' });
    const shown = () =>
      page.evaluate<string[]>(
        "[...document.querySelectorAll('.panel, .charts')].filter((one) => one.getClientRects().length > 0).map((one) => one.className)",
      );
    const first = await shown();
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowRight');
    const second = await shown();
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowRight');
    const third = await shown();
    expect(new Set([first, second, third].map(String)).size).toBe(3);
    await close();
  });

  it('with 10,000 deployments stays fluid: rows are cut, and said to be', async () => {
    const work = { team: await workOf('team'), large: await workOf('large') };
    expect(work.large.elements).toBeLessThan(30_000);
    // Three hundred times as many deployments; measured side by side, so that a busy machine is busy for both.
    expect(work.large.seconds).toBeLessThan(10 * work.team.seconds + 1);
    const { page, close } = await open('large', { device: 'desk' });
    expect(await page.getByText('the JSON report has all').count()).toBeGreaterThan(0);
    await close();
  });
});
