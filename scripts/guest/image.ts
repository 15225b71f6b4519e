import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { type CpioEntry, CpioError, writeCpio } from './cpio.ts';
import { GuestBuildError } from './errors.ts';
import { absolute, guestPaths } from './paths.ts';
import { filesBelow, type GuestProgram } from './sources.ts';
import type { Step } from './steps.ts';
import { strippedPath } from './userland.ts';

const DIRECTORY_PERMISSIONS = 0o755;
const STICKY_DIRECTORY_PERMISSIONS = 0o1777;
const PROGRAM_PERMISSIONS = 0o555;
const FILE_PERMISSIONS = 0o644;
const EXECUTE_BITS = 0o111;

/** The ordinary user of guest/etc/passwd, and of guest/etc/group. */
const PUFFER_ID = 1000;

/** Directories that are there whether or not a file lies in them. */
const directories = [
  { path: 'bin', permissions: DIRECTORY_PERMISSIONS },
  { path: 'dev', permissions: DIRECTORY_PERMISSIONS },
  { path: 'etc', permissions: DIRECTORY_PERMISSIONS },
  { path: 'home', permissions: DIRECTORY_PERMISSIONS },
  { path: 'home/puffer', permissions: DIRECTORY_PERMISSIONS, uid: PUFFER_ID, gid: PUFFER_ID },
  { path: 'sbin', permissions: DIRECTORY_PERMISSIONS },
  { path: 'tmp', permissions: STICKY_DIRECTORY_PERMISSIONS },
  { path: 'usr', permissions: DIRECTORY_PERMISSIONS },
  { path: 'usr/bin', permissions: DIRECTORY_PERMISSIONS },
] as const;

/** Device nodes, with the major numbers OpenBSD/amd64 gives them (sys/arch/amd64/amd64/conf.c). */
const devices = [
  { path: 'dev/console', major: 0, minor: 0, permissions: 0o600 },
  { path: 'dev/tty', major: 1, minor: 0, permissions: 0o666 },
  { path: 'dev/null', major: 2, minor: 2, permissions: 0o666 },
  { path: 'dev/zero', major: 2, minor: 12, permissions: 0o666 },
] as const;

/** A regular file of the image, and the repository's file that it is a copy of. */
interface ImageFile {
  readonly path: string;
  readonly permissions: number;
  readonly copyOf: string;
}

function imageFiles(programs: readonly GuestProgram[]): ImageFile[] {
  const executables = programs.map((program) => ({
    path: program.path,
    permissions: PROGRAM_PERMISSIONS,
    copyOf: strippedPath(program),
  }));
  const verbatim = filesBelow(guestPaths.verbatim).map((copyOf) => {
    const executable = (statSync(absolute(copyOf)).mode & EXECUTE_BITS) !== 0;
    return {
      path: copyOf.slice(`${guestPaths.sources}/`.length),
      permissions: executable ? FILE_PERMISSIONS | EXECUTE_BITS : FILE_PERMISSIONS,
      copyOf,
    };
  });
  return [...executables, ...verbatim];
}

/** The directories above `files` that the table of directories does not name. */
function missingDirectories(files: readonly ImageFile[]): string[] {
  const paths = files.flatMap(({ path }) => {
    const components = path.split('/').slice(0, -1);
    return components.map((_, index) => components.slice(0, index + 1).join('/'));
  });
  return [...new Set(paths)].filter((path) => directories.every((known) => known.path !== path));
}

function imageEntries(files: readonly ImageFile[]): CpioEntry[] {
  const others = missingDirectories(files).map((path) => ({ path, permissions: DIRECTORY_PERMISSIONS }));
  return [
    ...[...directories, ...others].map((directory): CpioEntry => ({ kind: 'directory', ...directory })),
    ...devices.map((device): CpioEntry => ({ kind: 'character-device', ...device })),
    ...files.map(
      ({ path, permissions, copyOf }): CpioEntry => ({
        kind: 'file',
        path,
        permissions,
        data: readFileSync(absolute(copyOf)),
      }),
    ),
  ];
}

/** Packs `programs`, devices and the files below guest/etc in the archive `output`. */
export function imageStep(output: string, programs: readonly GuestProgram[]): Step {
  const files = imageFiles(programs);
  return {
    output,
    inputs: files.map((file) => file.copyOf),
    signature: JSON.stringify({ directories, devices, files }),
    writesDependencies: false,
    produce: async (temporary) => {
      try {
        writeFileSync(absolute(temporary), writeCpio(imageEntries(files)));
      } catch (error) {
        throw error instanceof CpioError ? new GuestBuildError('bad-image', error.message) : error;
      }
    },
  };
}
