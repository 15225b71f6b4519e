/**
 * A writer for the "new ASCII" cpio format (newc, magic 070701), the format of an initial RAM disk.
 * Format: cpio(5), "New ASCII Format". Pure: the same entries always give the same bytes.
 */

/** Owner and permissions every entry may carry; ids are 0 when left out. */
interface CpioCommon {
  /** Path inside the archive, without a leading slash: `bin/ls`. */
  readonly path: string;
  /** Permission bits, set-id and sticky bits included (at most 0o7777). */
  readonly permissions: number;
  readonly uid?: number;
  readonly gid?: number;
}

export interface CpioFile extends CpioCommon {
  readonly kind: 'file';
  readonly data: Uint8Array;
}

export interface CpioDirectory extends CpioCommon {
  readonly kind: 'directory';
}

export interface CpioCharacterDevice extends CpioCommon {
  readonly kind: 'character-device';
  readonly major: number;
  readonly minor: number;
}

export interface CpioSymbolicLink extends CpioCommon {
  readonly kind: 'symbolic-link';
  readonly target: string;
}

export type CpioEntry = CpioFile | CpioDirectory | CpioCharacterDevice | CpioSymbolicLink;

/** An entry cannot be archived: `message` names it and says why. */
export class CpioError extends Error {
  override readonly name = 'CpioError';
  readonly code = 'bad-cpio-entry';
}

const MAGIC = '070701';
const TRAILER = 'TRAILER!!!';
/** Names and data are padded so that each header starts on a multiple of this many bytes. */
const ALIGNMENT = 4;
/** The archive as a whole is padded to a multiple of cpio's traditional block. */
const BLOCK = 512;
const MAX_PERMISSIONS = 0o7777;
const MAX_FIELD = 0xffff_ffff;

/** File type bits of the mode word (stat(2), S_IFMT). */
const TYPE_BITS: Readonly<Record<CpioEntry['kind'], number>> = {
  'character-device': 0o020000,
  directory: 0o040000,
  file: 0o100000,
  'symbolic-link': 0o120000,
};

const encoder = new TextEncoder();

function padding(length: number, alignment: number): Uint8Array {
  return new Uint8Array((alignment - (length % alignment)) % alignment);
}

function field(value: number, what: string, path: string): string {
  if (!Number.isInteger(value) || value < 0 || value > MAX_FIELD) {
    throw new CpioError(`${path}: ${what} ${value} does not fit in the archive's 32-bit field`);
  }
  return value.toString(16).padStart(8, '0').toUpperCase();
}

interface HeaderFields {
  readonly inode: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly links: number;
  readonly size: number;
  readonly deviceMajor: number;
  readonly deviceMinor: number;
}

/** The 110 header bytes, the name with its NUL, and the padding after it. */
function header(path: string, fields: HeaderFields): Uint8Array[] {
  const name = encoder.encode(`${path}\0`);
  const modificationTime = 0;
  const archiveDevice = 0;
  const checksum = 0;
  const words: readonly (readonly [string, number])[] = [
    ['inode', fields.inode],
    ['mode', fields.mode],
    ['uid', fields.uid],
    ['gid', fields.gid],
    ['link count', fields.links],
    ['modification time', modificationTime],
    ['size', fields.size],
    ['archive device major', archiveDevice],
    ['archive device minor', archiveDevice],
    ['device major', fields.deviceMajor],
    ['device minor', fields.deviceMinor],
    ['name length', name.length],
    ['checksum', checksum],
  ];
  const text = encoder.encode(MAGIC + words.map(([what, value]) => field(value, what, path)).join(''));
  return [text, name, padding(text.length + name.length, ALIGNMENT)];
}

function checkPath(entry: CpioEntry): void {
  const components = entry.path.split('/');
  if (components.some((component) => component === '' || component === '.' || component === '..')) {
    throw new CpioError(`'${entry.path}': a path in the archive has no empty, '.' or '..' component`);
  }
  if (entry.path.includes('\0')) {
    throw new CpioError(`${JSON.stringify(entry.path)}: a path in the archive has no NUL`);
  }
  if (entry.path === TRAILER) {
    throw new CpioError(`'${TRAILER}' marks the end of an archive and cannot be a file's name`);
  }
  if (!Number.isInteger(entry.permissions) || entry.permissions < 0 || entry.permissions > MAX_PERMISSIONS) {
    throw new CpioError(`${entry.path}: permissions ${entry.permissions} are not between 0 and 0o7777`);
  }
}

/** Throws unless every path is well formed and unique and comes below a directory of the archive. */
function checkEntries(entries: readonly CpioEntry[]): void {
  const kinds = new Map<string, CpioEntry['kind']>();
  for (const entry of entries) {
    checkPath(entry);
    if (kinds.has(entry.path)) {
      throw new CpioError(`${entry.path}: named twice`);
    }
    kinds.set(entry.path, entry.kind);
  }
  for (const path of kinds.keys()) {
    const slash = path.lastIndexOf('/');
    const parent = path.slice(0, Math.max(slash, 0));
    if (slash !== -1 && kinds.get(parent) !== 'directory') {
      throw new CpioError(`${path}: ${parent} is no directory of the archive`);
    }
  }
}

/** Byte order of the paths: a directory always comes before what it holds. */
function comparePaths(a: CpioEntry, b: CpioEntry): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}

function contents(entry: CpioEntry): Uint8Array {
  switch (entry.kind) {
    case 'file':
      return entry.data;
    case 'symbolic-link':
      return encoder.encode(entry.target);
    default:
      return new Uint8Array(0);
  }
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const archive = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    archive.set(part, offset);
    offset += part.length;
  }
  return archive;
}

/**
 * The bytes of a newc archive holding `entries`, sorted by path, with modification time 0 and inode
 * numbers 1, 2, 3 … in that order.
 *
 * @throws CpioError when an entry is malformed, named twice, or lies below no directory of the archive.
 */
export function writeCpio(entries: readonly CpioEntry[]): Uint8Array {
  checkEntries(entries);
  const parts: Uint8Array[] = [];
  let inode = 1;
  for (const entry of [...entries].sort(comparePaths)) {
    const data = contents(entry);
    const device = entry.kind === 'character-device';
    parts.push(
      ...header(entry.path, {
        inode: inode++,
        mode: TYPE_BITS[entry.kind] | entry.permissions,
        uid: entry.uid ?? 0,
        gid: entry.gid ?? 0,
        links: entry.kind === 'directory' ? 2 : 1,
        size: data.length,
        deviceMajor: device ? entry.major : 0,
        deviceMinor: device ? entry.minor : 0,
      }),
      data,
      padding(data.length, ALIGNMENT),
    );
  }
  const none = { inode: 0, mode: 0, uid: 0, gid: 0, size: 0, deviceMajor: 0, deviceMinor: 0 };
  parts.push(...header(TRAILER, { ...none, links: 1 }));
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return concatenate([...parts, padding(length, BLOCK)]);
}
