import { CpioError, type CpioFile, writeCpio } from './cpio.ts';

const HEADER_SIZE = 110;
const MAGIC = '070701';
const TRAILER = 'TRAILER!!!';
const SIZE_FIELD = 54;
const NAME_SIZE_FIELD = 94;
const FIELD_LENGTH = 8;

const MODE_FIELD = 14;
const TYPE_MASK = 0o170000;
const DIRECTORY_TYPE = 0o040000;

const align = (value: number): number => (value + 3) & ~3;

/** Offset of each entry of a newc archive, the trailer's last. Throws CpioError when the archive is damaged. */
function entryOffsets(archive: Uint8Array): number[] {
  const text = new TextDecoder('latin1');
  const offsets: number[] = [];
  for (let at = 0; ; ) {
    const magic = text.decode(archive.subarray(at, at + MAGIC.length));
    if (magic !== MAGIC)
      throw new CpioError(`no newc header (${MAGIC}) at byte ${at}: not an initial RAM disk, or damaged`);
    const field = (offset: number): number =>
      Number.parseInt(text.decode(archive.subarray(at + offset, at + offset + FIELD_LENGTH)), 16);
    const nameSize = field(NAME_SIZE_FIELD);
    const size = field(SIZE_FIELD);
    const name = text.decode(archive.subarray(at + HEADER_SIZE, at + HEADER_SIZE + nameSize - 1));
    offsets.push(at);
    if (name === TRAILER) return offsets;
    const next = align(align(at + HEADER_SIZE + nameSize) + size);
    if (!(next > at) || next >= archive.length) throw new CpioError(`the archive ends inside '${name}'`);
    at = next;
  }
}

/**
 * The archive with files added at its end, below directories that it has. An earlier entry of the same path is
 * left out, since a path may occur but once.
 *
 * @throws CpioError when the archive is damaged, two files have one path, or one would take a directory's place.
 */
export function appendToCpio(archive: Uint8Array, files: readonly CpioFile[]): Uint8Array {
  const directories = new Set(files.flatMap(({ path }) => parents(path)));
  const added = writeCpio([
    ...[...directories].map((path) => ({ kind: 'directory' as const, path, permissions: 0o755 })),
    ...files,
  ]);
  const replaced = new Set(files.map(({ path }) => path));
  const before = entriesOf(archive)
    .slice(0, -1)
    .filter((entry) => !isReplaced(entry, replaced));
  // The directories stand there for the writer's checks alone; the archive has its own.
  const after = entriesOf(added).filter(({ path }) => !directories.has(path));
  const kept = [...before, ...after];
  const length = kept.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const joined = new Uint8Array((length + 511) & ~511);
  let at = 0;
  for (const { bytes } of kept) {
    joined.set(bytes, at);
    at += bytes.length;
  }
  return joined;
}

function isReplaced({ path, mode }: Entry, replaced: ReadonlySet<string>): boolean {
  const plain = withoutDots(path);
  if (!replaced.has(plain)) return false;
  if ((mode & TYPE_MASK) === DIRECTORY_TYPE) {
    throw new CpioError(`${plain} is a directory of the archive: a file cannot take its place`);
  }
  return true;
}

/** A path as the kernel takes it: './bin//ls' and '/bin/ls' are both 'bin/ls'. */
function withoutDots(path: string): string {
  return path
    .split('/')
    .filter((component) => component !== '' && component !== '.')
    .join('/');
}

function parents(path: string): string[] {
  const components = path.split('/').slice(0, -1);
  return components.map((_, index) => components.slice(0, index + 1).join('/'));
}

interface Entry {
  readonly path: string;
  readonly mode: number;
  /** Header, name and data with their padding. */
  readonly bytes: Uint8Array;
}

/** The entries of an archive with their bytes, the trailer included. */
function entriesOf(archive: Uint8Array): Entry[] {
  const text = new TextDecoder();
  const offsets = entryOffsets(archive);
  return offsets.map((offset, index) => {
    const end = offsets[index + 1] ?? archive.length;
    const field = (at: number): number =>
      Number.parseInt(text.decode(archive.subarray(offset + at, offset + at + FIELD_LENGTH)), 16);
    const nameSize = field(NAME_SIZE_FIELD);
    return {
      mode: field(MODE_FIELD),
      path: text.decode(archive.subarray(offset + HEADER_SIZE, offset + HEADER_SIZE + nameSize - 1)),
      bytes: archive.subarray(offset, end),
    };
  });
}
