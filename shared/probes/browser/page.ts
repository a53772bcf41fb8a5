import { isMetadataAddress, isMetadataHost, ForbiddenAddressError } from '../../http/connect/addresses.js';
import { ProbeFailure } from '../within.js';
import type { DevTools, DevToolsEvent } from './devtools.js';

/** What a page was once it had come to rest. */
export interface SeenPage {
  url: string;
  status: number;
  /** By lower-case name. */
  headers: Record<string, string[]>;
  /** The document as it stands, scripts included. */
  html: string;
  /** What a person can read. */
  text: string;
  /** Errors of its scripts and resources, a line each. */
  errors: string[];
}

export interface PageLimits {
  /** A selector that must find something before the page is looked at. */
  waitFor: string | undefined;
  /** Longest document, in characters. */
  maxLength: number;
  /** When to give up, by the clock of `performance`. */
  deadline: number;
}

/** Errors kept of a page, and the longest of them. */
const maxErrors = 100;
const maxErrorLength = 1_000;

/** Between two looks for what is waited for, in milliseconds. */
const pollMs = 100;

/** Loads a page in a tab of its own and looks at it when its network is quiet. Throws ProbeFailure. */
export async function loadPage(browser: DevTools, url: string, limits: PageLimits): Promise<SeenPage> {
  const { targetId } = await browser.send('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = (await browser.send('Target.attachToTarget', { targetId, flatten: true })) as {
    sessionId: string;
  };
  const send = (method: string, params: object = {}) => browser.send(method, params, sessionId);
  const watched = watchPage(send, String(targetId));
  browser.onEvent(watched.see);
  await browser.send('Browser.setDownloadBehavior', { behavior: 'deny' });
  for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await send(`${domain}.enable`);
  await send('Fetch.enable', { patterns: [{ urlPattern: '*' }] });
  await send('Page.setLifecycleEventsEnabled', { enabled: true });
  const { errorText, isDownload } = await send('Page.navigate', { url });
  watched.refuseForbidden();
  if (isDownload === true) throw new ProbeFailure('protocol', 'the answer is a download, not a page');
  if (typeof errorText === 'string') throw new ProbeFailure(...faultOf(errorText, watched.status()));
  await until(
    () => {
      browser.checkOpen();
      return watched.isAtRest();
    },
    limits.deadline,
    () => `it did not come to rest: ${watched.open()} requests were still open`,
  );
  const { executionContextId } = await isolatedWorld(send, String(targetId));
  const evaluate = async (expression: string): Promise<unknown> => {
    const { result, exceptionDetails } = (await send('Runtime.evaluate', {
      expression,
      contextId: executionContextId,
      returnByValue: true,
    })) as { result: { value?: unknown }; exceptionDetails?: { exception?: { description?: string } } };
    if (exceptionDetails)
      throw new ProbeFailure(
        'protocol',
        exceptionDetails.exception?.description?.split('\n')[0] ?? 'no answer',
      );
    return result.value;
  };
  const { waitFor } = limits;
  if (waitFor !== undefined)
    await until(
      async () => (await evaluate(`document.querySelector(${JSON.stringify(waitFor)}) !== null`)) === true,
      limits.deadline,
      () => `nothing matches ${waitFor}`,
    );
  watched.refuseForbidden();
  const seen = (await evaluate(lookAt)) as { html: string; text: string; url: string };
  if (seen.html.length > limits.maxLength)
    throw new ProbeFailure(
      'too-large',
      `a document of ${seen.html.length} characters, more than ${limits.maxLength}`,
    );
  const { status, headers } = watched.answer();
  return { ...seen, status, headers, errors: watched.errors };
}

const lookAt =
  '({ html: document.documentElement.outerHTML, text: document.body ? document.body.innerText : "", url: location.href })';

type Send = (method: string, params?: object) => Promise<Record<string, unknown>>;

/** Where the page's own scripts have changed nothing that is used here. */
async function isolatedWorld(send: Send, frameId: string): Promise<{ executionContextId: number }> {
  return (await send('Page.createIsolatedWorld', { frameId, worldName: 'smoke-test' })) as {
    executionContextId: number;
  };
}

async function until(
  holds: () => boolean | Promise<boolean>,
  deadline: number,
  why: () => string,
): Promise<void> {
  while (!(await holds())) {
    if (performance.now() >= deadline) throw new ProbeFailure('timeout', why());
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

/** What a fault of the browser's network means. */
function faultOf(errorText: string, status: number | undefined): [kind: string, message: string] {
  if (status !== undefined) return ['protocol', `status ${status} without a page (${errorText})`];
  if (/CERT|SSL/.test(errorText)) return ['tls', errorText];
  if (/NAME_NOT_RESOLVED/.test(errorText)) return ['dns', errorText];
  if (/CONNECTION_REFUSED|UNREACHABLE/.test(errorText)) return ['refused', errorText];
  return ['reset', errorText];
}

interface Answer {
  status: number;
  headers: Record<string, string[]>;
}

/** Keeps what the browser says of a page, and answers what it asks meanwhile. */
function watchPage(send: Send, frameId: string) {
  const errors: string[] = [];
  const open = new Set<string>();
  const rested = new Set<string>();
  const answers = new Map<string, Answer>();
  let forbidden: string | undefined;
  let loader = '';
  const add = (text: string) => {
    if (errors.length < maxErrors) errors.push(text.replace(/\s+/g, ' ').slice(0, maxErrorLength));
  };
  const ask = (method: string, params: object) => void send(method, params).catch(() => undefined);

  const listeners: Record<string, (params: never) => void> = {
    'Page.frameNavigated': ({ frame }: { frame: { id: string; loaderId: string } }) => {
      if (frame.id === frameId) loader = frame.loaderId;
    },
    'Page.lifecycleEvent': ({ name, loaderId }: { name: string; loaderId: string }) => {
      if (name === 'networkAlmostIdle') rested.add(loaderId);
    },
    // A dialog would hold the page for ever.
    'Page.javascriptDialogOpening': () => ask('Page.handleJavaScriptDialog', { accept: false }),
    'Fetch.requestPaused': ({ requestId, request }: { requestId: string; request: { url: string } }) => {
      const { protocol, hostname } = new URL(request.url);
      const isForbidden = /^https?:$/.test(protocol) && isMetadataHost(hostname);
      if (isForbidden) forbidden ??= hostname;
      if (isForbidden) ask('Fetch.failRequest', { requestId, errorReason: 'AccessDenied' });
      else ask('Fetch.continueRequest', { requestId });
    },
    'Network.requestWillBeSent': ({ requestId }: { requestId: string }) => void open.add(requestId),
    'Network.webSocketCreated': ({ url: socket }: { url: string }) => {
      const { hostname } = new URL(socket);
      if (isMetadataHost(hostname)) forbidden ??= hostname;
    },
    'Network.loadingFinished': ({ requestId }: { requestId: string }) => void open.delete(requestId),
    'Network.loadingFailed': ({ requestId }: { requestId: string }) => void open.delete(requestId),
    'Network.responseReceived': ({ type, frameId: of, loaderId, response }: ResponseReceived) => {
      const { remoteIPAddress = '', status, headers } = response;
      if (isMetadataAddress(remoteIPAddress)) forbidden ??= remoteIPAddress;
      if (type !== 'Document' || of !== frameId) return;
      const lists = Object.entries(headers).map(([name, text]) => [name.toLowerCase(), text.split('\n')]);
      answers.set(loaderId, { status, headers: Object.fromEntries(lists) as Answer['headers'] });
    },
    'Runtime.consoleAPICalled': ({ type, args }: { type: string; args: Argument[] }) => {
      if (type === 'error' || type === 'assert') add(args.map(textOf).join(' '));
    },
    'Runtime.exceptionThrown': ({ exceptionDetails: { text, exception } }: ExceptionThrown) =>
      add(exception === undefined ? text : textOf(exception)),
    'Log.entryAdded': ({ entry: { level, text, url = '' } }: LogEntry) => {
      // The browser asks for this by itself.
      if (level === 'error' && !/^https?:\/\/[^/]*\/favicon\.ico$/.test(url)) add(`${text} ${url}`.trim());
    },
  };

  return {
    errors,
    see: ({ method, params }: DevToolsEvent) => listeners[method]?.(params as never),
    open: () => open.size,
    isAtRest: () => rested.has(loader),
    status: () => [...answers.values()].at(-1)?.status,
    answer(): Answer {
      const found = answers.get(loader);
      if (!found) throw new ProbeFailure('protocol', 'the page came without an answer of a server');
      return found;
    },
    refuseForbidden() {
      if (forbidden !== undefined) throw new ForbiddenAddressError(forbidden);
    },
  };
}

interface ResponseReceived {
  type: string;
  frameId: string;
  loaderId: string;
  response: { remoteIPAddress?: string; status: number; headers: Record<string, string> };
}

interface Argument {
  value?: unknown;
  description?: string;
}

interface ExceptionThrown {
  exceptionDetails: { text: string; exception?: Argument };
}

interface LogEntry {
  entry: { level: string; text: string; url?: string };
}

function textOf({ value, description }: Argument): string {
  return description ?? (typeof value === 'string' ? value : JSON.stringify(value)) ?? 'undefined';
}
