import { describe, expect, it } from 'vitest';
import { FlatMachine } from '../../emu/cpu/flat.ts';

const CODE = 0x40_0000n;
const DATA = 0x50_0000n;
const RAX = 0;
const RSP = 4;
const RDI = 7;
const GENERAL_PROTECTION = 13;
const PAGE_FAULT = 14;
const USER_WRITE_PROTECTED = 7;

function machineWith(code: readonly number[], mode: { ring: 0 | 3; bits: 64 | 32 }): FlatMachine {
  const machine = new FlatMachine();
  machine.map(CODE, 0x1000, { user: true, executable: true });
  machine.map(DATA, 0x2000, { user: true, writable: true });
  machine.map(DATA + 0x2000n, 0x1000, { user: true });
  machine.setMode(mode);
  machine.write(CODE, Uint8Array.from(code));
  machine.rip = CODE;
  machine.registers[RSP] = DATA + 0x1000n;
  return machine;
}

describe('a flat machine', () => {
  it('should stop before the instruction at the address it runs until', () => {
    const machine = machineWith([0x48, 0xff, 0xc0, 0x48, 0xff, 0xc0], { ring: 3, bits: 64 }); // inc rax; inc rax
    expect(machine.run({ until: CODE + 3n, budget: 100 })).toEqual({ reason: 'until' });
    expect(machine.registers[RAX]).toBe(1n);
    expect(machine.rip).toBe(CODE + 3n);
  });

  it('should stop when the budget is used up', () => {
    const machine = machineWith([0x48, 0xff, 0xc0, 0xeb, 0xfb], { ring: 3, bits: 64 }); // inc rax; jmp back
    expect(machine.run({ budget: 1000 })).toEqual({ reason: 'budget' });
    expect(machine.registers[RAX]).toBe(500n);
  });

  it('should end with a page fault and leave the interrupted state as it was', () => {
    const machine = machineWith([0xff, 0xc0, 0x89, 0x07], { ring: 3, bits: 64 }); // inc eax; mov [rdi], eax
    machine.registers[RDI] = DATA + 0x2000n;
    const fault = { vector: PAGE_FAULT, errorCode: USER_WRITE_PROTECTED, address: DATA + 0x2000n };
    expect(machine.run({ budget: 100 })).toEqual({ reason: 'fault', fault });
    expect(machine.rip).toBe(CODE + 2n);
    expect(machine.registers[RSP]).toBe(DATA + 0x1000n);
    expect(machine.read(DATA + 0x2000n, 4)).toEqual(new Uint8Array(4));
  });

  it('should go on after a fault when its cause is gone', () => {
    const machine = machineWith([0x89, 0x07, 0xff, 0xc0], { ring: 3, bits: 64 }); // mov [rdi], eax; inc eax
    machine.registers[RDI] = 0x60_0000n;
    expect(machine.run({ until: CODE + 4n, budget: 100 }).reason).toBe('fault');
    machine.map(0x60_0000n, 0x1000, { user: true, writable: true });
    expect(machine.run({ until: CODE + 4n, budget: 100 })).toEqual({ reason: 'until' });
    expect(machine.registers[RAX]).toBe(1n);
  });

  it('should refuse HLT in ring 3 and report it in ring 0', () => {
    const hlt = [0xf4];
    const fault = { vector: GENERAL_PROTECTION, errorCode: 0 };
    expect(machineWith(hlt, { ring: 3, bits: 64 }).run({ budget: 10 })).toEqual({ reason: 'fault', fault });
    expect(machineWith(hlt, { ring: 0, bits: 64 }).run({ budget: 10 })).toEqual({ reason: 'halted' });
  });

  it('should take 0x48 as DEC EAX in 32-bit code', () => {
    const machine = machineWith([0x48, 0x48], { ring: 3, bits: 32 });
    machine.registers[RAX] = 5n;
    expect(machine.run({ until: CODE + 2n, budget: 10 })).toEqual({ reason: 'until' });
    expect(machine.registers[RAX]).toBe(3n);
  });

  it('should execute code that was written over code that ran', () => {
    const machine = machineWith([0xff, 0xc0], { ring: 3, bits: 64 }); // inc eax
    machine.run({ until: CODE + 2n, budget: 10 });
    machine.write(CODE, Uint8Array.of(0xff, 0xc8)); // dec eax
    machine.rip = CODE;
    machine.run({ until: CODE + 2n, budget: 10 });
    expect(machine.registers[RAX]).toBe(0n);
  });

  it('should refuse to map a page twice, and to touch one that is not mapped', () => {
    const machine = new FlatMachine();
    machine.map(CODE, 0x1000, {});
    expect(() => machine.map(CODE, 0x1000, {})).toThrow(/mapped already/);
    expect(() => machine.read(DATA, 1)).toThrow(/not mapped/);
    expect(() => machine.map(DATA, 0x100_0000, {})).toThrow(/used up/);
  });
});
