import { describe, expect, test } from 'vitest';
import * as layout from '../../../emu/cpu/layout.ts';
import { CS, SS } from '../../../emu/cpu/state.ts';
import { IF, NT, RF, readFlags, TF, writeFlags } from '../../../emu/cpu/system/flags.ts';
import { becomesDoubleFault } from '../../../emu/cpu/system/interrupts.ts';
import { Status } from '../../../emu/cpu/system/status.ts';
import {
  GDT,
  KERNEL_CODE,
  KERNEL_DATA,
  MachineFixture,
  P,
  RSP,
  TSS,
  TSS_SELECTOR,
  U,
  USER_CODE,
  USER_DATA,
  W,
} from './fixture.ts';

const HANDLER = 0xffff_ffff_8010_0000n;
const INTERRUPT_GATE = 0x8e;
const TRAP_GATE = 0x8f;
const RSP0 = 0x2_0000;
const IST1 = 0x2_1000;
const RIP = 0x40_1234n;

/** A machine about to take an event from ring 0 or 3, with stacks mapped around 0x20000 and 0x30000. */
function prepare(ring: 0 | 3): MachineFixture {
  const machine = new MachineFixture().mapIdentity(0x40, P | W | U).withTables();
  const { state } = machine;
  state.setSegment(CS, {
    ...state.segment(CS),
    selector: ring === 0 ? KERNEL_CODE : USER_CODE | 3,
  });
  state.setSegment(SS, {
    ...state.segment(SS),
    selector: ring === 0 ? KERNEL_DATA : USER_DATA | 3,
  });
  state.set64(layout.RIP, RIP);
  machine.setGpr(RSP, 0x3_0ff3n).ring(ring);
  writeFlags(state, IF | TF | NT | 1, IF | TF | NT | 1);
  return machine;
}

function frame(machine: MachineFixture, bottom: number, count: number): bigint[] {
  return Array.from({ length: count }, (_, index) => machine.read64(bottom + index * 8));
}

function recorded(machine: MachineFixture) {
  return machine.fault();
}

describe('delivery in long mode', () => {
  test('from ring 3 to ring 0: RSP0, null SS, frame, flags', () => {
    const machine = prepare(3).gate(0x20, HANDLER, INTERRUPT_GATE);
    expect(machine.unit.delivery.deliver('interrupt', 0x20)).toBe('delivered');
    const { state } = machine;
    expect(machine.gpr(RSP)).toBe(BigInt(RSP0 - 40));
    const saved = BigInt(1 | 2 | IF | TF | NT);
    expect(frame(machine, RSP0 - 40, 5)).toEqual([
      RIP,
      BigInt(USER_CODE | 3),
      saved,
      0x3_0ff3n,
      BigInt(USER_DATA | 3),
    ]);
    expect(state.get64(layout.RIP)).toBe(HANDLER);
    expect(state.get32(layout.CPL)).toBe(0);
    expect(state.segment(CS)).toMatchObject({ selector: KERNEL_CODE });
    expect(state.segment(SS)).toMatchObject({ selector: 0, attributes: 0x1_0000 });
    expect(readFlags(state)).toBe(1 | 2);
    expect(state.get32(layout.TLB_BASE)).toBe(layout.TLB_SUPERVISOR);
    expect(state.get64(layout.FETCH_TAG)).toBe(BigInt(1 | (8 << 2)));
  });

  test('within ring 0: the stack is aligned to 16 and SS stays; a fault saves RF and its error code', () => {
    const machine = prepare(0).gate(13, HANDLER, TRAP_GATE);
    expect(machine.unit.delivery.deliver('fault', 13, 0x18)).toBe('delivered');
    expect(machine.gpr(RSP)).toBe(0x3_0ff0n - 48n);
    expect(frame(machine, 0x3_0ff0 - 48, 6)).toEqual([
      0x18n,
      RIP,
      BigInt(KERNEL_CODE),
      BigInt(1 | 2 | IF | TF | NT | RF),
      0x3_0ff3n,
      BigInt(KERNEL_DATA),
    ]);
    expect(machine.state.segment(SS).selector).toBe(KERNEL_DATA);
    expect(readFlags(machine.state)).toBe(1 | 2 | IF);
  });

  test('a gate with an interrupt stack switches to it at any level', () => {
    for (const ring of [0, 3] as const) {
      const machine = prepare(ring).gate(2, HANDLER, INTERRUPT_GATE, 1);
      machine.unit.delivery.deliver('interrupt', 2);
      expect(machine.gpr(RSP)).toBe(BigInt(IST1 - 40));
    }
  });

  test('wakes a halted processor and ends an interrupt shadow', () => {
    const machine = prepare(0).gate(0x20, HANDLER, INTERRUPT_GATE);
    machine.state.set32(layout.HALTED, 1);
    machine.state.set32(layout.INTERRUPT_SHADOW, 1);
    machine.unit.delivery.deliver('interrupt', 0x20);
    expect(machine.state.get32(layout.HALTED)).toBe(0);
    expect(machine.state.get32(layout.INTERRUPT_SHADOW)).toBe(0);
  });

  test('INT n checks the gate level; interrupts and exceptions do not', () => {
    const machine = prepare(3).gate(0x80, HANDLER, 0xee).gate(0x81, HANDLER, INTERRUPT_GATE);
    const before = readFlags(machine.state);
    expect(machine.unit.helpers.softwareInterrupt(0x81)).toBe(Status.Fault);
    expect(recorded(machine)).toEqual({ vector: 13, error: (0x81 << 3) | 2 });
    expect(readFlags(machine.state)).toBe(before);
    expect(machine.gpr(RSP)).toBe(0x3_0ff3n);
    expect(machine.unit.helpers.softwareInterrupt(0x80)).toBe(Status.Lookup);
    expect(frame(machine, RSP0 - 40, 3)[2]).toBe(BigInt(before));
    expect(prepare(3).gate(0x81, HANDLER, INTERRUPT_GATE).unit.delivery.deliver('interrupt', 0x81)).toBe(
      'delivered',
    );
  });

  test('faulty gates: what an attempt records', () => {
    const cases: [name: string, change: (machine: MachineFixture) => void, vector: number, error: number][] =
      [
        ['beyond the limit', (m) => m.state.set32(layout.IDTR, 0x20 * 16 + 14), 13, 0x103],
        ['not a gate of this mode', (m) => m.gate(0x20, HANDLER, 0x8c), 13, 0x103],
        ['not present', (m) => m.gate(0x20, HANDLER, 0x0e), 11, 0x103],
        ['null selector', (m) => m.gate(0x20, HANDLER, 0x8e, 0, 0), 13, 1],
        ['selector beyond the GDT', (m) => m.gate(0x20, HANDLER, 0x8e, 0, 0x48), 13, 0x49],
        ['data segment', (m) => m.gate(0x20, HANDLER, 0x8e, 0, KERNEL_DATA), 13, KERNEL_DATA | 1],
        ['32-bit code', (m) => m.write64(GDT + KERNEL_CODE, 0x00cf_9b00_0000_ffffn), 13, KERNEL_CODE | 1],
        ['absent code', (m) => m.write64(GDT + KERNEL_CODE, 0x00af_1b00_0000_ffffn), 11, KERNEL_CODE | 1],
        ['TSS too short', (m) => m.state.set32(layout.SEGMENTS + 7 * 32 + 8, 10), 10, TSS_SELECTOR | 1],
        ['non-canonical RSP0', (m) => m.write64(TSS + 4, 1n << 60n), 12, 1],
        ['unmapped RSP0', (m) => m.write64(TSS + 4, 0x10_0000n), 14, 2],
      ];
    for (const [name, change, vector, error] of cases) {
      const machine = prepare(3).gate(0x20, HANDLER, INTERRUPT_GATE);
      change(machine);
      const before = machine.state.u8.slice(0, layout.CR2);
      expect(machine.unit.delivery.attempt('interrupt', 0x20), name).toBe(Status.Fault);
      expect(recorded(machine), name).toEqual({ vector, error });
      expect(machine.state.u8.slice(0, layout.CR2), name).toEqual(before);
      expect(machine.state.get32(layout.CPL), name).toBe(3);
    }
  });
});

describe('exceptions during delivery', () => {
  const PAGE_FAULT_HANDLER = 0x1_0000n;
  const DOUBLE_FAULT_HANDLER = 0x1_1000n;

  test('the table of double faults', () => {
    const contributory = [0, 10, 11, 12, 13];
    for (let first = 0; first < 20; first++) {
      for (let second = 0; second < 20; second++) {
        const expected =
          (contributory.includes(first) && contributory.includes(second)) ||
          (first === 14 && (second === 14 || contributory.includes(second)));
        expect(becomesDoubleFault(first, second)).toBe(expected);
      }
    }
  });

  test('a page fault while an interrupt is delivered is delivered in its place', () => {
    const machine = prepare(3)
      .gate(0x20, HANDLER, INTERRUPT_GATE)
      .gate(14, PAGE_FAULT_HANDLER, INTERRUPT_GATE, 1);
    machine.write64(TSS + 4, 0x10_0000n);
    expect(machine.unit.delivery.deliver('interrupt', 0x20)).toBe('delivered');
    expect(machine.state.get64(layout.RIP)).toBe(PAGE_FAULT_HANDLER);
    expect(machine.cr2).toBe(0x10_0000n - 8n);
    expect(frame(machine, IST1 - 48, 2)).toEqual([2n, RIP]);
  });

  test('a page fault while a page fault is delivered is a double fault with error code 0', () => {
    const machine = prepare(3)
      .gate(14, HANDLER, INTERRUPT_GATE)
      .gate(8, DOUBLE_FAULT_HANDLER, INTERRUPT_GATE, 1);
    machine.write64(TSS + 4, 0x10_0000n);
    expect(machine.unit.delivery.deliver('fault', 14, 4)).toBe('delivered');
    expect(machine.state.get64(layout.RIP)).toBe(DOUBLE_FAULT_HANDLER);
    expect(frame(machine, IST1 - 48, 2)).toEqual([0n, RIP]);
  });

  test('a fault while a double fault is delivered shuts down, with the registers as they were', () => {
    const machine = prepare(3).gate(14, HANDLER, INTERRUPT_GATE).gate(8, HANDLER, INTERRUPT_GATE);
    machine.write64(TSS + 4, 0x10_0000n);
    expect(machine.unit.delivery.deliver('fault', 14, 4)).toBe('shutdown');
    expect(machine.state.get64(layout.RIP)).toBe(RIP);
    expect(machine.gpr(RSP)).toBe(0x3_0ff3n);
  });

  test('a recorded fault is delivered with its error code', () => {
    const machine = prepare(3).gate(14, HANDLER, INTERRUPT_GATE);
    machine.map(0x3_5000, 0x3_5000, P | W);
    expect(machine.unit.mmu.readSlow(0x3_5008, 0, 8, 0)).toBe(0);
    expect(machine.unit.delivery.deliverRecorded()).toBe('delivered');
    expect(frame(machine, RSP0 - 48, 1)).toEqual([5n]);
    expect(machine.cr2).toBe(0x3_5008n);
  });

  test('single-step: #DB is a trap with DR6.BS', () => {
    const machine = prepare(0).gate(1, HANDLER, INTERRUPT_GATE);
    expect(machine.unit.deliverDebugTrap(0, true)).toBe('delivered');
    expect(machine.state.get32(layout.DR6) & 0x4000).toBe(0x4000);
    expect(frame(machine, 0x3_0ff0 - 40, 3)[2]).toBe(BigInt(1 | 2 | IF | TF | NT));
  });

  test('a handler at a non-canonical address is #GP of the delivery, with the external bit but for INT n', () => {
    for (const [kind, error] of [
      ['interrupt', 1],
      ['software', 0],
    ] as const) {
      const machine = prepare(0).gate(0x20, 0x8000_0000_0000n, INTERRUPT_GATE);
      expect(machine.unit.delivery.attempt(kind, 0x20)).toBe(Status.Fault);
      expect(machine.fault()).toEqual({ vector: 13, error });
    }
  });
});
