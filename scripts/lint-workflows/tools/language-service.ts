import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { registerLogger, validate } from '@actions/languageservice';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { parse } from 'yaml';
import type { Finding } from '../finding.js';
import type { Stage } from '../stage.js';
import thirdParty from './third-party-inputs.json' with { type: 'json' };
import { ToolFailure, type Tool } from './tool.js';

type Config = NonNullable<Parameters<typeof validate>[1]>;
type Metadata = Awaited<ReturnType<NonNullable<Config['actionsMetadataProvider']>['fetchActionMetadata']>>;

const suiteName = 'devops-actions';
const worstSeverities = [undefined, 1, 2];

/** Keys that GitHub takes and this release of its service does not know yet: changelog 2026-09-10. */
const newerKeys = ["Unexpected value 'cache-mode'"];

/**
 * GitHub's own language service, which knows the inputs of actions and of called workflows.
 *
 * @param suite Folder of the release tree: action folders at its root, called workflows under `.github/workflows`.
 */
export const languageService = (suite: string): Tool => ({
  name: 'language-service',
  async find(stage) {
    const failures: string[] = [];
    registerLogger({
      info: () => undefined,
      log: () => undefined,
      warn: () => undefined,
      // It swallows its own faults and says nothing of the rest of the file.
      error: (message) => failures.push(message),
    });
    const found: Finding[] = [];
    for (const file of stage.files) found.push(...(await findIn(stage, file, suite)));
    if (failures.length > 0) throw new ToolFailure(`language service: ${failures.join('; ')}`);
    return found;
  },
});

async function findIn(stage: Stage, file: string, suite: string): Promise<Finding[]> {
  const path = join(stage.root, file);
  const document = TextDocument.create(`file://${path}`, 'yaml', 1, readFileSync(path, 'utf8'));
  const diagnostics = await validate(document, configOf(stage, suite));
  return diagnostics
    .filter(({ severity }) => worstSeverities.includes(severity))
    .map(({ message, range, code }) => ({
      file: stage.shown(file),
      line: range.start.line + 1,
      column: range.start.character + 1,
      tool: 'language-service',
      rule: String(code ?? 'workflow'),
      message: typeof message === 'string' ? message : message.value,
    }))
    .filter(({ message }) => !newerKeys.includes(message));
}

function configOf(stage: Stage, suite: string): Config {
  return {
    fileProvider: {
      getFileContent: async (reference) => {
        const isRemote = 'repository' in reference;
        if (isRemote && reference.repository !== suiteName)
          throw new Error(`${reference.repository} is not at hand`);
        const content = readFileSync(join(isRemote ? suite : stage.root, reference.path), 'utf8');
        return { name: reference.path, content };
      },
    },
    actionsMetadataProvider: {
      fetchActionMetadata: async ({ owner, name, path }) =>
        name === suiteName
          ? (parse(readFileSync(join(suite, path ?? '', 'action.yml'), 'utf8')) as Metadata)
          : thirdPartyMetadata([owner, name, path].filter((part) => part).join('/')),
    },
  };
}

/** Of an action that is not in the list the inputs are not checked. */
function thirdPartyMetadata(name: string): Metadata {
  const known = (thirdParty as Record<string, { required: string[]; optional: string[] }>)[name];
  if (!known) return { name, description: '' };
  const inputs = [
    ...known.required.map((input) => [input, { description: '', required: true }] as const),
    ...known.optional.map((input) => [input, { description: '' }] as const),
  ];
  return { name, description: '', inputs: Object.fromEntries(inputs) };
}
