import { beforeEach, describe, expect, it } from 'vitest';
import { I8254 } from '../../../emu/machine/devices/i8254.ts';
import { nanosecondsFor, PIT_FREQUENCY, ticksIn } from '../../../emu/machine/devices/i8254-time.ts';
import { Bench, RecordedLine } from '../support/parts.ts';

const CONTROL = 0x43;
const PORT_B = 0x61;
const SECOND = 1_000_000_000;
/** Reload value of a 100 Hz clock. */
const HZ_100 = Math.round(PIT_FREQUENCY / 100);

describe('the 8254', () => {
  let bench: Bench;
  let line: RecordedLine;
  let pit: I8254;

  beforeEach(() => {
    bench = new Bench();
    // Loads do not fall on whole input clocks.
    bench.position = 12_345;
    line = new RecordedLine(0);
    pit = new I8254({ bus: bench.bus, clock: bench.clock, line });
    pit.reset();
  });

  function start(channel: number, mode: number, count: number): void {
    bench.out(CONTROL, (channel << 6) | 0x30 | (mode << 1));
    bench.out(0x40 + channel, count & 0xff, count >>> 8);
  }

  /** Goes to the first nanosecond at which `ticks` input clocks have passed since the load at `from`. */
  function goToTick(from: number, ticks: number): void {
    bench.pass(from + nanosecondsFor(ticks) - bench.position);
  }

  function readCount(channel: number): number {
    bench.out(CONTROL, channel << 6);
    const low = bench.in(0x40 + channel);
    return low | (bench.in(0x40 + channel) << 8);
  }

  function readStatus(channel: number): number {
    bench.out(CONTROL, 0xe0 | (2 << channel));
    return bench.in(0x40 + channel);
  }

  describe('time', () => {
    it.each([
      [0, 0],
      [838, 0],
      [839, 1],
      [1_676, 1],
      [1_677, 2],
      [SECOND, 1_193_182],
      [3_600 * SECOND, 3_600 * 1_193_182],
      // ten years: (10 * 365 * 86400 s + 500 ns) * 1193182 Hz, by integer arithmetic
      [315_360_000 * SECOND, 376_281_875_520_000],
    ])('should count in %i ns %i input clocks', (nanoseconds, ticks) => {
      expect(ticksIn(nanoseconds)).toBe(ticks);
    });

    it('should agree with exact arithmetic for any count', () => {
      for (let ticks = 1; ticks < 5_000_000; ticks = ticks * 3 + 1) {
        const exact = (BigInt(ticks) * 1_000_000_000n + 1_193_181n) / 1_193_182n;
        expect(BigInt(nanosecondsFor(ticks))).toBe(exact);
        expect(ticksIn(nanosecondsFor(ticks))).toBe(ticks);
        expect(ticksIn(nanosecondsFor(ticks) - 1)).toBe(ticks - 1);
      }
    });
  });

  describe('mode 2', () => {
    it('should raise IRQ 0 at each period', () => {
      start(0, 2, HZ_100);
      line.rises = 0;
      bench.pass(SECOND);
      // 1 s holds 1193182 clocks, 99.998 periods of 11932.
      expect(line.rises).toBe(99);
      bench.pass(SECOND / 100);
      expect(line.rises).toBe(100);
    });

    it('should not drift over an hour', () => {
      start(0, 2, 1193);
      line.rises = 0;
      bench.pass(3600 * SECOND);
      expect(line.rises).toBe(Math.floor((3600 * PIT_FREQUENCY) / 1193));
    });

    it('should count down from the count to 1 and start over', () => {
      start(0, 2, 1000);
      const from = bench.position;
      const seen = [0, 1, 998, 999, 1000, 2500].map((tick) => {
        goToTick(from, tick);
        return readCount(0);
      });
      expect(seen).toEqual([1000, 999, 2, 1, 1000, 500]);
    });

    it('should have OUT low for the last clock of a period', () => {
      start(0, 2, 1000);
      const from = bench.position;
      const seen = [0, 998, 999, 1000].map((tick) => {
        goToTick(from, tick);
        return readStatus(0) & 0x80;
      });
      expect(seen).toEqual([0x80, 0x80, 0, 0x80]);
    });

    it('should count 65536 when 0 is written', () => {
      start(0, 2, 0);
      const from = bench.position;
      line.rises = 0;
      goToTick(from, 65_535);
      expect(line.rises).toBe(0);
      goToTick(from, 65_536);
      expect(line.rises).toBe(1);
    });
  });

  describe('mode 3', () => {
    it('should count down by two', () => {
      start(0, 3, 1000);
      const from = bench.position;
      const seen = [1, 499, 500, 501].map((tick) => {
        goToTick(from, tick);
        return readCount(0);
      });
      expect(seen).toEqual([998, 2, 1000, 998]);
    });

    it('should have OUT high for the longer half of an odd count', () => {
      start(0, 3, 5);
      const from = bench.position;
      const seen = [0, 1, 2, 3, 4, 5, 7, 8].map((tick) => {
        goToTick(from, tick);
        return readStatus(0) >>> 7;
      });
      expect(seen).toEqual([1, 1, 1, 0, 0, 1, 1, 0]);
    });

    it('should raise IRQ 0 once per period', () => {
      start(0, 3, 1000);
      line.rises = 0;
      bench.pass(SECOND);
      expect(line.rises).toBe(1193);
    });
  });

  describe('mode 0', () => {
    it('should raise IRQ 0 once, at terminal count', () => {
      start(0, 0, 1000);
      const from = bench.position;
      expect(line.high).toBe(false);
      goToTick(from, 999);
      expect(line.high).toBe(false);
      goToTick(from, 1000);
      expect(line.high).toBe(true);
      bench.pass(SECOND);
      expect(line.rises).toBe(1);
    });

    it('should go on counting from 65535 after terminal count', () => {
      start(0, 0, 1000);
      const from = bench.position;
      goToTick(from, 1001);
      expect(readCount(0)).toBe(0xffff);
    });

    it('should start anew with OUT low when a count is written', () => {
      start(0, 0, 1000);
      bench.pass(SECOND);
      bench.out(0x40, 0xe8, 0x03);
      expect(line.high).toBe(false);
      bench.pass(SECOND);
      expect(line.rises).toBe(2);
    });
  });

  it('should strobe once, one clock after terminal count, in mode 4', () => {
    start(0, 4, 100);
    const from = bench.position;
    line.rises = 0;
    goToTick(from, 100);
    expect(readStatus(0) & 0x80).toBe(0);
    expect(line.rises).toBe(0);
    goToTick(from, 101);
    expect(readStatus(0) & 0x80).toBe(0x80);
    expect(line.rises).toBe(1);
    bench.pass(SECOND);
    expect(line.rises).toBe(1);
  });

  describe('reading', () => {
    it('should keep a latched count until both bytes are read', () => {
      start(0, 2, 0x1234);
      const from = bench.position;
      bench.out(CONTROL, 0x00);
      goToTick(from, 0x100);
      bench.out(CONTROL, 0x00);
      expect([bench.in(0x40), bench.in(0x40)]).toEqual([0x34, 0x12]);
      expect([bench.in(0x40), bench.in(0x40)]).toEqual([0x34, 0x11]);
    });

    it.each([
      ['the low byte', 0x14, [0x34], [0x34]],
      ['the high byte', 0x24, [0x12], [0x12]],
    ])('should read and write %s alone', (_, control, written, read) => {
      bench.out(CONTROL, control);
      bench.out(0x40, ...written);
      expect(bench.in(0x40)).toBe(read[0]);
      expect(bench.in(0x40)).toBe(read[0]);
    });

    it('should read back status, then count, of several channels', () => {
      start(0, 2, 0x1234);
      start(1, 3, 0x0042);
      bench.out(CONTROL, 0xc0 | 0x06);
      expect(bench.in(0x40)).toBe(0xb4);
      expect([bench.in(0x40), bench.in(0x40)]).toEqual([0x34, 0x12]);
      expect(bench.in(0x41)).toBe(0xb6);
      expect([bench.in(0x41), bench.in(0x41)]).toEqual([0x42, 0x00]);
    });

    it('should say null count until the whole count is written', () => {
      bench.out(CONTROL, 0x34);
      expect(readStatus(0) & 0x40).toBe(0x40);
      bench.out(0x40, 0x10);
      expect(readStatus(0) & 0x40).toBe(0x40);
      bench.out(0x40, 0x00);
      expect(readStatus(0) & 0x40).toBe(0);
    });

    it('should count in decimal when told so', () => {
      bench.out(CONTROL, 0x35);
      bench.out(0x40, 0x00, 0x10);
      const from = bench.position;
      goToTick(from, 1);
      expect(readCount(0)).toBe(0x0999);
      line.rises = 0;
      goToTick(from, 1000);
      expect(line.rises).toBe(1);
    });
  });

  describe('channel 2', () => {
    it('should show its output at port 0x61 when the gate is open', () => {
      bench.out(PORT_B, 0x01);
      start(2, 0, 1000);
      const from = bench.position;
      goToTick(from, 999);
      expect(bench.in(PORT_B) & 0x21).toBe(0x01);
      goToTick(from, 1000);
      expect(bench.in(PORT_B) & 0x21).toBe(0x21);
    });

    it('should not count in mode 0 while the gate is shut', () => {
      bench.out(PORT_B, 0x00);
      start(2, 0, 1000);
      bench.pass(SECOND);
      expect(readCount(2)).toBe(1000);
      bench.out(PORT_B, 0x01);
      const from = bench.position;
      goToTick(from, 400);
      bench.out(PORT_B, 0x00);
      bench.pass(SECOND);
      expect(readCount(2)).toBe(600);
    });

    it.each([1, 5])('should start at a rising gate in mode %i', (mode) => {
      start(2, mode, 1000);
      bench.pass(SECOND);
      expect(bench.in(PORT_B) & 0x20).toBe(0x20);
      bench.out(PORT_B, 0x01);
      const from = bench.position;
      goToTick(from, 500);
      expect(readCount(2)).toBe(500);
      expect(bench.in(PORT_B) & 0x20).toBe(mode === 1 ? 0 : 0x20);
      bench.out(PORT_B, 0x00);
      bench.out(PORT_B, 0x01);
      expect(readCount(2)).toBe(1000);
    });

    it('should restart mode 2 at a rising gate, with OUT high while it is shut', () => {
      bench.out(PORT_B, 0x01);
      start(2, 2, 1000);
      const from = bench.position;
      goToTick(from, 999);
      expect(bench.in(PORT_B) & 0x20).toBe(0);
      bench.out(PORT_B, 0x00);
      expect(bench.in(PORT_B) & 0x20).toBe(0x20);
      bench.out(PORT_B, 0x01);
      expect(readCount(2)).toBe(1000);
    });

    it('should never touch IRQ 0', () => {
      bench.out(PORT_B, 0x01);
      start(2, 2, 100);
      bench.pass(SECOND);
      expect(line.rises).toBe(0);
    });
  });

  it('should toggle the refresh bit of port 0x61 with time', () => {
    const seen = new Set<number>();
    for (let index = 0; index < 4; index++) {
      seen.add(bench.in(PORT_B) & 0x10);
      bench.pass(15_085);
    }
    expect([...seen].sort()).toEqual([0, 0x10]);
  });

  it('should go on from a saved state with the same edges', () => {
    start(0, 2, HZ_100);
    start(2, 3, 777);
    bench.out(0x41, 0x55);
    bench.pass(33_333_333);
    bench.out(CONTROL, 0x00);
    const saved = JSON.parse(JSON.stringify(pit.save()));
    const other = new Bench();
    other.position = bench.position;
    const otherLine = new RecordedLine(0);
    const otherPit = new I8254({ bus: other.bus, clock: other.clock, line: otherLine });
    otherPit.restore(saved);
    expect(otherPit.save()).toEqual(saved);
    line.rises = 0;
    bench.pass(SECOND);
    other.pass(SECOND);
    expect(otherLine.rises).toBe(line.rises);
    expect(other.in(0x40)).toBe(bench.in(0x40));
    expect(otherPit.save()).toEqual(pit.save());
  });
});
