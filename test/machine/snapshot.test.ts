import { describe, expect, it } from 'vitest';
import { layout } from '../../emu/cpu/index.ts';
import { decodeSnapshot, encodeSnapshot, Machine } from '../../emu/machine/index.ts';
import { count, goto, machineWith, nop, outWord, tripleFault } from './support/fake-processor.ts';

const MIB = 2 ** 20;

describe('a snapshot', () => {
  it('should put back processor, RAM, time and devices', () => {
    const { machine } = machineWith({ main: [count(0x8000), nop, goto(0)] });
    machine.run({ budget: 10 });
    const hash = machine.stateHash();
    const snapshot = machine.snapshot();
    machine.run({ budget: 100 });
    machine.bus.portWrite(0x3ff, 1, 0x5a);
    expect(machine.stateHash()).not.toBe(hash);
    machine.restore(snapshot);
    expect(machine.stateHash()).toBe(hash);
    expect([machine.position, machine.guestTime]).toEqual([10, 10]);
    expect(machine.bus.portRead(0x3ff, 1)).toBe(0);
  });

  it('should drop decoded instructions of the pages that changed', () => {
    const { machine, processor } = machineWith({ main: [count(0x8000), nop, goto(0)] });
    const snapshot = machine.snapshot();
    machine.run({ budget: 10 });
    processor.written.length = 0;
    const flushes = processor.flushes;
    machine.restore(snapshot);
    expect(processor.written).toEqual([0x8000, 4096]);
    expect(processor.flushes).toBeGreaterThan(flushes);
  });

  it.each([
    ['a triple fault', tripleFault, 'shutdown'],
    ['power-off', outWord(0x604, 0x2000), 'powerOff'],
  ])('should bring a machine back to life after %s', (_, end, reason) => {
    const { machine } = machineWith({ main: [nop, nop, end] });
    machine.run({ budget: 1 });
    const alive = machine.snapshot();
    expect(machine.run().reason).toBe(reason);
    const dead = machine.snapshot();
    machine.restore(alive);
    expect(machine.ending).toBeUndefined();
    expect(machine.run({ budget: 1 }).reason).toBe('budget');
    machine.restore(dead);
    expect(machine.run()).toMatchObject({ reason, position: dead.position });
  });

  it('should fit machines of the same memory size alone', () => {
    const { machine } = machineWith({ main: [nop] });
    const other = Machine.create({ memory: 8 * MIB });
    expect(() => other.restore(machine.snapshot())).toThrow(
      expect.objectContaining({ code: 'otherMachine' }),
    );
  });

  describe('in a file', () => {
    const { machine } = machineWith({ main: [count(0x8000), nop, goto(0)] });
    machine.run({ budget: 10 });
    const snapshot = machine.snapshot();
    const bytes = encodeSnapshot(snapshot);

    it('should come back whole', () => {
      expect(decodeSnapshot(bytes)).toEqual({ ...snapshot, input: undefined });
    });

    it('should hold only the pages that are not all zeros', () => {
      expect(bytes.length).toBeLessThan(layout.STATE_END + 20 * 4096);
    });

    it.each<[string, string, Uint8Array]>([
      ['nothing', 'notASnapshot', new Uint8Array()],
      ['text', 'notASnapshot', new TextEncoder().encode('not a snapshot at all')],
      ['a header alone', 'truncated', bytes.subarray(0, 12)],
      ['half a description', 'truncated', bytes.subarray(0, 100)],
      ['all but the last byte', 'truncated', bytes.subarray(0, bytes.length - 1)],
      ['a byte too many', 'truncated', Uint8Array.of(...bytes, 0)],
      ['another version', 'version', bytes.map((byte, at) => (at === 8 ? 99 : byte))],
      ['a description that is no JSON', 'damaged', bytes.map((byte, at) => (at === 16 ? 0x21 : byte))],
    ])('should be refused when it is %s', (_, code, damaged) => {
      expect(() => decodeSnapshot(damaged)).toThrow(expect.objectContaining({ code }));
    });

    it('should be refused when a device does not fit', () => {
      const text = new TextDecoder('latin1').decode(bytes);
      const at = text.indexOf('"portB":0');
      const damaged = bytes.slice();
      damaged.set(new TextEncoder().encode('"portX":0'), at);
      const target = machineWith({ main: [nop] }).machine;
      expect(() => target.restore(decodeSnapshot(damaged))).toThrow(/state of i8254: field 'portB'/);
    });
  });
});

describe('the state hash', () => {
  it('should not see the form in which lazy flags are kept, nor temporaries', () => {
    const { machine } = machineWith({ main: [nop] });
    const { state } = machine;
    // ZF and PF set, by two different results.
    state.setPair(layout.FLAG_RESULT, 0, 0);
    state.setPair(layout.FLAG_AUX, 0, 0);
    state.set32(layout.FLAG_CARRY, 0);
    const hash = machine.stateHash();
    state.setPair(layout.FLAG_AUX, 1, 0);
    state.setPair(layout.SCRATCH, 1, 2);
    state.setPair(layout.EA, 3, 4);
    state.set32(layout.BUDGET, 5);
    state.set32(layout.BREAK_PASSED, 1);
    expect(machine.stateHash()).toBe(hash);
    state.setPair(layout.FLAG_AUX, 0x10, 0);
    expect(machine.stateHash()).not.toBe(hash);
  });

  it.each([
    ['a register', layout.GPR + 15 * 8],
    ['RIP', layout.RIP],
    ['CR3', layout.CR3],
    ['DR7', layout.DR7],
    ['the base of GS', layout.SEGMENTS + 5 * layout.SEGMENT_SIZE + layout.SEGMENT_BASE],
    ['the selector of TR', layout.SEGMENTS + 7 * layout.SEGMENT_SIZE],
    ['the base of the IDT', layout.IDTR + 8],
    ['LSTAR', layout.LSTAR],
    ['the privilege level', layout.CPL],
    ['the interrupt shadow', layout.INTERRUPT_SHADOW],
    ['the halt', layout.HALTED],
    ['XMM15', layout.XMM + 15 * 16 + 8],
  ])('should see %s', (_, slot) => {
    const { machine } = machineWith({ main: [nop] });
    const hash = machine.stateHash();
    machine.state.set32(slot, machine.state.get32(slot) ^ 0x40);
    expect(machine.stateHash()).not.toBe(hash);
  });
});
