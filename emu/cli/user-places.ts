import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { absolute } from '../../scripts/guest/index.ts';
import { type CodePlace, KernelImage } from '../kernel/index.ts';

/** Where the guest's build keeps its programs, with their debugging information. */
const PROGRAM_DIRECTORIES = ['bin', 'sbin', 'usr/bin'];

/** Function and line of an address in a program of the guest, by the program's name; undefined for others. */
export function userPlaces(): (comm: string, address: bigint) => CodePlace | undefined {
  const images = new Map<string, KernelImage | undefined>();
  const open = (comm: string): KernelImage | undefined => {
    if (!/^[\w.-]+$/.test(comm)) return undefined;
    const path = PROGRAM_DIRECTORIES.map((directory) =>
      absolute(join('guest/obj/root', directory, comm)),
    ).find((one) => existsSync(one));
    return path === undefined ? undefined : KernelImage.open(new Uint8Array(readFileSync(path)));
  };
  return (comm, address) => {
    if (!images.has(comm)) images.set(comm, open(comm));
    return images.get(comm)?.place(address);
  };
}
