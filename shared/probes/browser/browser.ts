import { isIP, type LookupFunction } from 'node:net';
import { ForbiddenAddressError, isMetadataHost } from '../../http/connect/addresses.js';
import { HttpFailure } from '../../http/faults.js';
import { placeOf } from '../address.js';
import { parseJson, type Observed, type Probe } from '../probe.js';
import { observeWithin } from '../within.js';
import { withChromium } from './chromium.js';
import { loadPage } from './page.js';

/** One page to load, every value resolved. */
export interface BrowserProbeStep {
  /** `http://` or `https://`. */
  url: string;
  /** A CSS selector that must find something before the page is looked at. */
  waitFor: string | undefined;
  /** Texts by which errors of the page are told that do not count. */
  ignore: readonly string[];
  sandbox: boolean;
  /** Longest document, in characters. */
  maxBytes: number;
}

/** A page as a person has it before them: its text is what can be read. */
export interface BrowserObservation extends Observed {
  probe: 'browser';
  url: string;
  /** Of the page itself. */
  status: number;
  headers: Readonly<Record<string, readonly string[]>>;
  /** Errors of scripts, console and resources that are not ignored. */
  errors: readonly string[];
  /** The document as its scripts made it. */
  html(): string;
}

/** Observes a page through a Chromium of the PATH. `lookup` is how its host is found. */
export function browserProbe(lookup: LookupFunction): Probe<BrowserProbeStep, BrowserObservation> {
  return {
    observe: (step, limits) =>
      observeWithin<BrowserObservation>(`browser ${placeOf(step.url)}`, limits, async (signal) => {
        const deadline = performance.now() + limits.timeoutMs * beforeTheEnd;
        const url = checked(step.url);
        const start = { sandbox: step.sandbox, addresses: await addressOf(url.hostname, lookup) };
        const { html, text, errors, ...page } = await withChromium(start, signal, (browser) =>
          loadPage(browser, url.href, { waitFor: step.waitFor, maxLength: step.maxBytes, deadline }),
        );
        return {
          probe: 'browser',
          ...page,
          errors: errors.filter((error) => !step.ignore.some((ignored) => error.includes(ignored))),
          size: Buffer.byteLength(html),
          html: () => html,
          text: () => text,
          json: () => parseJson(text),
        };
      }),
  };
}

/** What is waited for is given up this part of the time before all of it is over, so that it can be said. */
const beforeTheEnd = 0.9;

function checked(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol))
    throw new HttpFailure('protocol', 'the url is not http://… or https://…');
  if (isMetadataHost(url.hostname)) throw new ForbiddenAddressError(url.hostname);
  return url;
}

/** The address that the browser uses for the host of the page: looked up once, so that it cannot become another. */
function addressOf(hostname: string, lookup: LookupFunction): Promise<Record<string, string>> {
  if (isIP(hostname.replace(/^\[|\]$/g, ''))) return Promise.resolve({});
  return new Promise((resolve, reject) => {
    lookup(hostname, { all: false }, (error, address) => {
      const text = String(address);
      if (error) reject(error);
      else resolve({ [hostname]: isIP(text) === 6 ? `[${text}]` : text });
    });
  });
}
