import { Cpu, layout, type Processor, State } from '../cpu/index.ts';
import { IF } from '../cpu/system/flags.ts';
import { hashProcessorState } from './architectural-state.ts';
import { Board } from './board.ts';
import { enterKernel } from './boot/entry-state.ts';
import { runFirmware } from './boot/firmware.ts';
import { writeFirmwareData } from './boot/firmware-data.ts';
import { loadKernelFile } from './boot/load.ts';
import type { KernelPlacement } from './boot/placement.ts';
import { Breakpoints } from './breakpoints.ts';
import type { MachineBus } from './bus.ts';
import { NEVER } from './clock.ts';
import { characterCodes, type KeyName, keyCodes } from './devices/keyboard-codes.ts';
import type { Ending } from './ending.ts';
import { MachineError } from './errors.ts';
import { StateHash } from './hash.ts';
import { type InputEntry, InputError, type InputEvent, InputLog } from './input-log.ts';
import type { KernelOptions, MachineConsole, MachineOptions } from './machine-options.ts';
import type { MachineStop, RunOptions, StopCause } from './machine-stop.ts';
import { PageStore } from './page-store.ts';
import { PAGE_SIZE } from './pages.ts';
import { RunLimit } from './run-limit.ts';
import { type Snapshot, SnapshotError } from './snapshot.ts';
import { readTextScreen, type TextScreen } from './text-screen.ts';
import { Watchpoints } from './watchpoints.ts';

const MIB = 2 ** 20;
/** RAM that a machine can have: room for firmware's areas and a kernel, and below the ROM and devices at 3 GiB. */
const MINIMUM_MEMORY = 4 * MIB;
const MAXIMUM_MEMORY = 2048 * MIB;
const MEMORY_GRANULE = 0x1_0000;
/** The longest slice, in steps: the processor counts them in 32 bits. */
const LONGEST_SLICE = 2 ** 30;

/** A PC with one processor, run in virtual time: the same input at the same marks gives the same run, step by step. */
export class Machine {
  readonly state: State;
  readonly processor: Processor;
  readonly bus: MachineBus;
  /** All that came in from outside. */
  readonly input = new InputLog();
  readonly console: MachineConsole;
  /** Observers that are asked before an instruction executes; a run with observers that go on is the same as one without. */
  readonly breakpoints: Breakpoints;
  /** Observers that are asked after a step that accesses memory; the same holds for them. */
  readonly watchpoints: Watchpoints;
  readonly #board: Board;
  readonly #pages: PageStore;
  /** Position = this + the processor's own count, which cannot be set back. */
  #positionBase = 0;
  #ending: Ending | undefined;
  #stop: StopCause | undefined;
  #loaded = false;
  /** No byte of RAM has been written since it was made, all zeros. */
  #ramIsFresh = true;

  /** Throws MachineError 'memorySize'. */
  static create(options: MachineOptions): Machine {
    const { memory } = options;
    if (memory % MEMORY_GRANULE !== 0 || !(memory >= MINIMUM_MEMORY) || memory > MAXIMUM_MEMORY) {
      throw new MachineError(
        'memorySize',
        `a machine cannot have ${memory} bytes of memory; give it a multiple of 64 KiB` +
          ` from ${MINIMUM_MEMORY / MIB} to ${MAXIMUM_MEMORY / MIB} MiB`,
      );
    }
    return new Machine(options);
  }

  private constructor(options: MachineOptions) {
    this.state = new State(options.memory);
    let processor: Processor | undefined;
    this.#board = new Board({
      memorySize: options.memory,
      bootTime: options.bootTime ?? 0,
      position: () => this.#positionBase + (processor?.position ?? 0),
      positionOf: (position) => this.#positionBase + position,
      setInterruptRequest: (high) => {
        if (processor !== undefined) processor.interruptRequest = high;
      },
      interruptNonMaskably: () => processor?.interruptNonMaskably(),
      setTaskPriorityClass: (priority) => this.state.set32(layout.CR8, priority),
      end: (ending) => this.#end(ending),
      onExpectedText: () => this.#requestStop({ reason: 'consoleText' }),
    });
    this.bus = this.#board.bus;
    processor =
      options.createProcessor?.(this.state, this.bus) ??
      new Cpu({ state: this.state, bus: this.bus, randomSeed: options.randomSeed });
    this.processor = processor;
    processor.askAtBreakpoint = (address) => this.breakpoints.reached(address) === 'continue';
    // A slice in progress still has the old addresses: it ends, and the next one has the new.
    this.breakpoints = new Breakpoints(() => this.processor.endSlice());
    this.watchpoints = new Watchpoints(() => this.processor.endSlice());
    this.#pages = new PageStore(this.state.ram, processor.dirtyPages);
    const board = this.#board;
    this.console = {
      get drained() {
        return board.console.drained;
      },
      onOutput: (listener) => board.console.onOutput(listener),
      write: (input) => this.#type(input),
      sendBreak: () => this.#input({ kind: 'break' }),
      setScript: (script) => board.console.setScript(script),
    };
    board.reset();
  }

  /** Steps since power-on. */
  get position(): number {
    return this.#positionBase + this.processor.position;
  }

  /** Guest time in ns: steps and skipped idle time. */
  get guestTime(): number {
    return this.#board.clock.now;
  }

  /** Set when the machine has ended; it then takes no further step. */
  get ending(): Ending | undefined {
    return this.#ending;
  }

  /** The processor has executed HLT and waits for an interrupt. */
  get halted(): boolean {
    return this.state.get32(layout.HALTED) !== 0;
  }

  /**
   * Power-on: clears everything, the input log included, and loads a kernel (PVH, Multiboot or Linux bzImage) ready for its first instruction.
   * Throws BootError; the machine then has nothing loaded.
   */
  loadKernel(bytes: Uint8Array, options: KernelOptions): KernelPlacement {
    const { ram } = this.state;
    this.#loaded = false;
    // Clearing fresh RAM would make the host provide every page of it.
    if (!this.#ramIsFresh) ram.fill(0);
    this.#ramIsFresh = false;
    this.#pages.forget();
    this.processor.reset();
    this.#positionBase = -this.processor.position;
    this.#ending = undefined;
    this.#stop = undefined;
    this.#board.reset();
    this.input.load([], true);
    writeFirmwareData(ram);
    const placement = loadKernelFile(ram, {
      name: options.name,
      bytes,
      commandLine: options.commandLine ?? '',
      initrd: options.initrd,
      modules: options.modules,
    });
    runFirmware(this.bus);
    enterKernel(this.state, placement);
    this.processor.flush();
    this.#loaded = true;
    return placement;
  }

  /** Runs until a limit, a stop or an ending. Throws MachineError 'nothingLoaded' or 'badArgument'. */
  run(options: RunOptions = {}): MachineStop {
    if (!this.#loaded) {
      throw new MachineError(
        'nothingLoaded',
        'there is nothing to run: load a kernel or restore a snapshot first',
      );
    }
    if (this.#ending !== undefined) return this.#stopped(this.#ending);
    const limit = new RunLimit(options, this.position);
    this.#stop = undefined;
    this.#board.console.expect(options.untilText);
    try {
      for (;;) {
        const cause =
          this.#takeStop() ?? limit.reached(this.position, this.guestTime) ?? this.#advance(limit);
        if (cause !== undefined) return this.#stopped(this.#ending ?? cause);
      }
    } finally {
      this.#board.clock.finishSlice();
      this.#board.console.expect(undefined);
    }
  }

  /** One step; idle time before it is skipped. */
  step(): MachineStop {
    return this.run({ budget: 1 });
  }

  /** Ends the run in progress after the step in progress, with reason 'requested'. For observers. */
  requestStop(): void {
    this.#requestStop({ reason: 'requested' });
  }

  /**
   * Lets idle time pass while the processor is halted, up to the next deadline; returns how many ns passed.
   * For a host that paces idle time with `pauseWhenIdle`.
   */
  skipIdle(nanoseconds: number): number {
    if (!Number.isSafeInteger(nanoseconds) || nanoseconds < 0) {
      throw new MachineError('badArgument', `${nanoseconds} ns of idle time cannot pass`);
    }
    if (!this.halted || this.#ending !== undefined) return 0;
    const { clock } = this.#board;
    const passed = Math.max(0, Math.min(nanoseconds, clock.nextDeadline() - clock.now));
    clock.skip(passed);
    return passed;
  }

  /**
   * Types on the keyboard, which has US keys; for the serial console there is `console.write`.
   * Throws MachineError 'badArgument' for a character without a key, InputError 'replaying'.
   */
  typeKeys(text: string): void {
    const codes = [...text].flatMap((character) => {
      const stroke = characterCodes(character);
      if (stroke !== undefined) return stroke;
      throw new MachineError('badArgument', `the keyboard has no key for ${JSON.stringify(character)}`);
    });
    if (codes.length > 0) this.#input({ kind: 'keyboard', codes });
  }

  /** Presses and releases a key of the keyboard. Throws InputError 'replaying'. */
  pressKey(name: KeyName): void {
    this.#input({ kind: 'keyboard', codes: keyCodes(name) });
  }

  /** Writes RAM from outside; it goes through the input log. Throws MachineError 'notRam', InputError 'replaying'. */
  writeMemory(address: number, bytes: Uint8Array): void {
    this.#checkRam(address, bytes.length);
    this.#input({ kind: 'memory', address, bytes: bytes.slice() });
  }

  /** Writes a slot of the processor's state from outside; it goes through the input log. Throws InputError 'replaying'. */
  writeRegister(slot: number, size: 4 | 8, value: bigint): void {
    if (slot < 0 || slot + size > layout.STATE_END || slot % size !== 0) {
      throw new MachineError(
        'badArgument',
        `0x${slot.toString(16)} is no ${size}-byte slot of the processor's state`,
      );
    }
    this.#input({ kind: 'register', slot, size, value: BigInt.asUintN(8 * size, value) });
  }

  /**
   * Holds interrupts off the processor, or lets them through again: what was requested meanwhile is pending then. It goes through the input
   * log. Throws InputError 'replaying'.
   */
  holdInterrupts(held: boolean): void {
    if (this.#board.interrupts.gate.held !== held) this.#input({ kind: 'interrupts', held });
  }

  /** Guest time of the next deadline of a device's timer; undefined when no timer runs. */
  get nextDeadline(): number | undefined {
    const deadline = this.#board.clock.nextDeadline();
    return deadline === NEVER ? undefined : deadline;
  }

  /**
   * Lets guest time jump forward by so many ns, between two steps; timers whose deadline is passed expire. It goes through the input log.
   * Throws MachineError 'badArgument', InputError 'replaying'.
   */
  jumpTime(nanoseconds: number): void {
    if (!Number.isSafeInteger(nanoseconds) || nanoseconds < 0) {
      throw new MachineError(
        'badArgument',
        `the clock cannot jump by ${nanoseconds} ns: it jumps by whole ns, from 0 to ${Number.MAX_SAFE_INTEGER} (104 days)`,
      );
    }
    if (nanoseconds > 0) this.#input({ kind: 'time', nanoseconds });
  }

  /**
   * Replays a recorded log from the present moment on. Live input is refused until the last entry has come in, and
   * after it too unless `thenLive` is true.
   */
  replay(entries: readonly InputEntry[], options: { thenLive?: boolean } = {}): void {
    this.input.load(entries, options.thenLive ?? false);
  }

  /** The whole machine at this moment, between two runs. */
  snapshot(): Snapshot {
    return {
      memorySize: this.state.ram.length,
      position: this.position,
      time: this.guestTime,
      processor: this.state.u8.slice(0, layout.STATE_END),
      pages: this.#pages.capture(),
      devices: this.#board.save(),
      input: this.input.point(),
      ending: this.#ending,
    };
  }

  /**
   * Puts the machine back to a moment. When it lies in this machine's own past, the input recorded after it will come
   * in again (`input.dropRest()` makes the run take another course); otherwise an empty log begins.
   * Throws SnapshotError 'otherMachine' with nothing changed, and MachineError 'badDeviceState' with nothing loaded.
   */
  restore(snapshot: Snapshot): void {
    if (snapshot.memorySize !== this.state.ram.length) {
      throw new SnapshotError(
        'otherMachine',
        `the snapshot is of a machine with ${snapshot.memorySize} bytes of memory; this one has ${this.state.ram.length}`,
      );
    }
    this.#loaded = false;
    this.#ramIsFresh = false;
    // A processor that has shut down is revived by its reset alone.
    this.processor.reset();
    this.state.u8.set(snapshot.processor, 0);
    this.#pages.restore(snapshot.pages, (page) => this.processor.memoryWritten(page * PAGE_SIZE, PAGE_SIZE));
    this.#positionBase = snapshot.position - this.processor.position;
    this.#board.restore(snapshot.devices);
    this.input.goTo(snapshot.input);
    this.#ending = snapshot.ending;
    this.#stop = undefined;
    // The page tables are others now; instructions on pages that hold the same bytes as before stay decoded.
    this.processor.flushTranslations();
    this.#loaded = true;
  }

  /** What a screen would show: the VGA's text memory. */
  textScreen(): TextScreen {
    return readTextScreen(this.state.ram, this.#board.vga.view);
  }

  /** One hash over everything that can change the guest's future: processor, RAM, devices, time. 16 hexadecimal digits. */
  stateHash(): string {
    const hash = new StateHash();
    hash.integer(this.position);
    hashProcessorState(hash, this.state);
    hash.text(JSON.stringify(this.#board.guestVisibleState()));
    hash.pages(this.state.ram);
    return hash.digest();
  }

  /** One slice, or one idle gap. Returns why the run must stop, if it must. */
  #advance(limit: RunLimit): StopCause | undefined {
    const { clock } = this.#board;
    this.#replayDue();
    clock.expireDue();
    const { position } = this;
    const now = clock.now;
    let steps = Math.min(LONGEST_SLICE, limit.stepsLeft(position, now), clock.nextDeadline() - now);
    const next = this.input.next;
    if (next !== undefined && next.position > position) steps = Math.min(steps, next.position - position);
    const breakpoints = this.breakpoints.take();
    if (breakpoints !== undefined) this.processor.setBreakpoints(breakpoints);
    const ranges = this.watchpoints.take();
    if (ranges !== undefined) this.processor.setWatchedRanges(ranges);
    clock.beginSlice(now + steps, () => this.processor.endSlice());
    const reason = this.processor.run(steps);
    clock.finishSlice();
    switch (reason) {
      case 'budget':
        return undefined;
      case 'halted':
        // A stop that came with the last step, or a limit reached by it, goes before idle time.
        return this.#takeStop() ?? limit.reached(this.position, clock.now) ?? this.#idle(limit);
      case 'shutdown':
        this.#end({ reason: 'shutdown' });
        return this.#takeStop();
      case 'breakpoint':
        return this.#passesBreakpoint() ? undefined : (this.#takeStop() ?? { reason });
      case 'watchpoint': {
        const hits = this.watchpoints.reached(this.processor.watchHits);
        return this.#takeStop() ?? (hits.length === 0 ? undefined : { reason, hits });
      }
    }
  }

  /** The run has ended at a breakpoint: whether it goes on. */
  #passesBreakpoint(): boolean {
    const { processor, breakpoints } = this;
    return (
      processor.takeBreakpointAnswer?.() ??
      breakpoints.reached(processor.linearInstructionPointer()) === 'continue'
    );
  }

  /** The processor is halted: types the next line, or skips to what ends the wait. */
  #idle(limit: RunLimit): StopCause | undefined {
    const { clock, console, interrupts } = this.#board;
    const now = clock.now;
    if (!this.input.replaying && console.scriptReady) {
      if (console.scriptDone) return { reason: 'inputEnd' };
      this.#input({ kind: 'console', bytes: console.nextLine(), scripted: true });
      return undefined;
    }
    const next = this.input.next;
    const inputTime = next !== undefined && next.position === this.position ? next.time : NEVER;
    const interruptible = (this.state.get32(layout.RFLAGS_SYSTEM) & IF) !== 0;
    const wakes = interruptible && clock.nextDeadline((timer) => interrupts.wouldInterrupt(timer)) !== NEVER;
    const deadline = wakes ? clock.nextDeadline() : NEVER;
    const until = Math.min(deadline, inputTime);
    if (until === NEVER || (limit.pauseWhenIdle && inputTime === NEVER)) {
      return { reason: 'idle', deadline: deadline === NEVER ? undefined : deadline };
    }
    clock.skip(Math.min(until, limit.time) - now);
    return undefined;
  }

  /** Lets in the recorded input whose mark is reached. */
  #replayDue(): void {
    for (;;) {
      const entry = this.input.next;
      if (entry === undefined || entry.position > this.position) return;
      if (entry.position === this.position && entry.time > this.guestTime) return;
      if (entry.position < this.position) {
        throw new InputError(
          'missed',
          `the input log has an entry at position ${entry.position}, before the present ${this.position}:` +
            ' it belongs to another run',
        );
      }
      this.input.advance();
      this.#apply(entry);
    }
  }

  #type(input: string | Uint8Array): void {
    const bytes = typeof input === 'string' ? new TextEncoder().encode(input) : input.slice();
    if (bytes.length > 0) this.#input({ kind: 'console', bytes, scripted: false });
  }

  /** Something comes in from outside, now. */
  #input(event: InputEvent): void {
    this.input.record({ position: this.position, time: this.guestTime, ...event });
    this.#apply(event);
  }

  #apply(event: InputEvent): void {
    switch (event.kind) {
      case 'console':
        this.#board.console.receive(event.bytes, event.scripted);
        break;
      case 'break':
        this.#board.console.receiveBreak();
        break;
      case 'keyboard':
        this.#board.keyboardController.keyboard.type(event.codes);
        break;
      case 'time':
        this.#board.clock.skip(event.nanoseconds);
        break;
      case 'interrupts':
        this.#board.interrupts.gate.hold(event.held);
        break;
      case 'memory':
        this.#checkRam(event.address, event.bytes.length);
        this.#ramIsFresh = false;
        this.state.ram.set(event.bytes, event.address);
        this.processor.memoryWritten(event.address, event.bytes.length);
        break;
      case 'register':
        if (event.size === 8) this.state.set64(event.slot, event.value);
        else this.state.set32(event.slot, Number(event.value));
        this.#followRegister(event.slot & ~7);
        // Elsewhere, no instruction has been repeated yet.
        if (event.slot === layout.RIP) this.state.set32(layout.REPEATING, 0);
        this.processor.flush();
        break;
    }
  }

  /** Registers that the local APIC has to know of. */
  #followRegister(slot: number): void {
    const { state } = this;
    const { interrupts } = this.#board;
    if (slot === layout.CR8) interrupts.taskPriorityWritten(state.get32(slot) & 0xf);
    if (slot === layout.APIC_BASE) interrupts.apicBaseWritten(state.get32(slot), state.high(slot));
  }

  #checkRam(address: number, length: number): void {
    if (Number.isSafeInteger(address) && address >= 0 && address + length <= this.state.ram.length) return;
    throw new MachineError(
      'notRam',
      `${length} bytes at physical address 0x${address.toString(16)} are not RAM`,
    );
  }

  /** The first ending wins. */
  #end(ending: Ending): void {
    this.#ending ??= ending;
    this.#requestStop(ending);
  }

  #requestStop(cause: StopCause): void {
    this.#stop ??= cause;
    this.processor.endSlice();
  }

  #takeStop(): StopCause | undefined {
    const stop = this.#stop;
    this.#stop = undefined;
    return this.#ending ?? stop;
  }

  #stopped(cause: StopCause): MachineStop {
    // Every single step ends here, and a spread costs as much as the step itself.
    if (cause.reason === 'budget') return { reason: 'budget', position: this.position, time: this.guestTime };
    return { ...cause, position: this.position, time: this.guestTime };
  }
}
