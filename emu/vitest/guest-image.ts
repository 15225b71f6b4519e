import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { appendToCpio } from '../../scripts/guest/cpio-append.ts';
import {
  absolute,
  buildGuest,
  type CpioFile,
  compileProgram,
  GuestBuildError,
  type GuestPart,
  guestPaths,
  isGuestStale,
  programPath,
  scratchProgram,
  strippedPath,
} from '../../scripts/guest/index.ts';

/** A kernel and an initrd to boot. */
export interface GuestImage {
  readonly kernel: { readonly name: string; readonly bytes: Uint8Array };
  readonly initrd: { readonly name: string; readonly bytes: Uint8Array };
}

/** What the image holds besides the guest's own programs. */
export interface ImageContents {
  /** C sources; each becomes a program of its name in /bin. Paths are relative to the working directory. */
  readonly programs?: readonly (string | URL)[] | undefined;
  /** The programs below guest/regress too. */
  readonly regress?: boolean | undefined;
}

const EXECUTABLE = 0o555;

/** The guest's own kernel and initrd, built first when stale, with programs added. Throws GuestBuildError. */
export async function guestImage(contents: ImageContents = {}): Promise<GuestImage> {
  await bringUpToDate(undefined, [guestPaths.kernel, guestPaths.initrd]);
  const initrd = contents.regress ? guestPaths.regressInitrd : guestPaths.initrd;
  if (contents.regress) await bringUpToDate('regress', [initrd]);
  const added: CpioFile[] = [await scratch()];
  for (const source of contents.programs ?? []) added.push(await program(source));
  const archive = new Uint8Array(readFileSync(absolute(initrd)));
  return {
    kernel: { name: guestPaths.kernel, bytes: new Uint8Array(readFileSync(absolute(guestPaths.kernel))) },
    initrd: { name: initrd, bytes: appendToCpio(archive, added) },
  };
}

/** The scratch program with its symbols, as `guestImage` has built it. */
export function scratchFile(): Uint8Array {
  return new Uint8Array(readFileSync(absolute(programPath(scratchProgram()))));
}

/** The program that system calls are made from. Throws GuestBuildError. */
async function scratch(): Promise<CpioFile> {
  const program = scratchProgram();
  const file = strippedPath(program);
  await bringUpToDate('kit', [file]);
  const data = new Uint8Array(readFileSync(absolute(file)));
  return { kind: 'file', path: program.path, permissions: EXECUTABLE, data };
}

async function bringUpToDate(part: GuestPart | undefined, products: readonly string[]): Promise<void> {
  const built = products.every((path) => existsSync(absolute(path)));
  if (built && !isGuestStale(part)) return;
  try {
    await buildGuest({ part });
  } catch (error) {
    // Without a compiler a guest that was built once can still be booted.
    if (built && error instanceof GuestBuildError && error.code === 'missing-tool') return;
    throw error;
  }
}

async function program(source: string | URL): Promise<CpioFile> {
  const path = source instanceof URL ? fileURLToPath(source) : source;
  const name = basename(path, '.c');
  const directory = mkdtempSync(join(tmpdir(), 'guest-test-'));
  try {
    const output = join(directory, name);
    const warnings = await compileProgram(path, output);
    if (warnings !== '') throw new GuestBuildError('compile-failed', warnings);
    const data = new Uint8Array(readFileSync(output));
    return { kind: 'file', path: `bin/${name}`, permissions: EXECUTABLE, data };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
