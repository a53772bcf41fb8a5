// What each page is checked for: links inside the repository, code blocks, front matter. docs/templates/docs.md of the suite.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Ajv from 'ajv';
import remarkFrontmatter from 'remark-frontmatter';
import remarkGfm from 'remark-gfm';
import remarkValidateLinks from 'remark-validate-links';
import { visit } from 'unist-util-visit';
import { isMap, parseAllDocuments, parseDocument } from 'yaml';

const by =
  (command, ...args) =>
  (text) => {
    const { error, status, stderr } = spawnSync(command, args, { input: text, encoding: 'utf8' });
    if (error) throw error; // a language that nobody could read is no block that is right
    const said = stderr.trim().split('\n');
    return status === 0 ? undefined : (said.find((line) => line.includes('Error:')) ?? said.at(-1));
  };
const shell = by('bash', '-n');
const python = by('python3', '-c', 'import ast, sys; ast.parse(sys.stdin.read())');
const script = by(process.execPath, '--input-type=module', '--check', '-');
const yaml = (text) =>
  parseAllDocuments(text)
    .flatMap(({ errors }) => errors)[0]
    ?.message.split('\n')[0]
    .replace(/:$/, '');
const json = (text) => {
  try {
    JSON.parse(text);
  } catch ({ message }) {
    return message;
  }
};
/** Languages that are read; blocks of all others are left alone. */
const readers = {
  bash: shell,
  sh: shell,
  shell,
  python,
  py: python,
  js: script,
  mjs: script,
  javascript: script,
  json,
  yaml,
  yml: yaml,
};

/** Blocks that do not parse. One that is no whole file says so: ```yaml excerpt */
const codeBlocks = () => (tree, file) => {
  const lines = String(file).split('\n');
  visit(tree, 'code', (node) => {
    const last = lines[node.position.end.line - 1];
    const isFenced = /^[\s>]*(```|~~~)/.test(lines[node.position.start.line - 1]);
    if (
      isFenced &&
      !(node.position.end.line > node.position.start.line && /^[\s>]*(`{3,}|~{3,})\s*$/.test(last))
    )
      return void file.message('This block is never closed: what follows is no text any more', node);
    const language = node.lang?.toLowerCase();
    if (!Object.hasOwn(readers, language ?? '') || /\bexcerpt\b/.test(node.meta ?? '')) return;
    const problem = readers[language](node.value);
    if (problem)
      file.message(
        `This ${language} does not parse: ${problem}. Fix it, or write "${node.lang} excerpt"`,
        node,
      );
  });
};

const schema = JSON.parse(readFileSync(new URL('front-matter.schema.json', import.meta.url), 'utf8'));
const idKey = Object.keys(schema.properties).find((key) => schema.properties[key].format === 'page-id');
const folders = (process.env.FRONT_MATTER ?? '').split(' ').filter(Boolean);

/** The page that each id names, of all pages of the repository. */
const owners = new Map();
for (const page of execFileSync('git', ['ls-files', '-z', '--', '*.md'], { encoding: 'utf8' }).split('\0')) {
  const [, text] = (page && /^---\r?\n([^]*?)\r?\n---/.exec(readFileSync(page, 'utf8'))) || [];
  const { contents } = parseDocument(text ?? '');
  const id = isMap(contents) ? contents.get(idKey) : undefined;
  if (id !== undefined) owners.set(id, [...(owners.get(id) ?? []), page]);
}

let folder = '';
const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });
ajv.addFormat('page-id', (id) => owners.get(id)?.length === 1);
ajv.addFormat('page-or-file', (name) => owners.has(name) || existsSync(join(folder, name)));
const validate = ajv.compile(schema);
const told = ({ keyword, message, params }) => {
  if (params.format === 'page-id') return 'another page has this id too';
  if (params.format === 'page-or-file') return 'no page has this id, and no file this path from here';
  return keyword === 'enum' ? `${message}: ${params.allowedValues.join(', ')}` : message;
};

/** Front matter that is missing where it must be, or is not as the schema says. */
const frontMatter = () => (tree, file) => {
  const node = tree.children.find(({ type }) => type === 'yaml');
  const isAsked = folders.some((each) => file.path.startsWith(`${each}/`));
  if (!node)
    return void (
      isAsked &&
      file.message('Front matter is missing: begin with ---, its keys, and ---', { line: 1, column: 1 })
    );
  const document = parseDocument(node.value);
  const [error] = document.errors;
  if (error) return void file.message(`Front matter is no YAML: ${error.message.split('\n')[0]}`, node);
  folder = dirname(file.path);
  const data = document.toJS();
  if (validate(data)) return;
  for (const problem of validate.errors) {
    const key = problem.instancePath.slice(1).replaceAll('/', '.');
    const value = key.split('.').reduce((at, name) => at?.[name], data);
    file.message(`Front matter${key && ` ${key} (${JSON.stringify(value)})`}: ${told(problem)}`, node);
  }
};

export default {
  plugins: [
    remarkFrontmatter,
    remarkGfm,
    [remarkValidateLinks, { repository: false }],
    codeBlocks,
    frontMatter,
  ],
};
