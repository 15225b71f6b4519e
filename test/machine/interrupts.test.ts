import { describe, expect, it } from 'vitest';
import { layout } from '../../emu/cpu/index.ts';
import { LocalApicRegister as Register } from '../../emu/machine/devices/apic/local-apic-registers.ts';
import type { Machine } from '../../emu/machine/index.ts';
import {
  count,
  endOfInterrupt,
  goto,
  halt,
  type Instruction,
  initialiseInterrupts,
  iret,
  machineWith,
  startTimer,
  sti,
} from './support/fake-processor.ts';

const LOCAL_APIC = 0xfee0_0000;
const IO_APIC = 0xfec0_0000;
const SERVED = 0x8000;
const VECTOR = 0x41;
const TIMER_PIN = 2;

/** Writes a register in memory space. */
function store(address: number, value: number): Instruction {
  return ({ bus }) => {
    bus.memoryWrite(address, 4, value);
    return undefined;
  };
}

function local(register: number, value: number): Instruction {
  return store(LOCAL_APIC + register, value);
}

/** Writes the low word of a redirection entry. */
function redirect(pin: number, value: number): Instruction[] {
  return [store(IO_APIC, 0x10 + 2 * pin), store(IO_APIC + 0x10, value)];
}

const maskAll = initialiseInterrupts();
const startLocalTimer = [
  local(Register.TimerDivide, 0xb),
  local(Register.TimerVector, VECTOR),
  local(Register.TimerInitialCount, 1_000_000),
];
/** Halts over and over, and counts the interrupts of a vector. */
function waiting(setup: readonly Instruction[], end: Instruction, vector = VECTOR): Machine {
  return machineWith({
    main: [...setup, sti, halt, goto(setup.length + 1)],
    handlers: { [vector]: [count(SERVED), end, iret] },
  }).machine;
}

function served(machine: Machine): number {
  return machine.state.u32[(layout.RAM + SERVED) >>> 2] as number;
}

describe('a halted processor', () => {
  it("should be woken by the local APIC's timer alone", () => {
    const machine = waiting([...maskAll, ...startLocalTimer], local(Register.EndOfInterrupt, 0));
    machine.run({ untilTime: 2_000_000, budget: 1000 });
    expect(served(machine)).toBe(1);
    expect(machine.run({ budget: 1000 })).toMatchObject({ reason: 'idle', deadline: undefined });
  });

  it.each([
    ['is masked', local(Register.TimerVector, 0x1_0000 | VECTOR)],
    ['is outranked by the task priority', local(Register.TaskPriority, 0x40)],
    ['belongs to an APIC that is disabled', local(Register.SpuriousVector, 0xff)],
  ])('should not wait for a timer that %s', (_, instruction) => {
    const machine = waiting([...maskAll, ...startLocalTimer, instruction], endOfInterrupt);
    expect(machine.run({ budget: 1000 })).toMatchObject({ reason: 'idle', deadline: undefined });
    expect(served(machine)).toBe(0);
  });

  it('should be woken by the 8254 through the I/O APIC, with the 8259s masked', () => {
    const setup = [...maskAll, ...redirect(TIMER_PIN, VECTOR), ...startTimer(1193)];
    const machine = waiting(setup, local(Register.EndOfInterrupt, 0));
    machine.run({ untilTime: 10_500_000, budget: 10_000 });
    expect(served(machine)).toBe(10);
  });

  it('should be woken by the 8254 through LINT0, as firmware leaves it, and not when that is masked', () => {
    const setup = [...initialiseInterrupts(0), ...startTimer(1193)];
    const machine = waiting(setup, endOfInterrupt, 0x20);
    machine.run({ untilTime: 10_500_000, budget: 10_000 });
    expect(served(machine)).toBe(10);
    const masked = waiting([...setup, local(Register.Lint0Vector, 0x1_0700)], endOfInterrupt, 0x20);
    expect(masked.run({ budget: 1000 })).toMatchObject({ reason: 'idle', deadline: undefined });
  });

  it('should be woken by the 8254 through LINT0 as a vector of the local APIC', () => {
    const setup = [...initialiseInterrupts(0), local(Register.Lint0Vector, VECTOR), ...startTimer(1193)];
    const machine = waiting(setup, local(Register.EndOfInterrupt, 0));
    machine.run({ untilTime: 10_500_000, budget: 10_000 });
    // The 8259's request is not acknowledged, so that there is no second rise.
    expect(served(machine)).toBe(1);
  });
});

describe('CR8 and the task priority', () => {
  it('should be one, whoever writes it', () => {
    const { machine } = machineWith({ main: [halt] });
    const priority = () => machine.bus.memoryRead(LOCAL_APIC + Register.TaskPriority, 4);
    machine.bus.memoryWrite(LOCAL_APIC + Register.TaskPriority, 4, 0x5a);
    expect(machine.state.get32(layout.CR8)).toBe(5);
    machine.bus.taskPriorityWritten(6);
    expect(priority()).toBe(0x60);
    machine.writeRegister(layout.CR8, 8, 9n);
    expect(priority()).toBe(0x90);
  });

  it('should hold an interrupt back until it is low enough', () => {
    const { machine, processor } = machineWith({ main: [halt] });
    machine.bus.taskPriorityWritten(4);
    machine.bus.memoryWrite(LOCAL_APIC + Register.InterruptCommandLow, 4, 0x4_0000 | VECTOR);
    expect(processor.interruptRequest).toBe(false);
    machine.bus.taskPriorityWritten(3);
    expect(processor.interruptRequest).toBe(true);
    expect(machine.bus.acknowledgeInterrupt()).toBe(VECTOR);
    expect(processor.interruptRequest).toBe(false);
    // Nothing is left: the spurious vector answers.
    expect(machine.bus.acknowledgeInterrupt()).not.toBe(VECTOR);
  });
});

describe('a message to the processor itself', () => {
  it('should reach its NMI pin, or end the machine with INIT', () => {
    const { machine, processor } = machineWith({ main: [halt] });
    machine.bus.memoryWrite(LOCAL_APIC + Register.InterruptCommandLow, 4, 0x400);
    expect(processor.nonMaskableInterrupts).toBe(1);
    machine.bus.memoryWrite(LOCAL_APIC + Register.InterruptCommandLow, 4, 0x4500);
    expect(machine.ending).toEqual({ reason: 'reset' });
  });
});

describe('a snapshot', () => {
  it('should hold what waits in the APICs', () => {
    const { machine, processor } = machineWith({ main: [halt] });
    for (const instruction of redirect(TIMER_PIN, 0x8000 | VECTOR)) instruction(processor);
    machine.bus.taskPriorityWritten(4);
    machine.bus.memoryWrite(LOCAL_APIC + Register.InterruptCommandLow, 4, 0x4_0000 | VECTOR);
    const snapshot = machine.snapshot();
    const hash = machine.stateHash();
    machine.bus.taskPriorityWritten(0);
    machine.bus.acknowledgeInterrupt();
    expect(machine.stateHash()).not.toBe(hash);
    machine.restore(snapshot);
    expect(machine.stateHash()).toBe(hash);
    expect(processor.interruptRequest).toBe(false);
    machine.bus.taskPriorityWritten(0);
    expect(machine.bus.acknowledgeInterrupt()).toBe(VECTOR);
  });
});
