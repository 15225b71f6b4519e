import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { absolute, repositoryRoot } from '../guest/index.ts';
import type { CommandResult } from './compare-output.ts';
import { shownCommands } from './console-blocks.ts';

/** Folders that hold no document of this repository. */
const NO_DOCUMENTS = new Set(['node_modules', 'dist', '.git', 'coverage', 'obj']);

/** The Markdown files that show commands: paths from the repository's root. */
export function documentsWithCommands(folder = '.'): string[] {
  return readdirSync(absolute(folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '.' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return NO_DOCUMENTS.has(entry.name) ? [] : documentsWithCommands(path);
    return entry.name.endsWith('.md') && shownCommands(readDocument(path)).length > 0 ? [path] : [];
  });
}

/** The text of a document, by its path from the repository's root. */
export const readDocument = (path: string): string => readFileSync(absolute(path), 'utf8');

const LARGEST_OUTPUT = 64 * 2 ** 20;

/** Runs the compiled `puffer` in the repository's root. */
export function runPuffer(args: readonly string[], input: string): CommandResult {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [absolute('dist/emu/cli/main.js'), ...args],
    { input, encoding: 'utf8', maxBuffer: LARGEST_OUTPUT, cwd: repositoryRoot },
  );
  return { status, stdout, stderr };
}

/** Runs each distinct command once. */
export function remembering(
  run: (args: readonly string[], input: string) => CommandResult,
): (args: readonly string[], input: string) => CommandResult {
  const results = new Map<string, CommandResult>();
  return (args, input) => {
    const key = JSON.stringify([args, input]);
    const result = results.get(key) ?? run(args, input);
    results.set(key, result);
    return result;
  };
}
