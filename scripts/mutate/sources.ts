import { readFileSync } from 'node:fs';
import { absolute, guestPaths } from '../guest/paths.ts';
import { sourcesBelow } from '../guest/sources.ts';
import { MutateError } from './errors.ts';
import { type Mutant, mutantsOf } from './mutants.ts';

/** What a process goes through from fork to its end, and the memory it has. */
const DEFAULT_FILES = [
  'kern/kern_fork.c',
  'kern/kern_exec.c',
  'kern/kern_exit.c',
  'kern/kern_proc.c',
  'kern/kern_sig.c',
  'kern/kern_sigacts.c',
  'kern/kern_sigsys.c',
  'kern/syscall_mi.c',
  'arch/amd64/amd64/trap.c',
  'arch/amd64/amd64/vm_machdep.c',
].map((path) => `${guestPaths.kernelSources}/${path}`);

/** The kernel's sources that are broken when nobody names others: repository-relative. */
export function defaultFiles(): string[] {
  return [...DEFAULT_FILES, ...sourcesBelow(`${guestPaths.kernelSources}/uvm`)];
}

/** The C sources of the kernel that the names ask for: `kern_fork.c`, `uvm`, a path. Throws MutateError 'bad-usage'. */
export function namedFiles(names: readonly string[]): string[] {
  const all = sourcesBelow(guestPaths.kernelSources).filter((path) => path.endsWith('.c'));
  return names.flatMap((name) => {
    const found = all.filter(
      (path) => path === name || path.endsWith(`/${name}`) || path.includes(`/${name}/`),
    );
    if (found.length === 0) {
      throw new MutateError('bad-usage', `no C source below ${guestPaths.kernelSources} is called '${name}'`);
    }
    return found;
  });
}

/** All mutants of sources, in order. */
export function mutantsOfFiles(files: readonly string[]): Mutant[] {
  return files.flatMap((file) => mutantsOf(file, readFileSync(absolute(file), 'utf8')));
}
