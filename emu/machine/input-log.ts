/** When something came in from outside: the position in steps and the guest time in ns (idle time passes between steps). */
export interface InputMark {
  readonly position: number;
  readonly time: number;
}

/** What came in. Everything that can change a run and is not in the guest is one of these. */
export type InputEvent =
  /** Bytes for the console's receiver. `scripted`: taken from the script, not typed. */
  | { readonly kind: 'console'; readonly bytes: Uint8Array; readonly scripted: boolean }
  /** A break on the console's line. */
  | { readonly kind: 'break' }
  /** Keys of the keyboard: codes of scan code set 2. */
  | { readonly kind: 'keyboard'; readonly codes: readonly number[] }
  /** A debugger holds interrupts off the processor, or lets them through again. */
  | { readonly kind: 'interrupts'; readonly held: boolean }
  /** Guest time jumps forward: a fault injection. */
  | { readonly kind: 'time'; readonly nanoseconds: number }
  /** A debugger or a fault injection wrote RAM at a physical address. */
  | { readonly kind: 'memory'; readonly address: number; readonly bytes: Uint8Array }
  /** A debugger wrote a slot of the processor's state (an offset of `cpu/layout`) of 4 or 8 bytes. */
  | { readonly kind: 'register'; readonly slot: number; readonly size: 4 | 8; readonly value: bigint };

export type InputEntry = InputMark & InputEvent;

export type InputErrorCode =
  /** A log is being replayed: nothing else may come in. */
  | 'replaying'
  /** An entry of a replayed log lies before the present moment. */
  | 'missed'
  /** The entries of a log are not in order. */
  | 'badLog';

/** Input that cannot be taken. */
export class InputError extends Error {
  readonly code: InputErrorCode;

  constructor(code: InputErrorCode, message: string) {
    super(message);
    this.name = 'InputError';
    this.code = code;
  }
}

/** A place in a log. Entries are never changed, so that the last one before it tells whether a log has the place. */
export interface InputPoint {
  readonly root: object;
  readonly cursor: number;
  readonly last: InputEntry | undefined;
}

/**
 * The one door through which anything from outside reaches the machine. It records, or it replays: then its
 * entries come in by themselves at their marks, and live input is refused.
 */
export class InputLog {
  readonly #entries: InputEntry[] = [];
  /** Tells this log's beginning from any other's. */
  #root: object = {};
  /** Entries before it have been applied. */
  #cursor = 0;
  /** When the last entry has been replayed: go on with live input, or refuse it for good. */
  #thenLive = true;

  /** All entries, those still to be replayed included. */
  get entries(): readonly InputEntry[] {
    return this.#entries;
  }

  /** How many entries have been applied. */
  get cursor(): number {
    return this.#cursor;
  }

  /** Live input is refused. */
  get replaying(): boolean {
    return this.#cursor < this.#entries.length || !this.#thenLive;
  }

  /** The next entry to be replayed. */
  get next(): InputEntry | undefined {
    return this.#entries[this.#cursor];
  }

  /** Records live input. Throws InputError 'replaying' while a log is replayed. */
  record(entry: InputEntry): void {
    if (this.replaying) {
      throw new InputError(
        'replaying',
        `input (${entry.kind}) at position ${entry.position} refused: a recorded run is being replayed;` +
          ' let it come to its end, or drop the rest of the recording first',
      );
    }
    this.#entries.push(entry);
    this.#cursor = this.#entries.length;
  }

  /** The next entry has been applied. */
  advance(): void {
    this.#cursor++;
  }

  /**
   * Replaces the log by a recorded one, to be replayed from its first entry on. Throws InputError 'badLog' when the
   * entries are not in order.
   */
  load(entries: readonly InputEntry[], thenLive: boolean): void {
    let last: InputMark = { position: 0, time: 0 };
    for (const [index, entry] of entries.entries()) {
      if (entry.position < last.position || entry.time < last.time) {
        throw new InputError('badLog', `entry ${index} of the input log lies before the one before it`);
      }
      last = entry;
    }
    this.#entries.splice(0, this.#entries.length, ...entries);
    this.#root = {};
    this.#cursor = 0;
    this.#thenLive = thenLive;
  }

  /** The present place in the log, for a snapshot. */
  point(): InputPoint {
    return { root: this.#root, cursor: this.#cursor, last: this.#entries[this.#cursor - 1] };
  }

  /**
   * Goes back (or forward) to a place: the entries after it will be replayed, and then live input goes on.
   * A place in another log, or in a part that was dropped, has no entries after it: an empty log begins there.
   */
  goTo(point: InputPoint | undefined): void {
    const known = point !== undefined && point.root === this.#root;
    if (known && (point.cursor === 0 || this.#entries[point.cursor - 1] === point.last)) {
      this.#cursor = point.cursor;
      this.#thenLive = true;
    } else {
      this.load([], true);
    }
  }

  /** Forgets what has not been replayed: from here on the run takes another course, with live input. */
  dropRest(): void {
    this.#entries.length = this.#cursor;
    this.#thenLive = true;
  }
}
