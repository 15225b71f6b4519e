import { beforeEach, describe, expect, it } from 'vitest';
import { Cmos } from '../../../emu/machine/devices/cmos.ts';
import { Bench, RecordedLine } from '../support/parts.ts';

const SECOND = 1_000_000_000;
/** 2023-11-14 22:13:20, a Tuesday. */
const BOOT_TIME = 1_700_000_000;
const A = 0x0a;
const B = 0x0b;
const C = 0x0c;

let bench: Bench;
let line: RecordedLine;
let cmos: Cmos;

beforeEach(() => {
  bench = new Bench();
  line = new RecordedLine(8);
  cmos = new Cmos({ bus: bench.bus, clock: bench.clock, line, bootTime: BOOT_TIME, memorySize: 64 << 20 });
});

function read(register: number): number {
  bench.out(0x70, register);
  return bench.in(0x71);
}

function write(register: number, value: number): void {
  bench.out(0x70, register);
  bench.out(0x71, value);
}

/** Century, year, month, day, day of the week, hours, minutes, seconds. */
function show(): number[] {
  return [0x32, 0x09, 0x08, 0x07, 0x06, 0x04, 0x02, 0x00].map(read);
}

describe('CMOS memory', () => {
  it('should show how much memory there is, and keep what is written', () => {
    expect([0x15, 0x16, 0x17, 0x18, 0x30, 0x31, 0x34, 0x35].map(read)).toEqual([
      0x80, 0x02, 0x00, 0xfc, 0x00, 0xfc, 0x00, 0x03,
    ]);
    write(0x40, 0x99);
    const saved = JSON.parse(JSON.stringify(cmos.save()));
    cmos.reset();
    expect(read(0x40)).toBe(0);
    cmos.restore(saved);
    expect(read(0x40)).toBe(0x99);
    expect(read(0x0d)).toBe(0x80);
  });

  it('should ignore the bit of the index that masks the NMI', () => {
    expect(read(0x80 | 0x0d)).toBe(0x80);
  });
});

describe('the real-time clock', () => {
  it('should show the time of day in BCD, following guest time', () => {
    expect(show()).toEqual([0x20, 0x23, 0x11, 0x14, 0x03, 0x22, 0x13, 0x20]);
    bench.pass(2 * 3600 * SECOND + 45_999_999_999);
    expect(show()).toEqual([0x20, 0x23, 0x11, 0x15, 0x04, 0x00, 0x14, 0x05]);
  });

  it('should change over to binary and to twelve hours', () => {
    write(B, 0x06);
    expect(show()).toEqual([20, 23, 11, 14, 3, 22, 13, 20]);
    write(B, 0x00);
    expect(read(0x04)).toBe(0x90);
    write(0x04, 0x92);
    expect(read(0x04)).toBe(0x92);
    write(0x04, 0x12);
    expect(read(0x04)).toBe(0x12);
    write(B, 0x02);
    expect(read(0x04)).toBe(0x00);
  });

  it('should take a time that is written while it runs, in the same phase', () => {
    bench.pass(SECOND / 4);
    write(0x02, 0x59);
    write(0x00, 0x59);
    bench.pass(SECOND / 2 + SECOND / 4 - 1);
    expect(show().slice(-3)).toEqual([0x22, 0x59, 0x59]);
    bench.pass(1);
    expect(show().slice(-3)).toEqual([0x23, 0x00, 0x00]);
  });

  it('should stand still while it is set', () => {
    write(B, 0x82);
    bench.pass(10 * SECOND);
    expect(show().slice(-3)).toEqual([0x22, 0x13, 0x20]);
    write(0x00, 0x30);
    write(B, 0x02);
    bench.pass(5 * SECOND);
    expect(show().slice(-3)).toEqual([0x22, 0x13, 0x35]);
  });

  it('should update half a second after its divider is released', () => {
    write(A, 0x66);
    bench.pass(7 * SECOND + 123);
    write(A, 0x26);
    bench.pass(SECOND / 2 - 1);
    expect(read(0x00)).toBe(0x20);
    bench.pass(1);
    expect(read(0x00)).toBe(0x21);
  });

  it('should announce each update', () => {
    bench.pass(SECOND - 244_001);
    expect(read(A) & 0x80).toBe(0);
    bench.pass(1);
    expect(read(A) & 0x80).toBe(0x80);
    bench.pass(243_999);
    expect(read(A) & 0x80).toBe(0x80);
    bench.pass(1);
    expect(read(A) & 0x80).toBe(0);
  });

  it('should raise flags that nobody waits for, without an interrupt', () => {
    write(0x01, 0x21);
    write(0x03, 0x13);
    write(0x05, 0x22);
    bench.pass(SECOND - 1);
    expect(read(C)).toBe(0x40);
    bench.pass(1);
    expect(read(C)).toBe(0x70);
    expect(read(C)).toBe(0x00);
    expect(line.rises).toBe(0);
  });

  it('should interrupt for a flag that is raised already when it is enabled', () => {
    bench.pass(SECOND);
    write(B, 0x12);
    expect(line.high).toBe(true);
    expect(read(C)).toBe(0xd0);
    expect(line.high).toBe(false);
  });

  it.each([
    [1, 3_906_250],
    [2, 7_812_500],
    [3, 122_071],
    [6, 976_563],
    [10, 15_625_000],
    [15, 500_000_000],
  ])('should interrupt periodically at rate %i, every %i ns', (rate, period) => {
    write(A, 0x20 | rate);
    write(B, 0x42);
    bench.pass(period - 1);
    expect(line.rises).toBe(0);
    bench.pass(1);
    expect(line.rises).toBe(1);
    bench.pass(10 * period);
    expect(line.rises).toBe(1);
    expect(read(C) & 0xc0).toBe(0xc0);
    bench.pass(period);
    expect(line.rises).toBe(2);
  });

  it('should not interrupt periodically at rate 0', () => {
    write(A, 0x20);
    write(B, 0x42);
    expect(bench.clock.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
  });

  it('should not wait for an alarm that never comes', () => {
    write(0x05, 0x77);
    write(B, 0x22);
    expect(bench.clock.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
    write(0x05, 0xff);
    write(0x03, 0xff);
    write(0x01, 0x00);
    bench.pass(40 * SECOND - 1);
    expect(line.rises).toBe(0);
    bench.pass(1);
    expect(line.rises).toBe(1);
  });

  it('should be saved while it is set and while it waits', () => {
    write(B, 0x82);
    write(0x00, 0x44);
    const set = JSON.parse(JSON.stringify(cmos.save()));
    write(B, 0x12);
    bench.pass(SECOND / 2);
    const waits = JSON.parse(JSON.stringify(cmos.save()));
    cmos.reset();
    cmos.restore(waits);
    expect(cmos.save()).toEqual(waits);
    bench.pass(SECOND / 2);
    expect(line.rises).toBe(1);
    cmos.restore(set);
    expect(read(0x00)).toBe(0x44);
    write(B, 0x02);
    expect(read(0x00)).toBe(0x44);
  });
});
