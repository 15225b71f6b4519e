import { existsSync, readFileSync } from 'node:fs';
import { basename, isAbsolute, join } from 'node:path';
import { absolute, guestPaths } from './paths.ts';
import { guestPrograms, regressPrograms, scratchProgram } from './sources.ts';

/** Absolute path of a program of the guest, by the name it runs under; undefined when it is not built. */
export function builtProgram(comm: string): string | undefined {
  const program = [...guestPrograms(), ...regressPrograms(), scratchProgram()].find(
    ({ path }) => basename(path) === comm,
  );
  const path = program && absolute(join(guestPaths.programs, program.path));
  return path !== undefined && existsSync(path) ? path : undefined;
}

/** The ELF file of a program of the guest, with its debugging information, by the name it runs under; undefined when it is not built. */
export function programFile(comm: string): Uint8Array | undefined {
  const path = builtProgram(comm);
  return path === undefined ? undefined : new Uint8Array(readFileSync(path));
}

/** Absolute path of a source as debugging information names it: relative to the repository; undefined when it is not there. */
export function sourcePath(path: string): string | undefined {
  const found = isAbsolute(path) ? path : absolute(path);
  return existsSync(found) ? found : undefined;
}

/** The text of a source as debugging information names it; undefined when it is not there. */
export function sourceText(path: string): string | undefined {
  const found = sourcePath(path);
  return found === undefined ? undefined : readFileSync(found, 'utf8');
}
