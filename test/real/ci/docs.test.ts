import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { RunReport } from '../../../rehearsal/runner/run-workflow.js';
import { serve } from '../../support/servers/http.js';
import type { CiStage } from '../../templates/ci/stage.js';
import { realStage, sample } from './machine.js';

// Most of the time packages are installed, on a machine that may be busy.
jest.setTimeout(600_000);

const tools = join('workflows-templates', 'docs');
const files = {
  ...sample('docs'),
  ...Object.fromEntries(
    readdirSync(tools).map((name) => [`.github/docs/${name}`, readFileSync(join(tools, name), 'utf8')]),
  ),
};
const bad = `---
id: GUIDE-1
status: old
related: [nowhere.md]
---

[gone](gone.md) [no such heading](guide.md#stop-it)

\`\`\`yaml
a: [1
\`\`\`

\`\`\`sh
if true; then
\`\`\`

\`\`\`python
def run(:
\`\`\`

\`\`\`js
let x = ;
\`\`\`

\`\`\`json
{"a": 1,}
\`\`\`

%0A::warning::not mine [x]: y

\`\`\`bash
echo this block is never closed
`;

const messagesOf = (run: RunReport) =>
  run.jobs['pages']!.steps.flatMap(({ annotations }) =>
    annotations
      .filter(({ message }) => !message.startsWith('Process completed'))
      .map(({ message }) => message),
  );
const logOf = (run: RunReport) => run.jobs['pages']!.steps.map(({ log }) => log).join('\n');

describe('docs on a project with pages', () => {
  let stage: CiStage;
  beforeEach(async () => {
    stage = await realStage('docs', files);
  });
  afterEach(() => stage.close());

  it('is green for a fork, and says how many pages it looked at', async () => {
    const run = await stage.pullRequest({ fork: 'mallory/shop', files: { 'docs/more.txt': 'no page\n' } });
    expect([run.conclusion, run.conclusion === 'success' ? '' : logOf(run)]).toEqual(['success', '']);
    expect(run.jobs['pages']!.steps.map(({ summary }) => summary).join('')).toContain('3 pages, 0 problems');
  });

  it('names every link, block and key that is wrong, each with its file and line', async () => {
    stage.fixture.commit({ 'docs/bad.md': bad, 'docs/none.md': '# No front matter\n' });
    const run = await stage.push();
    expect(run.conclusion).toBe('failure');
    const said = logOf(run).replaceAll('##[error]', '').split('\n');
    expect(run.jobs['pages']!.steps.flatMap(({ annotations }) => annotations)).toContainEqual(
      expect.objectContaining({ file: 'docs/bad.md', line: 9 }),
    );
    for (const wanted of [
      /^docs\/bad\.md:7 Cannot find file `gone\.md`/,
      /^docs\/bad\.md:7 Cannot find heading for `#stop-it` in `guide\.md`/,
      /^docs\/bad\.md:9 This yaml does not parse: .*Fix it, or write "yaml excerpt"/,
      /^docs\/bad\.md:13 This sh does not parse: .*unexpected end of file/,
      /^docs\/bad\.md:17 This python does not parse: SyntaxError/,
      /^docs\/bad\.md:21 This js does not parse: SyntaxError/,
      /^docs\/bad\.md:25 This json does not parse/,
      /^docs\/bad\.md:31 This block is never closed/,
      /^docs\/bad\.md:1 Front matter id \("GUIDE-1"\): another page has this id too/,
      /^docs\/bad\.md:1 Front matter: must have required property 'owner'/,
      /^docs\/bad\.md:1 Front matter status \("old"\): .*draft, active, retired/,
      /^docs\/bad\.md:1 Front matter related\.0 \("nowhere\.md"\)/,
      /^docs\/none\.md:1 Front matter is missing/,
    ])
      expect(said).toContainEqual(expect.stringMatching(wanted));
  });

  it('is red when it is given no page to look at', async () => {
    const run = await stage.push({ change: setEnv('PAGES', 'handbook') });
    expect([run.conclusion, messagesOf(run)]).toEqual([
      'failure',
      [expect.stringContaining('There is no page in handbook')],
    ]);
  });
});

describe('docs, once a week', () => {
  let stage: CiStage;
  afterEach(() => stage.close());
  const stops: (() => Promise<void>)[] = [];
  afterAll(async () => {
    for (const stop of stops) await stop();
  });

  it('asks the links to other sites, and is red for one that is gone or does not answer', async () => {
    const server = await serve((request, response) => {
      response.statusCode = request.url === '/there' ? 200 : 404;
      response.end();
    });
    stops.push(server.close);
    const links = `[a](${server.url}/there) [b](${server.url}/gone) [c](http://127.0.0.1:9/) [d](http://shop.example/)`;
    stage = await realStage('docs', { ...files, 'README.md': `# Shop\n\n${links}\n` });
    const run = await stage.dispatch();
    expect(run.conclusion).toBe('failure');
    expect(messagesOf(run)).toEqual([
      `README.md: ${server.url}/gone answers 404`,
      'README.md: http://127.0.0.1:9/ answers not at all',
    ]);
    const blind = await stage.dispatch({ change: setEnv('LEAVE_OUT', 'localhost') });
    expect(messagesOf(blind).join()).toContain('It looked at 0 pages of 3');
  });
});

const setEnv = (name: string, value: string) => (template: Template) =>
  void Object.assign(template.jobs['pages']!['env'] as object, { [name]: value });
type Template = Parameters<NonNullable<NonNullable<Parameters<CiStage['push']>[0]>['change']>>[0];
