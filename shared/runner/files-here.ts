import { stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative } from 'node:path';

/** Files that a report names. */
interface Named {
  report: string;
  files: readonly string[];
  /** Folders that it may have told them from. */
  folders?: readonly string[] | undefined;
}

/**
 * Those of the files that are in the workspace. Tools write them from a folder of their own, which may be any above the
 * report's, or as paths of a container, whose beginning is not here.
 */
export async function filesHere(
  workspace: string,
  { report, files, folders = [] }: Named,
): Promise<Set<string>> {
  const bases = basesOf(workspace, isAbsolute(report) ? relative(workspace, report) : report);
  const isHere = async (file: string) => {
    for (const told of [file, ...folders.map((folder) => `${folder}/${file}`)])
      for (const path of tailsOf(told))
        for (const base of bases) if (await isFile(join(base, path))) return true;
    return false;
  };
  const here = await Promise.all(files.map(async (file) => ((await isHere(file)) ? [file] : [])));
  return new Set(here.flat());
}

/** The folder of the report and all above it, up to the workspace. */
function basesOf(workspace: string, report: string): string[] {
  const folder = dirname(report);
  return folder === '.' || folder.startsWith('..')
    ? [workspace]
    : [join(workspace, folder), ...basesOf(workspace, folder)];
}

/** The path, and what is left of it without its first folders. */
function tailsOf(file: string): string[] {
  const parts = file.split(/[\\/]+/).filter((part) => !['', '.', '..'].includes(part));
  return parts.map((_, at) => parts.slice(at).join('/'));
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
