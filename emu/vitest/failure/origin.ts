import type { InputEntry, Snapshot } from '../../machine/index.ts';
import type { Machine } from '../../puffer-machine.ts';
import type { Beginning } from './recording.ts';

/** What of an origin a checkpoint keeps. */
export interface OriginState {
  readonly moment: Snapshot | undefined;
  readonly beginning: Beginning | undefined;
  readonly inputs: { readonly cursor: number; readonly last: InputEntry | undefined };
}

/** The moment that a machine was last put back to, and where in its input log a recording of what followed begins. */
export class Origin {
  readonly #machine: Machine;
  #moment: Snapshot | undefined;
  #beginning: Beginning | undefined;
  /** Where what the test did last began. */
  #lastAction = 0;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** That moment; undefined before there ever was one. */
  get moment(): Snapshot | undefined {
    return this.#moment;
  }

  /** Where a recording of what the machine does now begins: that moment, or the present. */
  beginning(): Beginning {
    return this.#beginning ?? this.#present();
  }

  /** The test does something now. */
  noteAction(): void {
    this.#lastAction = this.#machine.position;
  }

  /** The position at which what the test did last began. */
  get lastAction(): number {
    return Math.min(this.#lastAction, this.#machine.position);
  }

  /** Nothing has happened since then. */
  get untouched(): boolean {
    const { core } = this.#machine;
    return core.position === this.#moment?.position && core.input.cursor === this.#beginning?.inputs;
  }

  /** The machine has been put back to a moment. */
  begin(moment: Snapshot): void {
    this.#moment = moment;
    this.noteAction();
    // Taken anew: this one belongs to the input log that begins here.
    this.#beginning = this.#present();
  }

  save(): OriginState {
    const { cursor, entries } = this.#machine.core.input;
    return {
      moment: this.#moment,
      beginning: this.#beginning,
      inputs: { cursor, last: entries[cursor - 1] },
    };
  }

  /** The machine has been put back to the moment at which this was saved. */
  goBack({ moment, beginning, inputs }: OriginState): void {
    this.#moment = moment;
    // When another log had begun meanwhile, the one that led here is lost.
    const { cursor, entries } = this.#machine.core.input;
    const isKnown = cursor === inputs.cursor && entries[cursor - 1] === inputs.last;
    this.#beginning = isKnown ? beginning : this.#present();
  }

  #present(): Beginning {
    const { core } = this.#machine;
    return { snapshot: core.snapshot(), inputs: core.input.cursor };
  }
}
