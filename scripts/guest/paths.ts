import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GuestBuildError } from './errors.ts';

/**
 * The repository's root: the nearest directory above this file that holds `package.json` and `guest/`.
 * Works from the sources and from `dist/` alike.
 */
function findRepositoryRoot(): string {
  let directory = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    if (existsSync(join(directory, 'package.json')) && existsSync(join(directory, 'guest'))) {
      return directory;
    }
    const parent = dirname(directory);
    if (parent === directory) {
      throw new GuestBuildError(
        'bad-source-tree',
        `no directory above ${fileURLToPath(import.meta.url)} holds package.json and guest/; run from a checkout`,
      );
    }
    directory = parent;
  }
}

/** Absolute path of the repository. Compilers run here, so that every path they print is relative to it. */
export const repositoryRoot = findRepositoryRoot();

/** Paths relative to the repository root, as used on compiler command lines. */
export const guestPaths = {
  sources: 'guest',
  kernelSources: 'guest/sys',
  libcSources: 'guest/lib/libc',
  csuSources: 'guest/lib/csu',
  verbatim: 'guest/etc',
  regress: 'guest/regress',
  scratch: 'guest/kit/scratch',
  machineHeaders: 'guest/sys/arch/amd64/include',
  kernelLinkerScript: 'guest/sys/arch/amd64/conf/ld.script',
  genassym: 'guest/sys/arch/amd64/amd64/genassym.c',
  objects: 'guest/obj',
  generatedHeaders: 'guest/obj/include',
  kernel: 'guest/obj/bsd',
  initrd: 'guest/obj/initrd.cpio',
  regressInitrd: 'guest/obj/regress.cpio',
  programs: 'guest/obj/root',
  strippedPrograms: 'guest/obj/stripped',
  libc: 'guest/obj/lib/libc.a',
  crt0: 'guest/obj/guest/lib/csu/crt0.S.o',
} as const;

/** Absolute path of a repository-relative one. */
export function absolute(path: string): string {
  return join(repositoryRoot, path);
}

/** A path as seen from the repository root. */
export function fromRoot(path: string): string {
  return relative(repositoryRoot, path);
}

/** Where the object of a repository-relative source goes. `kind` keeps kernel and user objects apart. */
export function objectPath(source: string): string {
  return `${guestPaths.objects}/${source}.o`;
}
