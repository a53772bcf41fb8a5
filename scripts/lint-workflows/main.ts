/**
 * `npm run lint:workflows [-- DIR…]`: every workflow linter and our own traps, on this repository's workflows and
 * templates, or on the repositories that are named. Exit 1: something was found; 2: a linter could not look.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { linkActions } from '../release-tree.js';
import { formatFinding } from './finding.js';
import { lint } from './lint.js';
import { stageRepository, stageTemplates, type Stage } from './stage.js';
import { actionlint } from './tools/actionlint.js';
import { jsonSchema } from './tools/json-schema.js';
import { languageService } from './tools/language-service.js';
import { ToolFailure } from './tools/tool.js';
import { zizmor } from './tools/zizmor.js';

const templates = 'workflows-templates';
const wanted = process.argv.slice(2);
const strange = wanted.filter((repository) => !existsSync(join(repository, '.github')));
if (strange.length > 0) {
  console.error(`${strange.join(', ')}: there is no .github folder. Name the root of a repository.`);
  process.exit(2);
}

const work = mkdtempSync(join(tmpdir(), 'lint-workflows-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));

const install = ['scripts/install/workflow-linters.sh'];
const bin = execFileSync('sh', install, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
const suiteRoot = join(work, 'suite');
const tools = [actionlint(bin), zizmor(bin), languageService(suiteRoot), jsonSchema(bin)];

let count = 0;
try {
  for (const stage of stages()) {
    for (const finding of await lint(stage, tools)) {
      count += 1;
      console.log(formatFinding(finding));
    }
    const names = tools.map(({ name }) => name).join(', ');
    console.log(`${stage.shown('.github/workflows')}: ${stage.files.length} files by ${names} and the traps`);
  }
} catch (error) {
  if (!(error instanceof ToolFailure)) throw error;
  console.error(`Not linted: ${error.message}`);
  process.exit(2);
}
console.log(count === 1 ? '1 finding' : `${count} findings`);
process.exitCode = count > 0 ? 1 : 0;

function stages(): Stage[] {
  const suite = stageRepository('.', suiteRoot);
  linkActions(suiteRoot);
  if (wanted.length > 0) {
    return wanted.map((repository, index) =>
      stageRepository(repository, join(work, `named-${index}`), suite.tree),
    );
  }
  const folders = [templates, join(templates, 'inline')].filter((folder) => existsSync(folder));
  return [
    suite,
    ...folders.map((folder, index) => stageTemplates(folder, join(work, `templates-${index}`), suite.tree)),
  ];
}
