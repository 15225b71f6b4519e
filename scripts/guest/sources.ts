import { existsSync, readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { absolute, guestPaths } from './paths.ts';

/** Every file below the repository-relative `directory`, repository-relative and sorted; none if it is not there. */
export function filesBelow(directory: string): string[] {
  if (!existsSync(absolute(directory))) {
    return [];
  }
  return readdirSync(absolute(directory), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath.slice(absolute('').length)}/${entry.name}`.replace(/^\/+/, ''))
    .sort();
}

/** The C and assembly sources below `directory`. */
export function sourcesBelow(directory: string): string[] {
  return filesBelow(directory).filter((path) => /\.[cS]$/.test(path));
}

/** A program of the guest: its sources, and where it lies in the guest's file system. */
export interface GuestProgram {
  readonly sources: readonly string[];
  /** Path in the guest without the leading slash: `bin/ls`. */
  readonly path: string;
}

/** Which directory of sources becomes which directory of the guest: one program per subdirectory. */
const programDirectories = [
  { sources: 'bin', guest: 'bin' },
  { sources: 'sbin', guest: 'sbin' },
  { sources: 'usr.bin', guest: 'usr/bin' },
] as const;

/** One program per directory of guest/regress that holds sources: regress/sys/kern/pipe and the like. */
export function regressPrograms(): GuestProgram[] {
  const byDirectory = new Map<string, string[]>();
  for (const source of sourcesBelow(guestPaths.regress)) {
    const directory = dirname(source).slice(`${guestPaths.sources}/`.length);
    byDirectory.set(directory, [...(byDirectory.get(directory) ?? []), source]);
  }
  return [...byDirectory].map(([path, sources]) => ({ sources, path }));
}

/** The program that `puffer/vitest` makes system calls from; only its tests' images hold it. */
export function scratchProgram(): GuestProgram {
  return { sources: sourcesBelow(guestPaths.scratch), path: 'sbin/scratch' };
}

/** The guest's programs, found by their places: guest/usr.bin/id/*.c is /usr/bin/id. */
export function guestPrograms(): GuestProgram[] {
  return programDirectories.flatMap(({ sources, guest }) => {
    const byName = new Map<string, string[]>();
    const base = `${guestPaths.sources}/${sources}/`;
    for (const source of sourcesBelow(base.slice(0, -1))) {
      const name = source.slice(base.length).split('/', 1)[0] ?? '';
      byName.set(name, [...(byName.get(name) ?? []), source]);
    }
    return [...byName].map(([name, files]) => ({ sources: files, path: `${guest}/${name}` }));
  });
}
