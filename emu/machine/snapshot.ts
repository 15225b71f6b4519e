import type { DeviceState } from './device.ts';
import type { Ending } from './ending.ts';
import type { InputPoint } from './input-log.ts';
import type { Pages } from './pages.ts';

/**
 * The whole machine at one moment. It is never changed, shares with other snapshots the pages they have in common,
 * and can be restored any number of times.
 */
export interface Snapshot {
  /** Bytes of RAM of the machine. */
  readonly memorySize: number;
  /** Steps since power-on. */
  readonly position: number;
  /** Guest time in ns. */
  readonly time: number;
  /** The processor's state page, below `layout.STATE_END`. */
  readonly processor: Uint8Array;
  readonly pages: Pages;
  /** Device states by device name. */
  readonly devices: DeviceState;
  /** The place in the machine's input log; undefined when the snapshot comes from a file. */
  readonly input: InputPoint | undefined;
  /** Present when the machine had ended. */
  readonly ending: Ending | undefined;
}

export type SnapshotErrorCode =
  /** The bytes are no snapshot. */
  | 'notASnapshot'
  /** The snapshot was written by another version. */
  | 'version'
  | 'truncated'
  | 'damaged'
  /** The snapshot is of a machine with another memory size or other devices. */
  | 'otherMachine';

/** A snapshot that cannot be read or restored. */
export class SnapshotError extends Error {
  readonly code: SnapshotErrorCode;

  constructor(code: SnapshotErrorCode, message: string) {
    super(message);
    this.name = 'SnapshotError';
    this.code = code;
  }
}
