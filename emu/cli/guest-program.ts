import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { absolute } from '../../scripts/guest/index.ts';

/** Where the guest's build keeps its programs, with their debugging information. */
const PROGRAM_DIRECTORIES = ['bin', 'sbin', 'usr/bin'];

/** The ELF file of a program of the guest, by the program's name; undefined for one that the build does not know. */
export function guestProgram(comm: string): Uint8Array | undefined {
  if (!/^[\w.-]+$/.test(comm)) return undefined;
  const paths = PROGRAM_DIRECTORIES.map((directory) => absolute(join('guest/obj/root', directory, comm)));
  const path = paths.find((one) => existsSync(one));
  return path === undefined ? undefined : new Uint8Array(readFileSync(path));
}
