import {
  type Bus,
  Cpu,
  type Processor,
  type State,
  type StopReason,
  type UnimplementedInstruction,
  type WatchedRange,
  type WatchHit,
} from '../../../emu/cpu/index.ts';

/**
 * The processor without what makes restoring fast: it knows no dirty pages, so that all of RAM is compared, and it
 * forgets every decoded instruction when its translations are dropped.
 */
export class FullCopyProcessor implements Processor {
  readonly state: State;
  readonly #cpu: Cpu;

  constructor(state: State, bus: Bus) {
    this.state = state;
    this.#cpu = new Cpu({ state, bus });
  }

  get position(): number {
    return this.#cpu.position;
  }

  get interruptRequest(): boolean {
    return this.#cpu.interruptRequest;
  }

  set interruptRequest(high: boolean) {
    this.#cpu.interruptRequest = high;
  }

  get onUnimplemented(): ((instruction: UnimplementedInstruction) => void) | undefined {
    return this.#cpu.onUnimplemented;
  }

  set onUnimplemented(listener: ((instruction: UnimplementedInstruction) => void) | undefined) {
    this.#cpu.onUnimplemented = listener;
  }

  interruptNonMaskably(): void {
    this.#cpu.interruptNonMaskably();
  }

  run(steps: number): StopReason {
    return this.#cpu.run(steps);
  }

  endSlice(): void {
    this.#cpu.endSlice();
  }

  reset(): void {
    this.#cpu.reset();
  }

  linearInstructionPointer(): bigint {
    return this.#cpu.linearInstructionPointer();
  }

  setBreakpoints(addresses: Iterable<bigint>): void {
    this.#cpu.setBreakpoints(addresses);
  }

  setWatchedRanges(ranges: Iterable<WatchedRange>): void {
    this.#cpu.setWatchedRanges(ranges);
  }

  get watchHits(): readonly WatchHit[] {
    return this.#cpu.watchHits;
  }

  memoryWritten(physicalAddress: number, length: number): void {
    this.#cpu.memoryWritten(physicalAddress, length);
  }

  flushTranslations(): void {
    this.#cpu.flush();
  }

  flush(): void {
    this.#cpu.flush();
  }
}
