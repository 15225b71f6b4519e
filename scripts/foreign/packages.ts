import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { absolute } from '../guest/index.ts';
import { ForeignError } from './errors.ts';

/** Where packages are kept and unpacked; git ignores it. */
const CACHE = '.foreign';

/** Runs a tool of Debian's and returns what it prints. Throws ForeignError. */
function tool(command: string, args: readonly string[], directory: string): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: directory, encoding: 'utf8' });
  if (status === 0) return stdout;
  const reason = error === undefined ? stderr.trim() : error.message;
  throw new ForeignError(
    `${command} ${args.join(' ')} failed (a Debian with package lists is needed): ${reason}`,
  );
}

/**
 * The files of a Debian package, unpacked: the directory that stands for `/`. The package is downloaded when it is not there
 * yet, in the version that apt knows; nothing is installed, and no rights are needed. Throws ForeignError.
 */
export function packageFiles(name: string): string {
  const directory = absolute(join(CACHE, name));
  const root = join(directory, 'root');
  if (existsSync(root)) return root;
  mkdirSync(directory, { recursive: true });
  const archive = (): string | undefined => readdirSync(directory).find((file) => file.endsWith('.deb'));
  if (archive() === undefined) tool('apt-get', ['download', name], directory);
  try {
    tool('dpkg-deb', ['--extract', archive() ?? name, root], directory);
  } catch (error) {
    // Half a package must not pass for a whole one the next time.
    rmSync(root, { recursive: true, force: true });
    throw error;
  }
  return root;
}

/** The package, by how its name begins, that an empty package such as linux-image-cloud-amd64 stands for. Throws ForeignError. */
export function dependencyOf(name: string, beginning: string): string {
  const printed = tool('apt-cache', ['depends', '--important', name], absolute('.'));
  const names = Array.from(printed.matchAll(/Depends: (\S+)/g), ([, found]) => found as string);
  const found = names.find((one) => one.startsWith(beginning));
  if (found === undefined)
    throw new ForeignError(`apt knows no package ${beginning}… that ${name} depends on`);
  return found;
}

/** The only file of a directory whose name begins and ends so. Throws ForeignError. */
export function fileBeginning(directory: string, beginning: string, end = ''): string {
  const names = readdirSync(directory).filter((name) => name.startsWith(beginning) && name.endsWith(end));
  if (names.length !== 1) throw new ForeignError(`${names.length} files ${beginning}…${end} in ${directory}`);
  return join(directory, names[0] as string);
}
