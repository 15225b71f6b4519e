import {
  decodeSnapshot,
  encodeSnapshot,
  type InputEntry,
  type Snapshot,
  SnapshotError,
} from '../../machine/index.ts';

/**
 * The file form of a recording, little-endian: 8 bytes of magic, version (u32), length of the header (u32), the header as JSON (the input
 * log among it), then the snapshot that it begins with (see `snapshot-file`). Whoever writes it to a disk may compress it.
 */
const MAGIC = 'PUFFRECO';
const VERSION = 1;
const PREFIX_SIZE = 16;
const HEX = 16;

/** Which kernel a recording was made with. */
export interface RecordedKernel {
  /** Its file's name, for messages. */
  readonly name: string;
  /** GNU build-id, or `hash:` and a hash of the file when it has none. */
  readonly identity: string;
}

/** A stretch of a machine's life: where it begins, what came in from outside, where it ends. */
export interface Recording {
  readonly kernel: RecordedKernel;
  readonly commandLine: string;
  readonly start: Snapshot;
  readonly input: readonly InputEntry[];
  /** The last position. */
  readonly end: number;
  /** Hash of the whole machine state there: the replay is checked by it. */
  readonly endHash: string;
}

export type RecordingErrorCode =
  /** The bytes are no recording. */
  | 'notARecording'
  /** It was written by another version. */
  | 'version'
  | 'damaged'
  /** It belongs to another kernel, or to a machine with other memory. */
  | 'otherMachine'
  /** The replay came to another state than the recorded run: a defect. */
  | 'diverged';

/** A recording that cannot be used; nothing was changed. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError';
  readonly code: RecordingErrorCode;

  constructor(code: RecordingErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** An entry of the input log in JSON: bytes in hexadecimal, a 64-bit value as text. */
type StoredEntry = Readonly<Record<string, unknown>>;

interface Header {
  readonly kernel: RecordedKernel;
  readonly commandLine: string;
  readonly end: number;
  readonly endHash: string;
  readonly input: readonly (StoredEntry | null)[];
}

export function encodeRecording(recording: Recording): Uint8Array {
  const { kernel, commandLine, end, endHash } = recording;
  const header: Header = { kernel, commandLine, end, endHash, input: recording.input.map(storedEntry) };
  const json = new TextEncoder().encode(JSON.stringify(header));
  const snapshot = encodeSnapshot(recording.start);
  const bytes = new Uint8Array(PREFIX_SIZE + json.length + snapshot.length);
  bytes.set(new TextEncoder().encode(MAGIC), 0);
  const view = new DataView(bytes.buffer);
  view.setUint32(8, VERSION, true);
  view.setUint32(12, json.length, true);
  bytes.set(json, PREFIX_SIZE);
  bytes.set(snapshot, PREFIX_SIZE + json.length);
  return bytes;
}

/** Reads what `encodeRecording` wrote. Throws RecordingError. */
export function decodeRecording(bytes: Uint8Array): Recording {
  const magic = new TextDecoder().decode(bytes.subarray(0, MAGIC.length));
  if (magic !== MAGIC) throw new RecordingError('notARecording', 'the file is not a puffer recording');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < PREFIX_SIZE) throw damaged('it ends early');
  const version = view.getUint32(8, true);
  if (version !== VERSION) {
    throw new RecordingError(
      'version',
      `the recording has version ${version}; this puffer reads version ${VERSION}: record it again`,
    );
  }
  const snapshotAt = PREFIX_SIZE + view.getUint32(12, true);
  if (snapshotAt > bytes.length) throw damaged('it ends early');
  const header = readHeader(bytes.subarray(PREFIX_SIZE, snapshotAt));
  const { kernel, commandLine, end, endHash } = header;
  const start = readSnapshot(bytes.subarray(snapshotAt));
  if (end < start.position) throw damaged('it ends before it begins');
  const input = header.input.map(entryOf);
  checkOrder(input, end);
  return { kernel, commandLine, end, endHash, start, input };
}

/** Entries come one after the other, and none after the end. */
function checkOrder(input: readonly InputEntry[], end: number): void {
  let before = 0;
  for (const { position } of input) {
    if (position < before || position > end) throw damaged('an input is not in its place');
    before = position;
  }
}

function readSnapshot(bytes: Uint8Array): Snapshot {
  try {
    return decodeSnapshot(bytes);
  } catch (error) {
    if (error instanceof SnapshotError) throw damaged(error.message);
    throw error;
  }
}

function readHeader(bytes: Uint8Array): Header {
  let value: Partial<Header> | null;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes)) as Partial<Header> | null;
  } catch {
    throw damaged('its header is not JSON');
  }
  if (value === null || typeof value !== 'object') throw damaged('its header is no object');
  const { kernel, commandLine, end, endHash, input } = value;
  const sound =
    typeof kernel?.name === 'string' &&
    typeof kernel.identity === 'string' &&
    typeof commandLine === 'string' &&
    Number.isSafeInteger(end) &&
    typeof endHash === 'string' &&
    Array.isArray(input);
  if (!sound) throw damaged('its header lacks a field or has a wrong one');
  return value as Header;
}

function damaged(why: string): RecordingError {
  return new RecordingError('damaged', `the recording is damaged: ${why}`);
}

function storedEntry(entry: InputEntry): StoredEntry {
  return Object.fromEntries(
    Object.entries(entry).map(([key, value]) => [
      key,
      value instanceof Uint8Array ? hex(value) : storedValue(value),
    ]),
  );
}

function storedValue(value: unknown): unknown {
  return typeof value === 'bigint' ? `0x${value.toString(HEX)}` : value;
}

/** Throws RecordingError 'damaged' for what no machine takes as input. */
function entryOf(stored: StoredEntry | null): InputEntry {
  if (stored === null || typeof stored !== 'object') throw damaged('an input that is none');
  const { kind, position, time } = stored;
  if (!Number.isSafeInteger(position) || !Number.isSafeInteger(time))
    throw damaged('an input has no place in time');
  const mark = { position: position as number, time: time as number };
  switch (kind) {
    case 'console':
      return { ...mark, kind, bytes: bytesOf(stored.bytes), scripted: stored.scripted === true };
    case 'break':
      return { ...mark, kind };
    case 'interrupts':
      return { ...mark, kind, held: stored.held === true };
    case 'time':
      return { ...mark, kind, nanoseconds: numberOf(stored.nanoseconds) };
    case 'keyboard':
      return { ...mark, kind, codes: numbersOf(stored.codes) };
    case 'memory':
      return { ...mark, kind, address: numberOf(stored.address), bytes: bytesOf(stored.bytes) };
    case 'register':
      return {
        ...mark,
        kind,
        slot: numberOf(stored.slot),
        size: stored.size === 4 ? 4 : 8,
        value: bigintOf(stored.value),
      };
    default:
      throw damaged(`an input of kind ${String(kind)}`);
  }
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(HEX).padStart(2, '0')).join('');
}

function bytesOf(value: unknown): Uint8Array {
  if (typeof value !== 'string' || value.length % 2 !== 0 || /[^0-9a-f]/.test(value))
    throw damaged('bytes that are none');
  return Uint8Array.from(value.match(/../g) ?? [], (pair) => Number.parseInt(pair, HEX));
}

function numberOf(value: unknown): number {
  if (!Number.isSafeInteger(value)) throw damaged('a number that is none');
  return value as number;
}

function numbersOf(value: unknown): number[] {
  if (!Array.isArray(value)) throw damaged('a list that is none');
  return value.map(numberOf);
}

function bigintOf(value: unknown): bigint {
  if (typeof value !== 'string' || !/^0x[0-9a-f]{1,16}$/.test(value)) throw damaged('a value that is none');
  return BigInt(value);
}
