import { beforeEach, describe, expect, it } from 'vitest';
import { LocalApic } from '../../../../emu/machine/devices/apic/local-apic.ts';
import { LocalApicRegister as Register } from '../../../../emu/machine/devices/apic/local-apic-registers.ts';
import { NO_VECTOR } from '../../../../emu/machine/devices/apic/vector-set.ts';
import { Bench } from '../../support/parts.ts';

const BASE = 0xfee0_0000;
const MASKED = 0x1_0000;
const SELF = 0x4_0000;
const ENABLED_BASE = 0xfee0_0900;

let bench: Bench;
let apic: LocalApic;
let signals: string[];
let priority: number;

beforeEach(() => {
  bench = new Bench();
  signals = [];
  apic = new LocalApic({
    bus: bench.bus,
    clock: bench.clock,
    timerSource: 16,
    setTaskPriorityClass: (value) => {
      priority = value;
    },
    onChange: () => {},
    onEnable: () => signals.push('enabled'),
    onEndOfInterrupt: (vector) => signals.push(`end of ${vector}`),
    onSignal: (signal) => signals.push(signal),
  });
});

function read(register: number, base = BASE): number {
  return bench.bus.memoryRead(base + register, 4);
}

function write(register: number, value: number): void {
  bench.bus.memoryWrite(BASE + register, 4, value);
}

function enable(): void {
  write(Register.SpuriousVector, 0x1ff);
}

describe('a local APIC', () => {
  it('should be disabled by software after RESET, with all its sources masked for good', () => {
    write(Register.TimerVector, 0x40);
    write(Register.Lint0Vector, 0x700);
    expect(read(Register.TimerVector)).toBe(MASKED | 0x40);
    expect(apic.passesExternal).toBe(false);
    write(Register.InterruptCommandLow, SELF | 0x50);
    expect(apic.pending).toBe(NO_VECTOR);
    enable();
    write(Register.Lint0Vector, 0x700);
    expect(apic.passesExternal).toBe(true);
    write(Register.InterruptCommandLow, SELF | 0x50);
    expect(apic.pending).toBe(0x50);
    write(Register.SpuriousVector, 0xff);
    expect(read(Register.Lint0Vector)).toBe(MASKED | 0x700);
    expect(apic.pending).toBe(NO_VECTOR);
    expect(signals).toEqual(['enabled']);
  });

  it('should take a rise of LINT0 as a vector of its own in fixed mode', () => {
    enable();
    write(Register.Lint0Vector, 0x51);
    expect(apic.passesExternal).toBe(false);
    apic.setLint0(true);
    expect(apic.acknowledge()).toBe(0x51);
    write(Register.EndOfInterrupt, 0);
    apic.setLint0(true);
    expect(apic.pending).toBe(NO_VECTOR);
  });

  it('should collect errors until they are written, and report each once', () => {
    enable();
    write(Register.ErrorVector, 0x61);
    write(Register.InterruptCommandLow, SELF | 0x0f);
    expect(apic.acknowledge()).toBe(0x61);
    read(0x3f0);
    expect(read(Register.ErrorStatus)).toBe(0);
    write(Register.ErrorStatus, 0);
    expect(read(Register.ErrorStatus)).toBe(0xa0);
    write(Register.ErrorStatus, 0);
    expect(read(Register.ErrorStatus)).toBe(0);
  });

  it('should live through an error entry with an illegal vector', () => {
    enable();
    write(Register.ErrorVector, 0x05);
    write(Register.InterruptCommandLow, SELF | 0x01);
    write(Register.ErrorStatus, 0);
    expect(read(Register.ErrorStatus)).toBe(0x60);
  });

  it('should move with the base register, and vanish when it is disabled there', () => {
    enable();
    apic.baseWritten(0xfed0_0900, 0);
    expect(read(Register.Version, 0xfed0_0000)).toBe(0x0005_0014);
    expect(read(Register.Version)).toBe(0xffff_ffff);
    apic.baseWritten(0xfed0_0100, 0);
    expect(read(Register.Version, 0xfed0_0000)).toBe(0xffff_ffff);
    expect(apic.passesExternal).toBe(true);
    apic.baseWritten(ENABLED_BASE, 0);
    expect(read(Register.SpuriousVector)).toBe(0xff);
    expect(apic.passesExternal).toBe(false);
  });

  it('should keep one task priority with CR8', () => {
    write(Register.TaskPriority, 0x5a);
    expect(priority).toBe(5);
    apic.taskPriorityWritten(7);
    expect(read(Register.TaskPriority)).toBe(0x70);
    expect(read(Register.ProcessorPriority)).toBe(0x70);
  });

  it('should pass on NMI and INIT that are sent to it, and no INIT de-assert', () => {
    enable();
    write(Register.InterruptCommandHigh, 0);
    write(Register.InterruptCommandLow, 0x400);
    write(Register.InterruptCommandLow, 0x8500);
    write(Register.InterruptCommandLow, 0x4500);
    expect(signals).toEqual(['enabled', 'nonMaskable', 'init']);
  });

  it('should give its registers to dword accesses alone', () => {
    enable();
    bench.bus.memoryWrite(BASE + Register.TaskPriority, 1, 0x50);
    expect(read(Register.TaskPriority)).toBe(0);
    expect(bench.bus.memoryRead(BASE + Register.Version + 2, 1)).toBe(0x05);
  });

  it('should tell the I/O APIC of the end of level-triggered interrupts', () => {
    enable();
    const message = { deliveryMode: 0, logical: false, destination: 0 };
    expect(apic.receive({ ...message, vector: 0x71, levelTriggered: true })).toBe(true);
    expect(apic.receive({ ...message, vector: 0x41, levelTriggered: false })).toBe(true);
    for (const vector of [0x71, 0x41]) {
      expect(apic.acknowledge()).toBe(vector);
      write(Register.EndOfInterrupt, 0);
    }
    expect(signals).toEqual(['enabled', 'end of 113']);
  });
});

describe("a local APIC's timer", () => {
  beforeEach(() => {
    enable();
    write(Register.TimerDivide, 0xb);
  });

  it('should count down once, at the divided rate', () => {
    write(Register.TimerDivide, 0x3);
    write(Register.TimerVector, 0x40);
    write(Register.TimerInitialCount, 100);
    bench.pass(16 * 40 + 5);
    expect(read(Register.TimerCurrentCount)).toBe(60);
    bench.pass(16 * 60 - 6);
    expect([read(Register.TimerCurrentCount), apic.pending]).toEqual([1, NO_VECTOR]);
    bench.pass(1);
    expect([read(Register.TimerCurrentCount), apic.pending]).toEqual([0, 0x40]);
    expect(bench.clock.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
  });

  it('should go on from where it is when the divider changes', () => {
    write(Register.TimerVector, 0x40);
    write(Register.TimerInitialCount, 1000);
    bench.pass(400);
    write(Register.TimerDivide, 0x0);
    expect(read(Register.TimerCurrentCount)).toBe(600);
    bench.pass(1199);
    expect(apic.pending).toBe(NO_VECTOR);
    bench.pass(1);
    expect(apic.pending).toBe(0x40);
  });

  it('should come again and again in periodic mode, without drift', () => {
    write(Register.TimerVector, 0x2_0041);
    write(Register.TimerInitialCount, 250);
    let times = 0;
    for (let passed = 0; passed < 10_000; passed += 125) {
      bench.pass(125);
      if (apic.acknowledge() === 0x41) times++;
      write(Register.EndOfInterrupt, 0);
    }
    expect(times).toBe(40);
  });

  it('should not wake the host while it is masked', () => {
    write(Register.TimerVector, 0x1_0041);
    write(Register.TimerInitialCount, 250);
    expect(bench.clock.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
    bench.pass(100);
    write(Register.TimerVector, 0x41);
    expect(bench.clock.nextDeadline()).toBe(250);
  });

  it('should be saved with everything else', () => {
    write(Register.TimerVector, 0x41);
    write(Register.TaskPriority, 0x20);
    write(Register.LogicalDestination, 0x0100_0000);
    write(Register.InterruptCommandLow, SELF | 0x77);
    expect(apic.acknowledge()).toBe(0x77);
    write(Register.InterruptCommandLow, SELF | 0x70);
    write(Register.TimerInitialCount, 250);
    bench.pass(100);
    const saved = JSON.parse(JSON.stringify(apic.save()));
    bench.pass(1000);
    apic.reset();
    apic.restore(saved);
    expect(apic.save()).toEqual(saved);
    expect(read(Register.InService + 0x30)).toBe(1 << 23);
    expect(read(Register.TimerInitialCount)).toBe(250);
    bench.clock.expireDue();
    write(Register.EndOfInterrupt, 0);
    expect(apic.acknowledge()).toBe(0x70);
    write(Register.EndOfInterrupt, 0);
    expect(apic.acknowledge()).toBe(0x41);
  });
});
