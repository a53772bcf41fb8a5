import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import ts from 'typescript';

/** Which files each file imports, and which packages; type imports and lazy ones count. */
export interface Imports {
  files: ReadonlyMap<string, readonly string[]>;
  packages: ReadonlySet<string>;
}

/** The TypeScript files below some folders, by path with forward slashes. */
export function readSources(folders: readonly string[]): Map<string, string> {
  const sources = new Map<string, string>();
  for (const folder of folders) {
    if (!existsSync(folder)) throw new Error(`There is no folder ${folder}`);
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !entry.name.endsWith('.ts')) continue;
      const path = join(entry.parentPath, entry.name);
      sources.set(path.replaceAll('\\', '/'), readFileSync(path, 'utf8'));
    }
  }
  return sources;
}

/** Reads the imports of files as the compiler does. What is imported from outside of them is left out. */
export function importsOf(sources: ReadonlyMap<string, string>): Imports {
  const packages = new Set<string>();
  const files = new Map(
    [...sources].map(([file, text]) => {
      const names = namesIn(ts.createSourceFile(file, text, ts.ScriptTarget.Latest));
      for (const name of names.filter((each) => !each.startsWith('.'))) packages.add(packageOf(name));
      const targets = names
        .filter((name) => name.startsWith('.'))
        .map((name) => posix.join(posix.dirname(file), name).replace(/\.js$/, '.ts'))
        .filter((target) => sources.has(target));
      return [file, [...new Set(targets)]] as const;
    }),
  );
  return { files, packages };
}

/** The names of modules that a file imports or exports from, also in types and lazily. */
function namesIn(source: ts.SourceFile): string[] {
  const names: string[] = [];
  const visit = (node: ts.Node): void => {
    const name = moduleOf(node);
    if (name && ts.isStringLiteralLike(name)) names.push(name.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return names;
}

function moduleOf(node: ts.Node): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isExternalModuleReference(node)) return node.expression;
  if (ts.isImportTypeNode(node))
    return ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined;
  return ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
    ? node.arguments[0]
    : undefined;
}

const packageOf = (name: string): string =>
  name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');

/** Ways around among files that import each other, one or more for each knot of them; empty when there is none. */
export function circlesIn(files: Imports['files']): string[][] {
  const done = new Set<string>();
  const way: string[] = [];
  const found: string[][] = [];
  const follow = (file: string): void => {
    const met = way.indexOf(file);
    if (met >= 0) return void found.push([...way.slice(met), file]);
    if (done.has(file)) return;
    way.push(file);
    for (const target of files.get(file) ?? []) follow(target);
    way.pop();
    done.add(file);
  };
  for (const file of files.keys()) follow(file);
  return found;
}
