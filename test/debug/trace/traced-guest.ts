import { readFileSync } from 'node:fs';
import {
  FunctionTrace,
  type FunctionTraceOptions,
  type TraceCall,
  type TraceLeave,
  type TraceVisitor,
} from '../../../emu/debug/trace/index.ts';
import type { Snapshot } from '../../../emu/machine/index.ts';
import { Machine } from '../../../emu/puffer-machine.ts';
import { appendToCpio } from '../../../scripts/guest/cpio-append.ts';
import { absolute, type CpioFile, guestPaths } from '../../../scripts/guest/index.ts';

/** What a visitor was told of calls, in order. */
export type Told =
  | { readonly kind: 'enter'; readonly call: TraceCall }
  | { readonly kind: 'leave'; readonly call: TraceCall; readonly leave: TraceLeave };

/** Keeps what a trace tells. */
export class Listener implements TraceVisitor {
  readonly told: Told[] = [];
  readonly switches: { readonly position: number; readonly to: number }[] = [];
  ended = false;

  enter(call: TraceCall): void {
    this.told.push({ kind: 'enter', call });
  }

  leave(call: TraceCall, leave: TraceLeave): void {
    this.told.push({ kind: 'leave', call, leave });
  }

  switched({ position }: { position: number }, _from: unknown, to: { number: number }): void {
    this.switches.push({ position, to: to.number });
  }

  event(): void {}
  counters(): void {}

  end(): void {
    this.ended = true;
  }

  get calls(): TraceCall[] {
    return this.told.flatMap((one) => (one.kind === 'enter' ? [one.call] : []));
  }

  /** How a call was left. */
  leaveOf(call: TraceCall): TraceLeave | undefined {
    return this.told.flatMap((one) => (one.kind === 'leave' && one.call === call ? [one.leave] : []))[0];
  }
}

const file = (name: string) => ({ name, bytes: new Uint8Array(readFileSync(absolute(name))) });

/** The guest at its first prompt, put back to it for each command. */
export class TracedGuest {
  readonly machine: Machine;
  readonly #prompt: Snapshot;

  /** `added`: files that the image has besides its own. */
  constructor(added: readonly CpioFile[] = []) {
    const initrd = file(guestPaths.initrd);
    this.machine = Machine.create({
      kernel: file(guestPaths.kernel),
      initrd: added.length === 0 ? initrd : { ...initrd, bytes: appendToCpio(initrd.bytes, added) },
      commandLine: 'seed=1 time=1700000000',
    });
    this.machine.run({ text: '# ' });
    this.#prompt = this.machine.core.snapshot();
  }

  /** Runs a command up to the next prompt, in slices of so many steps. */
  run(command: string, slice = Number.MAX_SAFE_INTEGER, between: () => void = () => {}): void {
    const { machine } = this;
    machine.console.write(`${command}\n`);
    while (machine.run({ text: '# ', budget: slice }).reason === 'budget') between();
  }

  rewind(): void {
    this.machine.core.restore(this.#prompt);
    this.machine.core.input.dropRest();
  }

  /** Rewinds, and traces a command. */
  trace(command: string, options: Partial<FunctionTraceOptions> = {}, slice?: number): Listener {
    this.rewind();
    const listener = new Listener();
    const { kernel, tracer } = this.machine;
    const trace = new FunctionTrace({ kernel, tracer, visitor: listener, ...options });
    try {
      this.run(command, slice, () => trace.flush());
    } finally {
      trace.end();
    }
    return listener;
  }
}
