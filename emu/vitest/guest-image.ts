import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The guest's kernel and initrd, as the guest's build leaves them. */
export interface GuestImage {
  readonly kernel: { readonly name: string; readonly bytes: Uint8Array };
  readonly initrd: { readonly name: string; readonly bytes: Uint8Array };
}

const OBJECTS = 'guest/obj';

/** Reads the built guest. Throws when it has not been built, saying how. */
export function readGuestImage(): GuestImage {
  let directory = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(directory, OBJECTS)) && dirname(directory) !== directory)
    directory = dirname(directory);
  const read = (file: string): { name: string; bytes: Uint8Array } => {
    const path = join(directory, OBJECTS, file);
    if (!existsSync(path))
      throw new Error(`${OBJECTS}/${file} is missing: build the guest first (npm run build:guest)`);
    return { name: `${OBJECTS}/${file}`, bytes: new Uint8Array(readFileSync(path)) };
  };
  return { kernel: read('bsd'), initrd: read('initrd.cpio') };
}
