import { FlatMachine } from '../../emu/cpu/flat.ts';
import { BenchError } from './child.ts';
import { PLACES } from './loops.ts';
import { type Elapsed, elapsed } from './statistics.ts';

const RAM_SIZE = 8 * 2 ** 20;
const RSP = 4;
/** More steps than any loop takes. */
const BUDGET = 2 ** 40;

/** Bytes behind a loop's end: another instruction of its page. */
const BESIDE = 64;

/** Ends a loop: ring 0 halts. */
const HLT = 0xf4;

/**
 * A loop in puffer's interpreter tier, with no hook anywhere: a HLT ends it. Making it runs the loop once, so that V8 has
 * optimised before anything is timed.
 */
export class PufferLoop {
  readonly #machine: FlatMachine;
  readonly #end: bigint;
  /** Steps of one run. */
  readonly steps: number;

  constructor(code: Uint8Array) {
    this.#machine = new FlatMachine({ ramSize: RAM_SIZE });
    this.#machine.map(BigInt(PLACES.code), PLACES.size - PLACES.code, { writable: true, executable: true });
    this.#machine.setMode({ ring: 0, bits: 64 });
    this.#end = BigInt(PLACES.code + code.length);
    this.#machine.write(BigInt(PLACES.code), code);
    this.#machine.write(this.#end, Uint8Array.of(HLT));
    const before = this.#machine.cpu.position;
    this.#run();
    this.steps = this.#machine.cpu.position - before - 1;
  }

  /** Runs the loop once. Throws BenchError when it does not reach its end. */
  time(): Elapsed {
    return elapsed(() => this.#run());
  }

  /** Has breakpoints while it runs once, and removes them. */
  attachAndDetach(): void {
    const { cpu } = this.#machine;
    cpu.setBreakpoints([BigInt(PLACES.code), this.#end]);
    this.#start();
    for (let reached = 0; reached < 2; reached++) {
      const reason = cpu.run(BUDGET);
      if (reason !== 'breakpoint') throw new BenchError(`no breakpoint was reached: '${reason}'`);
    }
    cpu.setBreakpoints([]);
  }

  /** Counts what is executed. Returns what ends that. */
  countExecutions(): () => void {
    const { cpu } = this.#machine;
    cpu.countExecutions({ ownerOf: () => 0, counted: () => {} });
    return () => cpu.countExecutions(undefined);
  }

  /** Sets a breakpoint that is never reached on the page of the loop. Returns what removes it. */
  breakBeside(): () => void {
    const { cpu } = this.#machine;
    cpu.setBreakpoints([this.#end + BigInt(BESIDE)]);
    return () => cpu.setBreakpoints([]);
  }

  #start(): void {
    this.#machine.rip = BigInt(PLACES.code);
    this.#machine.registers[RSP] = BigInt(PLACES.stack);
  }

  #run(): void {
    this.#start();
    const { reason } = this.#machine.run({ budget: BUDGET });
    if (reason !== 'halted') throw new BenchError(`the loop ended with '${reason}'`);
  }
}
