import { type Cpu, layout } from '../cpu/index.ts';
import { KERNEL_HALF, type KernelImage } from '../kernel/index.ts';
import {
  GENERAL_REGISTERS,
  type Machine,
  type MachineStop,
  type RegisterName,
  Registers,
} from '../machine/index.ts';
import type { Disassembler } from './disassembler.ts';

/** A register that a step changed. */
export interface RegisterChange {
  readonly register: RegisterName;
  readonly from: bigint;
  readonly to: bigint;
}

/** An instruction that is about to be executed. */
export interface Instruction {
  /** Steps before it. */
  readonly position: number;
  /** Linear address. */
  readonly address: bigint;
  /** `fork1+0x1c`; undefined outside all symbols. */
  readonly symbol: string | undefined;
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly bytes: Uint8Array;
  /** Intel syntax, branch targets with their symbols. */
  readonly text: string;
}

/** What one step did. */
export interface StepRecord extends Instruction {
  readonly changes: readonly RegisterChange[];
  /** The step was the delivery of an interrupt or exception: the instruction did not execute. */
  readonly delivery: boolean;
}

const WATCHED: readonly RegisterName[] = [
  ...GENERAL_REGISTERS,
  'rflags',
  'cs',
  'ss',
  'cr2',
  'cr3',
  'fs_base',
  'gs_base',
];
const LONGEST_INSTRUCTION = 15;
const CODE_SIZE_64 = 8;
/** `next` gives up on a call that has not returned after this many steps. */
const NEXT_LIMIT = 100_000_000;

/** Steps a machine instruction by instruction, and says what each step was and changed. */
export class Stepper {
  readonly machine: Machine;
  readonly cpu: Cpu;
  readonly image: KernelImage | undefined;
  readonly registers: Registers;
  readonly #disassembler: Disassembler;

  constructor(options: {
    machine: Machine;
    cpu: Cpu;
    image: KernelImage | undefined;
    disassembler: Disassembler;
  }) {
    this.machine = options.machine;
    this.cpu = options.cpu;
    this.image = options.image;
    this.#disassembler = options.disassembler;
    this.registers = new Registers(options.machine.state);
  }

  /** The instruction that comes next. */
  current(): Instruction {
    return this.at(this.cpu.linearInstructionPointer());
  }

  /** The instruction at a linear address, as the present address space has it. */
  at(address: bigint): Instruction {
    const code = this.cpu.system.inspector.readMemory(address, LONGEST_INSTRUCTION);
    const bits = this.#bits();
    const { length, text } = this.#disassembler.one(code, address, bits, (target) => this.symbolOf(target));
    const linked = this.#linkedAddress(address);
    const place = linked === undefined ? undefined : this.image?.place(linked);
    return {
      position: this.machine.position,
      address,
      symbol: this.symbolOf(address),
      file: place?.file,
      line: place?.line,
      bytes: code.slice(0, length),
      text: code.length === 0 ? '(not mapped)' : text,
    };
  }

  /** `count` instructions from an address on. */
  disassemble(address: bigint, count: number): Instruction[] {
    const instructions: Instruction[] = [];
    for (let at = address; instructions.length < count; ) {
      const instruction = this.at(at);
      instructions.push(instruction);
      if (instruction.bytes.length === 0) break;
      at += BigInt(instruction.bytes.length);
    }
    return instructions;
  }

  /** `name` or `name+0x…` for an address of the kernel. */
  symbolOf(address: bigint): string | undefined {
    const linked = this.#linkedAddress(address);
    return linked === undefined ? undefined : this.image?.symbols.nameOf(linked);
  }

  /**
   * The address under which the kernel's symbols know an address: itself in the kernel's half; in ring 0 also its place in physical memory,
   * where start-up code runs before there are page tables.
   */
  #linkedAddress(address: bigint): bigint | undefined {
    if (address >= KERNEL_HALF) return address;
    if (this.registers.privilege !== 0) return undefined;
    for (const { physicalAddress, virtualAddress, memorySize } of this.image?.elf.segments ?? []) {
      const offset = address - physicalAddress;
      if (offset >= 0n && offset < BigInt(memorySize)) return virtualAddress + offset;
    }
    return undefined;
  }

  #bits(): 32 | 64 {
    return this.cpu.state.get32(layout.CODE_SIZE) === CODE_SIZE_64 ? 64 : 32;
  }

  /** One step. Returns what it did, and the stop when it ended the run. */
  step(): { record: StepRecord; stop: MachineStop } {
    const before = this.current();
    const old = this.#watched();
    let stop = this.machine.step();
    // The breakpoint of the instruction itself has now been reported, and is passed.
    if (stop.reason === 'breakpoint' && stop.position === before.position) stop = this.machine.step();
    return {
      record: { ...before, changes: this.#changesSince(old), delivery: this.#wasDelivery(before) },
      stop,
    };
  }

  #watched(): bigint[] {
    return WATCHED.map((register) => this.registers.get(register));
  }

  #changesSince(old: readonly bigint[]): RegisterChange[] {
    return WATCHED.flatMap((register, index) => {
      const from = old[index] as bigint;
      const to = this.registers.get(register);
      return to === from ? [] : [{ register, from, to }];
    });
  }

  /** Whether the step just taken went to a handler instead of executing the instruction. */
  #wasDelivery(before: Instruction): boolean {
    const rsp = this.registers.get('rsp');
    const frame = this.cpu.system.inspector.readMemory(rsp, 16);
    const next = this.cpu.linearInstructionPointer();
    if (frame.length < 16 || next === before.address + BigInt(before.bytes.length)) return false;
    if (/^(int|call|ret|iret|sys|j|loop)/.test(before.text)) return false;
    const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
    return [view.getBigUint64(0, true), view.getBigUint64(8, true)].includes(before.address);
  }

  /** As `step`, but runs a called function to its return. `run` runs the machine for at most so many steps, from a breakpoint at its first instruction too. */
  async next(
    run: (budget: number) => Promise<MachineStop>,
  ): Promise<{ record: StepRecord; stop: MachineStop }> {
    const before = this.current();
    if (!before.text.startsWith('call')) return this.step();
    const after = before.address + BigInt(before.bytes.length);
    const stack = this.registers.get('rsp');
    const old = this.#watched();
    const remove = this.machine.breakpoints.add(after, () =>
      this.registers.get('rsp') >= stack ? 'stop' : 'continue',
    );
    try {
      const stop = await run(NEXT_LIMIT);
      return { record: { ...before, changes: this.#changesSince(old), delivery: false }, stop };
    } finally {
      remove();
    }
  }
}
