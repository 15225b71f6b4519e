import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, extname, join } from 'node:path';
import { appendToCpio } from '../../scripts/guest/cpio-append.ts';
import {
  absolute,
  buildGuest,
  type CpioFile,
  compileProgram,
  guestPaths,
  isGuestStale,
  missingTool,
  type Progress,
} from '../../scripts/guest/index.ts';
import { UsageError } from './exit-code.ts';
import { stepProgress } from './progress.ts';

/** What a machine boots. */
export interface BootFiles {
  readonly kernel: { readonly name: string; readonly bytes: Uint8Array };
  readonly initrd: { readonly name: string; readonly bytes: Uint8Array } | undefined;
  /** What `--add` put into the image, by the name that it runs under. */
  readonly added: ReadonlyMap<string, Uint8Array>;
}

/** A `--module 'FILE ARGUMENTS'`. Throws UsageError. */
export function moduleFile(text: string): { name: string; bytes: Uint8Array; commandLine: string } {
  const [path = '', ...words] = text.split(' ');
  return { name: path, bytes: readNamedFile(path, 'module'), commandLine: words.join(' ') };
}

export interface BootFileOptions {
  /** A kernel other than the guest's own. */
  readonly kernel?: string | undefined;
  readonly initrd?: string | undefined;
  /** Files to put into /bin of the image: C sources are compiled against the guest's libc, ELF files are taken as they are. */
  readonly add: readonly string[];
}

const EXECUTABLE = 0o555;
const ELF_MAGIC = [0x7f, 0x45, 0x4c, 0x46];

/** Reads a file the user named. Throws UsageError naming it and what is wrong. */
export function readNamedFile(path: string, what: string): Uint8Array {
  try {
    if (statSync(path).isDirectory()) throw new UsageError(`${what} '${path}' is a directory, not a file`);
    return new Uint8Array(readFileSync(path));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const reason =
      (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : (error as Error).message;
    throw new UsageError(`${what} '${path}' cannot be read: ${reason}`);
  }
}

/**
 * The kernel and initrd to boot; the guest's own are built first when missing or stale.
 * Throws UsageError, GuestBuildError, CpioError.
 */
export async function bootFiles(options: BootFileOptions): Promise<BootFiles> {
  checkNames(options.add);
  const ownKernel = options.kernel === undefined;
  const ownInitrd = options.initrd === undefined && ownKernel;
  if (ownKernel || ownInitrd) await buildWhenStale();
  const kernelPath = options.kernel ?? absolute(guestPaths.kernel);
  const initrdPath = options.initrd ?? (ownInitrd ? absolute(guestPaths.initrd) : undefined);
  const kernel = { name: options.kernel ?? guestPaths.kernel, bytes: readNamedFile(kernelPath, 'kernel') };
  if (initrdPath === undefined) {
    if (options.add.length > 0)
      throw new UsageError('--add needs an initrd to add to: give --initrd FILE with your --kernel');
    return { kernel, initrd: undefined, added: new Map() };
  }
  const archive = readNamedFile(initrdPath, 'initrd');
  const name = options.initrd ?? guestPaths.initrd;
  if (options.add.length === 0) return { kernel, initrd: { name, bytes: archive }, added: new Map() };
  const files: CpioFile[] = [];
  for (const path of options.add) files.push(await programFile(path));
  const added = new Map(
    files.flatMap((file) => (file.kind === 'file' ? [[basename(file.path), file.data]] : [])),
  );
  return { kernel, initrd: { name, bytes: appendToCpio(archive, files) }, added };
}

async function buildWhenStale(): Promise<void> {
  const built = existsSync(absolute(guestPaths.kernel)) && existsSync(absolute(guestPaths.initrd));
  if (built && !isGuestStale()) return;
  const lacking = missingTool();
  if (built && lacking !== undefined) {
    // Without a compiler a guest that was built once can still be booted.
    const { tool, debian } = lacking;
    process.stderr.write(
      `puffer: the guest's sources have changed but ${tool} is missing (install Debian's package '${debian}'): ` +
        'booting the guest as it was built last\n',
    );
    return;
  }
  await withProgress((progress) => buildGuest({ progress }));
}

/** Shows the steps of a build on a terminal; elsewhere one line says that it has begun, for it takes many seconds. */
async function withProgress<Result>(build: (progress: Progress) => Promise<Result>): Promise<Result> {
  const line = stepProgress('building the guest');
  let silent = process.stderr.isTTY !== true;
  try {
    return await build((step) => {
      if (silent && step !== undefined) {
        silent = false;
        process.stderr.write('building the guest (guest/obj is missing or stale)…\n');
      }
      line.show(step === undefined ? undefined : basename(step.output));
    });
  } finally {
    line.end();
  }
}

/** The name of the program that `--add FILE` becomes. */
function programName(path: string): string {
  return basename(path, extname(path) === '.c' ? '.c' : '');
}

function checkNames(paths: readonly string[]): void {
  const first = new Map<string, string>();
  for (const path of paths) {
    const name = programName(path);
    const other = first.get(name);
    if (other !== undefined) {
      throw new UsageError(
        `--add '${other}' and --add '${path}' would both be /bin/${name}: rename one of them`,
      );
    }
    first.set(name, path);
  }
}

/** One `--add FILE` as an entry of the image. */
async function programFile(path: string): Promise<CpioFile> {
  const source = readNamedFile(path, '--add');
  const name = programName(path);
  if (extname(path) !== '.c') {
    if (!ELF_MAGIC.every((byte, index) => source[index] === byte)) {
      throw new UsageError(`--add '${path}' is neither a C file (.c) nor an ELF program`);
    }
    return { kind: 'file', path: `bin/${name}`, permissions: EXECUTABLE, data: source };
  }
  const directory = mkdtempSync(join(tmpdir(), 'puffer-'));
  try {
    const output = join(directory, name);
    process.stderr.write(await withProgress((progress) => compileProgram(path, output, progress)));
    return {
      kind: 'file',
      path: `bin/${name}`,
      permissions: EXECUTABLE,
      data: new Uint8Array(readFileSync(output)),
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
