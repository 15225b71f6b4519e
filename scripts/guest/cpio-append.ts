import { CpioError, type CpioFile, writeCpio } from './cpio.ts';

const HEADER_SIZE = 110;
const MAGIC = '070701';
const TRAILER = 'TRAILER!!!';
const SIZE_FIELD = 54;
const NAME_SIZE_FIELD = 94;
const FIELD_LENGTH = 8;

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

/** The archive with files added at its end, below directories that it has. A file of the same name takes the place of the earlier one. */
export function appendToCpio(archive: Uint8Array, files: readonly CpioFile[]): Uint8Array {
  const directories = new Set(files.flatMap(({ path }) => parents(path)));
  const added = writeCpio([
    ...[...directories].map((path) => ({ kind: 'directory' as const, path, permissions: 0o755 })),
    ...files,
  ]);
  const end = entryOffsets(archive).at(-1) as number;
  // The directories stand there for the writer's checks alone; the archive has its own.
  const kept = entriesOf(added).filter(({ path }) => !directories.has(path));
  const length = kept.reduce((sum, { bytes }) => sum + bytes.length, end);
  const joined = new Uint8Array((length + 511) & ~511);
  joined.set(archive.subarray(0, end));
  let at = end;
  for (const { bytes } of kept) {
    joined.set(bytes, at);
    at += bytes.length;
  }
  return joined;
}

function parents(path: string): string[] {
  const components = path.split('/').slice(0, -1);
  return components.map((_, index) => components.slice(0, index + 1).join('/'));
}

/** The entries of an archive with their bytes, the trailer included. */
function entriesOf(archive: Uint8Array): { path: string; bytes: Uint8Array }[] {
  const text = new TextDecoder('latin1');
  const offsets = entryOffsets(archive);
  return offsets.map((offset, index) => {
    const end = offsets[index + 1] ?? archive.length;
    const nameSize = Number.parseInt(
      text.decode(archive.subarray(offset + NAME_SIZE_FIELD, offset + NAME_SIZE_FIELD + FIELD_LENGTH)),
      16,
    );
    return {
      path: text.decode(archive.subarray(offset + HEADER_SIZE, offset + HEADER_SIZE + nameSize - 1)),
      bytes: archive.subarray(offset, end),
    };
  });
}
