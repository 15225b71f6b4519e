import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { linkMachineHeaders, type Progress, runStages } from './build.ts';
import { GuestBuildError } from './errors.ts';
import { userFlags, userLinkFlags } from './flags.ts';
import { guestPaths } from './paths.ts';
import { requireToolchain, runTool } from './toolchain.ts';
import { libraryStages } from './userland.ts';

/**
 * Compiles one C file from anywhere against the guest's libc into a program for the guest, with DWARF.
 * What libc is made of is brought up to date first. Warnings are no errors here: the file is not ours.
 *
 * @param source path of the C file, relative to the working directory
 * @param output path of the program to write, put in place at once
 * @returns the warnings gcc printed, unchanged
 * @throws GuestBuildError
 */
export async function compileProgram(source: string, output: string, progress?: Progress): Promise<string> {
  if (!existsSync(source)) {
    throw new GuestBuildError('bad-usage', `${source}: no such file`);
  }
  requireToolchain();
  linkMachineHeaders();
  await runStages(libraryStages(), progress);
  const directory = mkdtempSync(join(tmpdir(), 'guest-program-'));
  const temporary = `${resolve(output)}.${process.pid}.tmp`;
  try {
    const object = join(directory, `${basename(source)}.o`);
    const path = resolve(source);
    const relativePaths = `-ffile-prefix-map=${dirname(path)}/=`;
    const warnings = await runTool('gcc', [
      ...userFlags,
      '-Wno-error',
      relativePaths,
      '-c',
      path,
      '-o',
      object,
    ]);
    mkdirSync(dirname(temporary), { recursive: true });
    await link(source, object, temporary);
    renameSync(temporary, output);
    return warnings;
  } finally {
    rmSync(directory, { recursive: true, force: true });
    rmSync(temporary, { force: true });
  }
}

/** What ld prints when the startup code finds nothing to call. */
const NO_MAIN = /undefined reference to .main'/;

/** Links one object with the guest's libc. A failure names `source` before what ld says, which knows only the object. */
async function link(source: string, object: string, output: string): Promise<void> {
  const libraries = [guestPaths.libc, '-lgcc'];
  try {
    await runTool('gcc', [...userLinkFlags, guestPaths.crt0, object, ...libraries, '-o', output]);
  } catch (error) {
    if (!(error instanceof GuestBuildError) || error.code !== 'compile-failed') throw error;
    const why = NO_MAIN.test(error.message) ? ': it has no function main' : '';
    throw new GuestBuildError(
      'compile-failed',
      `${source} does not make a program${why}. The linker says:\n${error.message}`,
    );
  }
}
