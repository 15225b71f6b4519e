import { beforeEach, describe, expect, it } from 'vitest';
import { Uart16550 } from '../../../emu/machine/devices/uart16550.ts';
import { Bench, RecordedLine } from '../support/parts.ts';

const BASE = 0x3f8;
const DATA = BASE;
const IER = BASE + 1;
const IIR = BASE + 2;
const FCR = BASE + 2;
const LCR = BASE + 3;
const MCR = BASE + 4;
const LSR = BASE + 5;
const MSR = BASE + 6;
const SCR = BASE + 7;
/** 10 bits at 115200 baud, rounded up to a nanosecond. */
const CHARACTER = 86_806;

describe('the 16550A', () => {
  let bench: Bench;
  let line: RecordedLine;
  let uart: Uart16550;
  let sent: number[];

  beforeEach(() => {
    bench = new Bench();
    line = new RecordedLine(4);
    uart = new Uart16550({ bus: bench.bus, clock: bench.clock, line, name: 'com1', base: BASE });
    uart.reset();
    sent = [];
    uart.onTransmit = (byte) => sent.push(byte);
  });

  /** 115200 baud, 8 bits, no parity, FIFOs with the given trigger bits. */
  function open(trigger = 0): void {
    bench.out(LCR, 0x80);
    bench.out(DATA, 1);
    bench.out(IER, 0);
    bench.out(LCR, 0x03);
    bench.out(FCR, 0x07 | (trigger << 6));
  }

  function send(text: string): void {
    uart.receive(new TextEncoder().encode(text));
  }

  it('should have the registers of a 16550A after reset', () => {
    expect([0, 1, 2, 3, 4, 5, 6, 7].map((offset) => bench.in(BASE + offset))).toEqual([
      0x00, 0x00, 0x01, 0x00, 0x08, 0x60, 0xb0, 0x00,
    ]);
  });

  it('should keep what is written to the scratch register', () => {
    bench.out(SCR, 0xa5);
    expect(bench.in(SCR)).toBe(0xa5);
  });

  it('should show the divisor in place of data and interrupt enable while DLAB is set', () => {
    bench.out(IER, 0x05);
    bench.out(LCR, 0x83);
    bench.out(DATA, 0x34);
    bench.out(IER, 0x12);
    expect([bench.in(DATA), bench.in(IER)]).toEqual([0x34, 0x12]);
    bench.out(LCR, 0x03);
    expect(bench.in(IER)).toBe(0x05);
    expect(sent).toEqual([]);
  });

  it.each([
    [1, 0x03, 86_806],
    [12, 0x03, 1_041_667],
    [1, 0x00, 60_764],
    [1, 0x1f, 104_167],
    [0, 0x03, 86_806],
  ])('should take with divisor %i and LCR %i a character time of %i ns', (divisor, lcr, time) => {
    bench.out(LCR, 0x80);
    bench.out(DATA, divisor);
    bench.out(IER, 0);
    bench.out(LCR, lcr);
    expect(uart.characterTime).toBe(time);
  });

  describe('the transmitter', () => {
    it('should send a byte at once and be empty again', () => {
      bench.out(DATA, 0x41);
      expect(sent).toEqual([0x41]);
      expect(bench.in(LSR)).toBe(0x60);
    });

    it('should interrupt when its interrupt is enabled while it is empty', () => {
      bench.out(IER, 0x02);
      expect(line.high).toBe(true);
      expect(bench.in(IIR)).toBe(0x02);
      expect(line.high).toBe(false);
      expect(bench.in(IIR)).toBe(0x01);
    });

    it('should interrupt again after each byte', () => {
      bench.out(IER, 0x02);
      bench.in(IIR);
      bench.out(DATA, 0x41);
      expect(bench.in(IIR)).toBe(0x02);
      bench.out(DATA, 0x42);
      expect(bench.in(IIR)).toBe(0x02);
    });

    it('should make a new edge for each byte even when IIR is not read', () => {
      bench.out(IER, 0x02);
      bench.out(DATA, 0x41);
      bench.out(DATA, 0x42);
      expect(line.rises).toBe(3);
    });
  });

  describe('the receiver', () => {
    it('should hold one byte at a time without FIFOs', () => {
      bench.out(LCR, 0x03);
      send('ab');
      bench.pass(10_000_000);
      expect(bench.in(LSR) & 0x01).toBe(0x01);
      expect(bench.in(DATA)).toBe(0x61);
      expect(bench.in(LSR) & 0x01).toBe(0);
      bench.pass(0);
      expect(bench.in(DATA)).toBe(0x62);
    });

    it('should receive bytes one character time apart', () => {
      open();
      send('abc');
      const counts = [0, CHARACTER - 1, 1, CHARACTER].map((wait) => {
        bench.pass(wait);
        return (uart.save().received as number[]).length;
      });
      expect(counts).toEqual([1, 1, 2, 3]);
    });

    it('should keep bytes on the line while the FIFO is full', () => {
      open();
      send('0123456789abcdefghij');
      bench.pass(100 * CHARACTER);
      expect(bench.in(LSR) & 0x03).toBe(0x01);
      let text = '';
      while ((bench.in(LSR) & 0x01) !== 0) {
        text += String.fromCharCode(bench.in(DATA));
        bench.pass(CHARACTER);
      }
      expect(text).toBe('0123456789abcdefghij');
      expect(uart.drained).toBe(true);
    });

    it('should interrupt for each byte at trigger level 1', () => {
      open();
      bench.out(IER, 0x01);
      send('a');
      bench.pass(0);
      expect(line.high).toBe(true);
      expect(bench.in(IIR)).toBe(0xc4);
      bench.in(DATA);
      expect(line.high).toBe(false);
    });

    it.each([
      [1, 4],
      [2, 8],
      [3, 14],
    ])('should interrupt with trigger bits %i at %i bytes', (bits, level) => {
      open(bits);
      bench.out(IER, 0x01);
      send('x'.repeat(level));
      bench.pass((level - 2) * CHARACTER);
      expect(line.high).toBe(false);
      bench.pass(CHARACTER);
      expect(line.high).toBe(true);
      expect(bench.in(IIR)).toBe(0xc4);
      bench.in(DATA);
      expect(line.high).toBe(false);
    });

    it('should interrupt four character times after the last byte below the trigger level', () => {
      open(2);
      bench.out(IER, 0x01);
      send('ab');
      bench.pass(CHARACTER);
      bench.pass(4 * CHARACTER - 1);
      expect(line.high).toBe(false);
      bench.pass(1);
      expect(line.high).toBe(true);
      expect(bench.in(IIR)).toBe(0xcc);
      bench.in(DATA);
      expect(line.high).toBe(false);
      bench.pass(4 * CHARACTER);
      expect(bench.in(IIR)).toBe(0xcc);
    });

    it('should drop what it holds when the receive FIFO is cleared', () => {
      open();
      bench.out(IER, 0x01);
      send('a');
      bench.pass(0);
      bench.out(FCR, 0x03);
      expect(bench.in(LSR) & 0x01).toBe(0);
      expect(line.high).toBe(false);
    });

    it('should not time out without FIFOs', () => {
      bench.out(LCR, 0x03);
      bench.out(IER, 0x01);
      send('a');
      bench.pass(0);
      bench.pass(100 * CHARACTER * 12);
      expect(bench.in(IIR)).toBe(0x04);
    });
  });

  describe('loopback', () => {
    it('should receive what is sent, and send nothing', () => {
      open();
      bench.out(MCR, 0x10);
      bench.out(DATA, 0x41);
      expect(sent).toEqual([]);
      expect(bench.in(DATA)).toBe(0x41);
    });

    it.each([
      [0x01, 0x20],
      [0x02, 0x10],
      [0x04, 0x40],
      [0x08, 0x80],
      [0x0f, 0xf0],
    ])('should show MCR output %i as MSR input %i', (outputs, inputs) => {
      bench.out(MCR, 0x10 | outputs);
      expect(bench.in(MSR) & 0xf0).toBe(inputs);
    });

    it('should tell changed inputs once, and interrupt for them', () => {
      bench.out(MCR, 0x10);
      bench.in(MSR);
      bench.out(IER, 0x08);
      expect(line.high).toBe(false);
      bench.out(MCR, 0x12);
      expect(line.high).toBe(true);
      expect(bench.in(IIR)).toBe(0x00);
      expect(bench.in(MSR)).toBe(0x11);
      expect(line.high).toBe(false);
      expect(bench.in(MSR)).toBe(0x10);
    });

    it('should tell the end of a ring, not its beginning', () => {
      bench.out(MCR, 0x10);
      bench.in(MSR);
      bench.out(MCR, 0x14);
      expect(bench.in(MSR)).toBe(0x40);
      bench.out(MCR, 0x10);
      expect(bench.in(MSR)).toBe(0x04);
    });

    it('should overrun when more is sent than the FIFO holds', () => {
      open();
      bench.out(IER, 0x04);
      bench.out(MCR, 0x10);
      for (let byte = 0; byte <= 16; byte++) bench.out(DATA, byte);
      expect(bench.in(IIR)).toBe(0xc6);
      expect(bench.in(LSR) & 0x02).toBe(0x02);
      expect(bench.in(LSR) & 0x02).toBe(0);
      expect(line.high).toBe(false);
    });

    it('should leave the line waiting', () => {
      open();
      bench.out(MCR, 0x10);
      send('a');
      bench.pass(10 * CHARACTER);
      expect(bench.in(LSR) & 0x01).toBe(0);
      bench.out(MCR, 0x00);
      bench.pass(0);
      expect(bench.in(DATA)).toBe(0x61);
    });
  });

  it('should identify interrupts by priority', () => {
    open();
    bench.out(MCR, 0x10);
    bench.in(MSR);
    bench.out(IER, 0x0f);
    bench.out(MCR, 0x12);
    for (let byte = 0; byte <= 16; byte++) bench.out(DATA, byte);
    expect(bench.in(IIR)).toBe(0xc6);
    bench.in(LSR);
    expect(bench.in(IIR)).toBe(0xc4);
    while ((bench.in(LSR) & 0x01) !== 0) bench.in(DATA);
    expect(bench.in(IIR)).toBe(0xc2);
    expect(bench.in(IIR)).toBe(0xc0);
    bench.in(MSR);
    expect(bench.in(IIR)).toBe(0xc1);
  });

  it('should receive a break in its turn, as a zero byte that the line status tells apart', () => {
    open();
    bench.out(IER, 0x04);
    send('a');
    uart.receiveBreak();
    send('b');
    bench.pass(0);
    expect([bench.in(LSR) & 0x1f, bench.in(DATA)]).toEqual([0x01, 0x61]);
    expect(line.high).toBe(false);
    bench.pass(CHARACTER);
    expect(line.high).toBe(true);
    expect(bench.in(IIR) & 0x0f).toBe(0x06);
    expect(bench.in(LSR) & 0x1f).toBe(0x11);
    // Reading the status forgets the break, not the byte.
    expect(line.high).toBe(false);
    expect([bench.in(LSR) & 0x1f, bench.in(DATA)]).toEqual([0x01, 0x00]);
    bench.pass(CHARACTER);
    expect([bench.in(LSR) & 0x1f, bench.in(DATA)]).toEqual([0x01, 0x62]);
  });

  it('should go on from a saved state with the same bytes at the same times', () => {
    open(3);
    bench.out(IER, 0x01);
    send('hello, world');
    bench.pass(3 * CHARACTER + 17);
    const saved = JSON.parse(JSON.stringify(uart.save()));
    const other = new Bench();
    other.position = bench.position;
    const otherLine = new RecordedLine(4);
    const copy = new Uart16550({
      bus: other.bus,
      clock: other.clock,
      line: otherLine,
      name: 'com1',
      base: BASE,
    });
    copy.restore(saved);
    expect(copy.save()).toEqual(saved);
    for (const wait of [CHARACTER, 8 * CHARACTER, 3 * CHARACTER, 1]) {
      bench.pass(wait);
      other.pass(wait);
      expect(copy.save()).toEqual(uart.save());
      expect(otherLine.high).toBe(line.high);
    }
    expect(line.high).toBe(true);
  });
});
