import { formatFrame } from '../kernel/index.ts';
import type { MachineStop } from '../machine/index.ts';
import type { BootedGuest } from '../vitest/booted-guest.ts';
import { GuestTestError } from '../vitest/errors.ts';
import type { Call } from '../vitest/scratch/calls.ts';
import { encodeProgram } from '../vitest/scratch/encode.ts';
import { FIRST_CALL, SCRATCH_CALLS, SHARED } from '../vitest/scratch/layout.ts';
import { SystemCallNames } from '../vitest/scratch/system-call-names.ts';
import { FuzzError } from './errors.ts';
import { InterruptInjector } from './interrupt.ts';
import type { FuzzInterrupt } from './program.ts';

const PAGE_SIZE = 4096;
const PAGE_MASK = 0xfffn;
/** Steps that a list of calls may take: programs are ended after less, and what comes then is the kernel's. */
const STEP_BUDGET = 300_000_000;
/** Guest ns: programs are ended long before. */
const PATIENCE = 4_000_000_000;

/** The panic of a run. */
export interface Panic {
  readonly message: string;
  /** The functions it happened in, innermost first. */
  readonly functions: readonly string[];
  /** The same with their places. */
  readonly stack: readonly string[];
}

/** A call in the middle of which a device interrupts. */
export interface InterruptedCall {
  readonly call: Call;
  readonly interrupt: FuzzInterrupt;
}

/** How a list of calls ended. */
export type RunEnd = 'parked' | 'steps' | 'time' | 'panic' | 'stopped';

/**
 * The scratch process, driven for thousands of programs: its memory is written where it is known to lie, and the machine runs until it
 * has made all its calls.
 */
export class ScratchRunner {
  readonly guest: BootedGuest;
  readonly thread: bigint;
  readonly #names: SystemCallNames;
  readonly #frames = new Map<bigint, number>();
  readonly #detach: (() => void)[] = [];
  readonly #interrupts: InterruptInjector;
  #parked = false;
  #started = 0;
  #free = FIRST_CALL;
  #panic: Panic | undefined;

  /** The guest's scratch process must be parked. `park`: the address of `scratch_park`. */
  constructor(guest: BootedGuest) {
    this.guest = guest;
    const { machine } = guest;
    const { scratch } = guest;
    this.thread = scratch.thread.address;
    this.#names = new SystemCallNames(machine.kernel);
    this.#interrupts = new InterruptInjector(machine);
    const park = machine.register('rip');
    // The kit watches the same process; here it is this runner's alone.
    scratch.release();
    this.#detach.push(
      machine.core.breakpoints.add(park, () => {
        if (machine.position === this.#started) return 'continue';
        if (machine.kernel.currentThread()?.address !== this.thread) return 'continue';
        this.#parked = true;
        return 'stop';
      }),
      machine.on('kernel:panic', ({ message, trace }) => {
        this.#panic = {
          message,
          functions: trace.flatMap((frame) => frame.function ?? []),
          stack: trace.map(formatFrame),
        };
        machine.core.requestStop();
      }),
    );
  }

  /** The panic that ended the last run. */
  get panic(): Panic | undefined {
    return this.#panic;
  }

  /** Watches the process no more. */
  dispose(): void {
    for (const one of this.#detach.splice(0)) one();
    this.#interrupts.dispose();
  }

  /** Programs are put at the beginning of their room again; the machine has been put back. */
  reset(): void {
    this.#free = FIRST_CALL;
    this.#panic = undefined;
  }

  /** Writes the process's memory. What was never touched must not be written. Throws FuzzError 'bad-guest'. */
  write(address: bigint, bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) {
      const at = address + BigInt(done);
      const offset = Number(at & PAGE_MASK);
      const length = Math.min(bytes.length - done, PAGE_SIZE - offset);
      this.guest.machine.core.writeMemory(
        this.#frame(at & ~PAGE_MASK) + offset,
        bytes.subarray(done, done + length),
      );
      done += length;
    }
  }

  /** Lets the process make calls. Text among their arguments lies beside the calls themselves. `interrupted`: one of them, or of a child's. Throws GuestTestError 'bad-expectation'. */
  run(calls: readonly Call[], interrupted?: InterruptedCall): RunEnd {
    const texts: { readonly address: bigint; readonly bytes: Uint8Array }[] = [];
    const room = 0x3000n;
    const base = this.#free;
    let next = base;
    const program = encodeProgram(calls, {
      numberOf: (name) => this.#names.numberOf(name),
      place: (bytes) => {
        const address = next;
        next += BigInt(Math.ceil((bytes.length + 1) / 16) * 16);
        if (next > base + room) throw new GuestTestError('bad-expectation', 'too much text');
        texts.push({ address, bytes });
        return address;
      },
      base: base + room,
      unjudged: true,
    });
    for (const { address, bytes } of texts) this.write(address, bytes);
    this.write(program.base, program.bytes);
    // Children of a program that are still there may read on in it: the next one is put behind it.
    this.#free = program.base + BigInt(program.bytes.length);
    const entry = new Uint8Array(8);
    new DataView(entry.buffer).setBigUint64(0, program.base, true);
    this.write(SCRATCH_CALLS + BigInt(SHARED.entry), entry);
    const offset = interrupted === undefined ? undefined : program.offsets.get(interrupted.call);
    if (interrupted !== undefined && offset !== undefined) {
      this.#interrupts.arm(interrupted.interrupt, program.base + BigInt(offset));
    }
    const end = this.resume();
    this.#interrupts.disarm();
    return end;
  }

  /** Goes on with the calls. */
  resume(): RunEnd {
    const { machine } = this.guest;
    this.#parked = false;
    this.#started = machine.position;
    const untilTime = machine.guestTime + PATIENCE;
    const end = machine.position + STEP_BUDGET;
    let stop: MachineStop;
    for (;;) {
      const due = this.#interrupts.due;
      if (due !== undefined && machine.position >= due) {
        this.#interrupts.interrupt();
        continue;
      }
      stop = machine.core.run({ untilTime, untilPosition: Math.min(end, due ?? end) });
      if (this.#panic !== undefined || this.#parked || this.#interrupts.due === undefined) break;
      if (machine.position >= end || (stop.reason !== 'position' && stop.reason !== 'breakpoint')) break;
    }
    if (this.#panic !== undefined) return 'panic';
    if (this.#parked) return 'parked';
    if (stop.reason === 'time' || stop.reason === 'idle') return 'time';
    return stop.reason === 'position' ? 'steps' : 'stopped';
  }

  /** The frame of a page of the process, which keeps it as long as the machine is put back to the same moment. */
  #frame(page: bigint): number {
    let frame = this.#frames.get(page);
    if (frame === undefined) {
      const { inspector } = this.guest.machine.cpu.system;
      const found = inspector.translate(page, { kind: 'write', user: true });
      if (found.kind !== 'mapped') {
        throw new FuzzError(
          'bad-guest',
          `the scratch process has no page at 0x${page.toString(16)} that it may write`,
        );
      }
      frame = found.physical;
      this.#frames.set(page, frame);
    }
    return frame;
  }
}
