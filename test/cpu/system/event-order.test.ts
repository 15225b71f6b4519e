import { beforeEach, describe, expect, it } from 'vitest';
import type { Cpu } from '../../../emu/cpu/index.ts';
import * as layout from '../../../emu/cpu/layout.ts';
import { IF, RF, readFlags, TF, writeFlags } from '../../../emu/cpu/system/flags.ts';
import { CODE, DATA, emptyBus, flatProcessor } from '../support/flat-processor.ts';

const GDT = 0x5000;
const IDT = 0x6000;
const HANDLERS = 0x18_0000;
const KERNEL_CODE = 0x08;
const KERNEL_DATA = 0x10;
const INTERRUPT_GATE = 0x8e;
const DEBUG = 1;
const PAGE_FAULT = 14;
const TIMER = 0x20;

const NOP = [0x90];
const OUT = [0xe6, 0x80];
const REP_OUTSB = [0xf3, 0x6e];
/** mov ss, ecx */
const MOV_SS = [0x8e, 0xd1];

const RCX = layout.GPR + 8;
const RDX = layout.GPR + 2 * 8;
const RSP = layout.GPR + 4 * 8;
const RSI = layout.GPR + 6 * 8;

const handler = (vector: number): bigint => BigInt(HANDLERS + vector * 16);

describe('the order of events between two instructions', () => {
  let cpu: Cpu;
  /** Port writes until the device asks for an interrupt. */
  let writesLeft = 0;

  beforeEach(() => {
    writesLeft = Number.POSITIVE_INFINITY;
    cpu = flatProcessor(0, {
      ...emptyBus,
      portWrite: () => {
        if (--writesLeft === 0) cpu.interruptRequest = true;
      },
      acknowledgeInterrupt: () => {
        cpu.interruptRequest = false;
        return TIMER;
      },
    });
    const { state } = cpu;
    state.set64(layout.RAM + GDT + KERNEL_CODE, 0x00af_9b00_0000_ffffn);
    state.set64(layout.RAM + GDT + KERNEL_DATA, 0x00cf_9300_0000_ffffn);
    state.set32(layout.GDTR, 0x17);
    state.set64(layout.GDTR + 8, BigInt(GDT));
    state.set32(layout.IDTR, 0xfff);
    state.set64(layout.IDTR + 8, BigInt(IDT));
    for (const vector of [DEBUG, PAGE_FAULT, TIMER]) {
      const at = layout.RAM + IDT + vector * 16;
      const target = handler(vector);
      state.set64(
        at,
        (target & 0xffffn) |
          (BigInt(KERNEL_CODE) << 16n) |
          (BigInt(INTERRUPT_GATE) << 40n) |
          ((target >> 16n) << 48n),
      );
    }
    writeFlags(state, IF, IF);
  });

  function load(code: readonly number[]): void {
    cpu.state.ram.set(code, CODE);
    cpu.memoryWritten(CODE, code.length);
  }

  /** Exactly so many steps: a device that speaks up ends a run early. */
  function step(count: number): void {
    const end = cpu.position + count;
    while (cpu.position < end) cpu.run(end - cpu.position);
  }

  function breakAt(address: number): void {
    cpu.state.set64(layout.DR0, BigInt(address));
    cpu.state.set64(layout.DR7, 0x402n);
    cpu.flush();
  }

  /** RIP and RFLAGS of the frame on the handler's stack; `error`: it begins with an error code. */
  function frame(error = false): { rip: bigint; flags: number } {
    const at = layout.RAM + Number(cpu.state.get64(RSP)) + (error ? 8 : 0);
    return { rip: cpu.state.get64(at), flags: Number(cpu.state.get64(at + 16)) };
  }

  it('should take the trap of an instruction before the interrupt that came meanwhile', () => {
    load([...OUT, ...NOP]);
    writesLeft = 1;
    writeFlags(cpu.state, TF, TF);
    expect(cpu.run(1)).toBe('budget');
    expect(cpu.state.get64(layout.RIP)).toBe(handler(DEBUG));
    expect(frame().rip).toBe(BigInt(CODE + 2));
    expect(cpu.interruptRequest).toBe(true);
  });

  it('should take an interrupt before the breakpoint of the next instruction, and that after the return', () => {
    load(NOP);
    breakAt(CODE);
    cpu.interruptRequest = true;
    step(1);
    expect(cpu.state.get64(layout.RIP)).toBe(handler(TIMER));
    expect(frame().rip).toBe(BigInt(CODE));
    expect(cpu.state.get32(layout.DR6) & 0xf).toBe(0);
    cpu.state.ram.set([0x48, 0xcf], Number(handler(TIMER))); // iretq
    cpu.memoryWritten(Number(handler(TIMER)), 2);
    expect(frame().flags & RF).toBe(0);
    step(1);
    step(1);
    expect(cpu.state.get64(layout.RIP)).toBe(handler(DEBUG));
    expect(cpu.state.get32(layout.DR6) & 0xf).toBe(1);
    // The handler sets RF itself, or comes again.
    expect(frame().flags & RF).toBe(0);
  });

  it('should resume a repeated instruction with RF after an interrupt, and not stop in it again', () => {
    load([...REP_OUTSB, ...NOP]);
    const { state } = cpu;
    state.set64(RCX, 5n);
    state.set64(RDX, 0x80n);
    state.set64(RSI, BigInt(DATA));
    writesLeft = 2;
    step(1);
    breakAt(CODE);
    step(2);
    expect(state.get64(layout.RIP)).toBe(handler(TIMER));
    expect(state.get64(RCX)).toBe(3n);
    expect(frame()).toMatchObject({ rip: BigInt(CODE) });
    expect(frame().flags & RF).toBe(RF);
    state.ram.set([0x48, 0xcf], Number(handler(TIMER)));
    cpu.memoryWritten(Number(handler(TIMER)), 2);
    step(1);
    expect(readFlags(state) & RF).toBe(RF);
    step(3);
    expect([state.get64(layout.RIP), state.get64(RCX)]).toEqual([BigInt(CODE + 2), 0n]);
    expect(readFlags(state) & RF).toBe(0);
  });

  it('should keep interrupts, traps and breakpoints from the instruction after a load of SS', () => {
    load([...MOV_SS, ...NOP, ...NOP]);
    breakAt(CODE + 2);
    cpu.state.set64(RCX, BigInt(KERNEL_DATA));
    writeFlags(cpu.state, TF, TF);
    step(1);
    cpu.interruptRequest = true;
    expect(cpu.state.get64(layout.RIP)).toBe(BigInt(CODE + 2));
    step(1);
    // The NOP has been executed, and its own trap is the first that comes.
    expect(cpu.state.get64(layout.RIP)).toBe(handler(DEBUG));
    expect(frame().rip).toBe(BigInt(CODE + 3));
    expect(cpu.state.get32(layout.DR6) & 0x400f).toBe(0x4000);
  });

  it('should raise the breakpoint of an instruction before the page fault of its fetch', () => {
    const nowhere = 0x7000_0000;
    load([0xff, 0xe0]); // jmp rax
    cpu.state.set64(layout.GPR, BigInt(nowhere));
    breakAt(nowhere);
    step(2);
    expect(cpu.state.get64(layout.RIP)).toBe(handler(DEBUG));
    expect(cpu.state.get64(layout.CR2)).toBe(0n);
    expect(frame().rip).toBe(BigInt(nowhere));
  });
});
