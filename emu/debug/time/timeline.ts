import type { Machine } from '../../machine/index.ts';
import { type CheckpointOptions, Checkpoints } from './checkpoints.ts';
import { Course } from './course.ts';

/** How far a long search or journey has come. */
export interface Journey {
  /** Steps done, and all of them as far as is known. */
  readonly done: number;
  readonly total: number;
}

/** What a journey through time asks of its host. */
export interface Traveller {
  /** Gives the host's events their turn. */
  breathe(): Promise<void>;
  /** The person wants it to end. */
  readonly interrupted: boolean;
  /** Called between two pieces of a long journey. */
  progress?(journey: Journey): void;
}

/** Something that happened on the way, at a position; what is called last happened last. */
export type Hit<T> = (position: number, what: T) => void;

/** Installs what notices the things that are searched for. Returns what removes it again. */
export type Search<T> = (hit: Hit<T>) => () => void;

export interface Found<T> {
  readonly position: number;
  readonly what: T;
}

/** Why a search ended without finding anything. */
export type NotFound = 'historyBegin' | 'interrupted';

/** Steps between two looks at the host. */
const CHUNK = 2_000_000;
/** The last part of a journey leaves checkpoints, so that further steps back are short. */
const APPROACH = 16_000_000;

/** A machine's past and present: any position since the first checkpoint can be gone to, and what happened be searched for, backwards. */
export class Timeline {
  readonly checkpoints: Checkpoints;
  readonly course: Course;
  readonly #machine: Machine;
  /** No checkpoints are taken: nothing can be gone back to. */
  readonly #forwardOnly: boolean;
  /** The furthest position that this course has reached. */
  #latest: number;
  /** The end of an opened recording: nothing is known beyond it. */
  #recordedEnd: number | undefined;

  constructor(machine: Machine, options: Partial<CheckpointOptions> | 'forwardOnly' = {}) {
    this.#machine = machine;
    this.#forwardOnly = options === 'forwardOnly';
    this.checkpoints = new Checkpoints(machine, options === 'forwardOnly' ? {} : options);
    this.course = new Course(machine);
    this.#latest = machine.position;
    this.course.onChange((position) => {
      this.checkpoints.forgetAfter(position);
      this.#latest = position;
      this.#recordedEnd = undefined;
    });
  }

  get earliest(): number {
    return this.checkpoints.earliest;
  }

  get latest(): number {
    return Math.max(this.#latest, this.#machine.position);
  }

  /** A recording has been opened: history goes as far as it does, though this machine has not lived through it yet. */
  opened(end: number): void {
    this.#recordedEnd = end;
    this.#latest = Math.max(this.#latest, end);
  }

  /** Steps left in an opened recording; undefined when the machine lives freely. */
  get stepsRecorded(): number | undefined {
    return this.#recordedEnd === undefined
      ? undefined
      : Math.max(0, this.#recordedEnd - this.#machine.position);
  }

  /** Whether the present lies before a moment that was already lived through. */
  get isReplaying(): boolean {
    return this.#machine.position < this.#latest;
  }

  /** To be called before each piece of a forward run: takes a checkpoint when one is due. Returns how many steps the piece may have. */
  advance(): number {
    this.ran();
    return this.#forwardOnly ? Number.MAX_SAFE_INTEGER : this.checkpoints.advance();
  }

  /** To be called after each piece of a forward run. */
  ran(): void {
    this.course.look();
    this.#latest = Math.max(this.#latest, this.#machine.position);
  }

  /**
   * Goes to a position of the past, or forward as far as that has been lived through. False when the person interrupted it; the machine
   * is then somewhere on the way. The caller keeps its own breakpoints from stopping it.
   */
  async goTo(position: number, traveller: Traveller): Promise<boolean> {
    const machine = this.#machine;
    const from = this.checkpoints.atOrBefore(position);
    const present = machine.position;
    if (position < present || (from !== undefined && from.position > present)) {
      if (from === undefined) throw new RangeError(`no checkpoint before position ${position}`);
      machine.restore(from);
    }
    const start = machine.position;
    while (machine.position < position) {
      const left = position - machine.position;
      const due = left > APPROACH ? left - APPROACH : this.checkpoints.advance();
      const before = machine.position;
      machine.run({ untilPosition: before + Math.min(left, due, CHUNK) });
      if (machine.position === before) break;
      if (machine.position >= position) break;
      traveller.progress?.({ done: machine.position - start, total: position - start });
      await traveller.breathe();
      if (traveller.interrupted) return false;
    }
    this.ran();
    return true;
  }

  /**
   * The last thing that a search notices before a position, looking back from checkpoint to checkpoint. The machine is left anywhere in its
   * past; the caller goes where it wants to be.
   */
  async findLast<T>(before: number, search: Search<T>, traveller: Traveller): Promise<Found<T> | NotFound> {
    const total = before - this.earliest;
    let until = before;
    for (;;) {
      const from = this.checkpoints.before(until);
      if (from === undefined) return 'historyBegin';
      this.#machine.restore(from);
      const found = await this.#lastIn(until, search, traveller);
      if (found === 'interrupted') return found;
      if (found !== undefined) return found;
      until = from.position;
      traveller.progress?.({ done: before - until, total });
      await traveller.breathe();
      if (traveller.interrupted) return 'interrupted';
    }
  }

  /** Runs up to a position, and says what was noticed last. */
  async #lastIn<T>(
    until: number,
    search: Search<T>,
    traveller: Traveller,
  ): Promise<Found<T> | undefined | 'interrupted'> {
    const machine = this.#machine;
    let last: Found<T> | undefined;
    const remove = search((position, what) => {
      if (position < until) last = { position, what };
    });
    try {
      while (machine.position < until) {
        const before = machine.position;
        machine.run({ untilPosition: Math.min(until, before + CHUNK) });
        if (machine.position === before) break;
        if (machine.position >= until) break;
        await traveller.breathe();
        if (traveller.interrupted) return 'interrupted';
      }
    } finally {
      remove();
    }
    return last;
  }
}
