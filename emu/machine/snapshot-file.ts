import { STATE_END } from '../cpu/layout.ts';
import type { DeviceState } from './device.ts';
import type { Ending } from './ending.ts';
import { PAGE_SIZE, pagesFrom, presentPages } from './pages.ts';
import { type Snapshot, SnapshotError } from './snapshot.ts';

/**
 * The file form of a snapshot, little-endian: 8 bytes of magic, version (u32), length of the description (u32), the
 * description as JSON, the processor's state page, then the pages in the order in which the description lists them.
 */
const MAGIC = 'PUFFSNAP';
const VERSION = 3;
const HEADER_SIZE = 16;
/** No machine has more than the 32-bit address space. */
const MAXIMUM_MEMORY = 2 ** 32;

interface Description {
  readonly memorySize: number;
  readonly position: number;
  readonly time: number;
  readonly devices: DeviceState;
  readonly ending: Ending | null;
  /** Numbers of the pages that follow; all others are zero. */
  readonly pages: readonly number[];
}

/** A snapshot as bytes. Its place in the input log is not kept: a machine that restores it begins a new log. */
export function encodeSnapshot(snapshot: Snapshot): Uint8Array {
  const present = presentPages(snapshot.pages);
  const description: Description = {
    memorySize: snapshot.memorySize,
    position: snapshot.position,
    time: snapshot.time,
    devices: snapshot.devices,
    ending: snapshot.ending ?? null,
    pages: present.map(([number]) => number),
  };
  const json = new TextEncoder().encode(JSON.stringify(description));
  const size = HEADER_SIZE + json.length + snapshot.processor.length + present.length * PAGE_SIZE;
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode(MAGIC), 0);
  view.setUint32(8, VERSION, true);
  view.setUint32(12, json.length, true);
  bytes.set(json, HEADER_SIZE);
  let at = HEADER_SIZE + json.length;
  bytes.set(snapshot.processor, at);
  at += snapshot.processor.length;
  for (const [, page] of present) {
    bytes.set(page, at);
    at += PAGE_SIZE;
  }
  return bytes;
}

/** Reads what `encodeSnapshot` wrote. Throws SnapshotError. */
export function decodeSnapshot(file: Uint8Array): Snapshot {
  // A subclass may have another idea of `slice`: Node's Buffer does not copy.
  const bytes = new Uint8Array(file.buffer, file.byteOffset, file.byteLength);
  const magic = new TextDecoder().decode(bytes.subarray(0, MAGIC.length));
  if (magic !== MAGIC) throw new SnapshotError('notASnapshot', 'the file is not a puffer snapshot');
  if (bytes.length < HEADER_SIZE) throw truncated(bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint32(8, true);
  if (version !== VERSION) {
    throw new SnapshotError(
      'version',
      `the snapshot has version ${version}; this puffer reads version ${VERSION}: take it again`,
    );
  }
  const processorAt = HEADER_SIZE + view.getUint32(12, true);
  const pagesAt = processorAt + STATE_END;
  if (bytes.length < pagesAt) throw truncated(bytes.length);
  const description = readDescription(bytes.subarray(HEADER_SIZE, processorAt));
  if (bytes.length !== pagesAt + description.pages.length * PAGE_SIZE) throw truncated(bytes.length);

  const count = description.memorySize / PAGE_SIZE;
  const present = description.pages.map((number, index): [number, Uint8Array] => {
    if (number >= count) throw new SnapshotError('damaged', `the snapshot has a page ${number} beyond RAM`);
    const at = pagesAt + index * PAGE_SIZE;
    return [number, bytes.slice(at, at + PAGE_SIZE)];
  });
  return {
    memorySize: description.memorySize,
    position: description.position,
    time: description.time,
    processor: bytes.slice(processorAt, pagesAt),
    pages: pagesFrom(count, present),
    devices: description.devices,
    input: undefined,
    ending: description.ending ?? undefined,
  };
}

function readDescription(bytes: Uint8Array): Description {
  let value: Partial<Description>;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes)) as Partial<Description>;
  } catch {
    throw new SnapshotError('damaged', "the snapshot's description is not JSON");
  }
  const numbers = [value.memorySize, value.position, value.time];
  const sound =
    numbers.every((number) => Number.isSafeInteger(number) && (number as number) >= 0) &&
    (value.memorySize as number) % PAGE_SIZE === 0 &&
    (value.memorySize as number) <= MAXIMUM_MEMORY &&
    typeof value.devices === 'object' &&
    value.devices !== null &&
    Array.isArray(value.pages) &&
    value.pages.every((number) => Number.isSafeInteger(number) && number >= 0);
  if (!sound)
    throw new SnapshotError('damaged', "the snapshot's description lacks a field or has a wrong one");
  return value as Description;
}

function truncated(length: number): SnapshotError {
  return new SnapshotError('truncated', `the snapshot ends early or has bytes left over (${length} bytes)`);
}
