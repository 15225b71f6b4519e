import { beforeEach, describe, expect, it } from 'vitest';
import { InterruptController } from '../../../emu/machine/devices/interrupt-controller.ts';
import { Bench } from '../support/parts.ts';

const FIRST = 0x20;
const SECOND = 0xa0;
const EOI = 0x20;
const READ_IRR = 0x0a;
const READ_ISR = 0x0b;
const POLL = 0x0c;
const ICW4_8086 = 0x01;
const ICW4_AUTO_EOI = 0x02;
const ICW4_FULLY_NESTED = 0x10;

describe('the two 8259A', () => {
  let bench: Bench;
  let pic: InterruptController;
  let request: boolean;

  beforeEach(() => {
    bench = new Bench();
    request = false;
    pic = new InterruptController({
      bus: bench.bus,
      onOutput: (high) => {
        request = high;
      },
    });
    initialise();
  });

  function initialise(icw4 = ICW4_8086): void {
    bench.out(FIRST, 0x11);
    bench.out(FIRST + 1, 0x20, 0x04, icw4);
    bench.out(SECOND, 0x11);
    bench.out(SECOND + 1, 0x28, 0x02, icw4);
  }

  function pulse(irq: number): void {
    pic.setLine(irq, true);
    pic.setLine(irq, false);
  }

  function readRegister(chip: number, command: number): number {
    bench.out(chip, command);
    return bench.in(chip);
  }

  it.each([
    [0, 0x20],
    [1, 0x21],
    [4, 0x24],
    [7, 0x27],
    [8, 0x28],
    [12, 0x2c],
    [15, 0x2f],
  ])('should answer IRQ %i with vector %i', (irq, vector) => {
    pulse(irq);
    expect(request).toBe(true);
    expect(pic.acknowledge()).toBe(vector);
    expect(request).toBe(false);
  });

  it('should forget requests, masks and service at ICW1', () => {
    bench.out(FIRST + 1, 0xff);
    pulse(3);
    initialise();
    expect(bench.in(FIRST + 1)).toBe(0);
    expect(readRegister(FIRST, READ_IRR)).toBe(0);
    expect(readRegister(FIRST, READ_ISR)).toBe(0);
  });

  it('should want a new rising edge after ICW1 on a line that is high', () => {
    pic.setLine(3, true);
    initialise();
    expect(request).toBe(false);
    pic.setLine(3, false);
    pic.setLine(3, true);
    expect(request).toBe(true);
  });

  it('should latch the cascade again after ICW1 of the first chip alone', () => {
    pic.setLine(9, true);
    bench.out(FIRST, 0x11);
    bench.out(FIRST + 1, 0x20, 0x04, ICW4_8086);
    expect(request).toBe(false);
    bench.out(SECOND + 1, 0);
    expect(pic.acknowledge()).toBe(0x29);
  });

  it('should do without ICW3 when single and without ICW4 when not asked for', () => {
    bench.out(FIRST, 0x12);
    bench.out(FIRST + 1, 0x40);
    bench.out(FIRST + 1, 0xaa);
    expect(bench.in(FIRST + 1)).toBe(0xaa);
    bench.out(FIRST + 1, 0);
    pulse(5);
    expect(pic.acknowledge()).toBe(0x45);
  });

  it('should hold back a masked request and deliver it when unmasked', () => {
    bench.out(FIRST + 1, 1 << 4);
    pulse(4);
    expect(request).toBe(false);
    expect(readRegister(FIRST, READ_IRR)).toBe(1 << 4);
    bench.out(FIRST + 1, 0);
    expect(request).toBe(true);
  });

  it('should move a request from IRR to ISR at the acknowledge', () => {
    pulse(4);
    expect(readRegister(FIRST, READ_IRR)).toBe(1 << 4);
    pic.acknowledge();
    expect(readRegister(FIRST, READ_IRR)).toBe(0);
    expect(readRegister(FIRST, READ_ISR)).toBe(1 << 4);
  });

  it('should put both the cascade level and the second chip into service', () => {
    pulse(10);
    pic.acknowledge();
    expect(readRegister(FIRST, READ_ISR)).toBe(1 << 2);
    expect(readRegister(SECOND, READ_ISR)).toBe(1 << 2);
  });

  describe('priorities', () => {
    it.each([
      // requests in the order of arrival, the order of vectors with an EOI after each
      [
        [4, 1],
        [0x21, 0x24],
      ],
      [
        [7, 3, 0],
        [0x20, 0x23, 0x27],
      ],
      // The second chip counts as level 2 of the first: before 3, after 1.
      [
        [3, 15, 8, 1],
        [0x21, 0x28, 0x2f, 0x23],
      ],
    ])('should serve IRQs %j as vectors %j', (irqs, vectors) => {
      for (const irq of irqs) pulse(irq);
      const served = vectors.map(() => {
        const vector = pic.acknowledge();
        if (vector >= 0x28) bench.out(SECOND, EOI);
        bench.out(FIRST, EOI);
        return vector;
      });
      expect(served).toEqual(vectors);
      expect(request).toBe(false);
    });

    it('should let a higher level interrupt a lower one in service, and no other', () => {
      pulse(4);
      pic.acknowledge();
      pulse(4);
      pulse(6);
      expect(request).toBe(false);
      pulse(3);
      expect(request).toBe(true);
      expect(pic.acknowledge()).toBe(0x23);
    });

    it('should hold back the second chip while one of its requests is in service', () => {
      pulse(12);
      pic.acknowledge();
      pulse(9);
      expect(request).toBe(false);
    });

    it('should let the second chip nest in special fully nested mode', () => {
      initialise(ICW4_8086 | ICW4_FULLY_NESTED);
      pulse(12);
      pic.acknowledge();
      pulse(9);
      expect(request).toBe(true);
      expect(pic.acknowledge()).toBe(0x29);
    });

    it('should make the level after the given one the highest with OCW2 set priority', () => {
      bench.out(FIRST, 0xc0 | 3);
      pulse(0);
      pulse(4);
      pulse(3);
      const served = [1, 2, 3].map(() => {
        const vector = pic.acknowledge();
        bench.out(FIRST, EOI);
        return vector;
      });
      expect(served).toEqual([0x24, 0x20, 0x23]);
    });
  });

  describe('end of interrupt', () => {
    it('should end the highest level in service with a non-specific EOI', () => {
      pulse(4);
      pic.acknowledge();
      pulse(1);
      pic.acknowledge();
      bench.out(FIRST, EOI);
      expect(readRegister(FIRST, READ_ISR)).toBe(1 << 4);
    });

    it('should end the given level with a specific EOI', () => {
      pulse(4);
      pic.acknowledge();
      pulse(1);
      pic.acknowledge();
      bench.out(FIRST, 0x60 | 4);
      expect(readRegister(FIRST, READ_ISR)).toBe(1 << 1);
    });

    it('should make the ended level the lowest with rotate on non-specific EOI', () => {
      pulse(4);
      pic.acknowledge();
      bench.out(FIRST, 0xa0);
      pulse(4);
      pulse(5);
      expect(pic.acknowledge()).toBe(0x25);
    });

    it('should make the ended level the lowest with rotate on specific EOI', () => {
      pulse(4);
      pic.acknowledge();
      bench.out(FIRST, 0xe0 | 4);
      pulse(4);
      pulse(7);
      expect(pic.acknowledge()).toBe(0x27);
    });

    it('should never enter service with automatic EOI', () => {
      initialise(ICW4_8086 | ICW4_AUTO_EOI);
      pulse(4);
      pic.acknowledge();
      expect(readRegister(FIRST, READ_ISR)).toBe(0);
      pulse(6);
      expect(request).toBe(true);
    });

    it('should rotate at each acknowledge with rotate in automatic EOI', () => {
      initialise(ICW4_8086 | ICW4_AUTO_EOI);
      bench.out(FIRST, 0x80);
      pulse(4);
      pic.acknowledge();
      pulse(4);
      pulse(5);
      expect(pic.acknowledge()).toBe(0x25);
      bench.out(FIRST, 0x00);
      pic.acknowledge();
      pulse(4);
      pulse(6);
      expect(pic.acknowledge()).toBe(0x26);
    });

    it('should lose no request of the second chip with automatic EOI', () => {
      initialise(ICW4_8086 | ICW4_AUTO_EOI);
      pulse(9);
      pulse(12);
      expect(pic.acknowledge()).toBe(0x29);
      expect(request).toBe(true);
      expect(pic.acknowledge()).toBe(0x2c);
      expect(request).toBe(false);
    });
  });

  it('should let lower levels interrupt a masked level in service in special mask mode', () => {
    pulse(3);
    pic.acknowledge();
    bench.out(FIRST + 1, 1 << 3);
    pulse(6);
    expect(request).toBe(false);
    bench.out(FIRST, 0x68);
    expect(request).toBe(true);
    bench.out(FIRST, 0x48);
    expect(request).toBe(false);
  });

  it('should answer a poll with the level and take it into service', () => {
    pulse(5);
    expect(readRegister(FIRST, POLL)).toBe(0x85);
    expect(readRegister(FIRST, READ_ISR)).toBe(1 << 5);
    expect(readRegister(FIRST, POLL)).toBe(0);
  });

  describe('edge and level', () => {
    it('should take an edge once however long the line stays high', () => {
      pic.setLine(5, true);
      pic.acknowledge();
      bench.out(FIRST, EOI);
      expect(request).toBe(false);
    });

    it('should request again after EOI while a level-triggered line stays high', () => {
      bench.out(0x4d0, 1 << 5);
      pic.setLine(5, true);
      pic.acknowledge();
      expect(request).toBe(false);
      bench.out(FIRST, EOI);
      expect(request).toBe(true);
      pic.setLine(5, false);
      expect(request).toBe(false);
    });

    it('should keep the timer, the cascade and IRQ 8 and 13 edge-triggered', () => {
      bench.out(0x4d0, 0xff);
      bench.out(0x4d1, 0xff);
      expect(bench.in(0x4d0)).toBe(0xf8);
      expect(bench.in(0x4d1)).toBe(0xde);
    });

    it('should answer level 7 without service when a level-triggered request has gone', () => {
      bench.out(0x4d0, 1 << 5);
      pic.setLine(5, true);
      pic.setLine(5, false);
      expect(pic.acknowledge()).toBe(0x27);
      expect(readRegister(FIRST, READ_ISR)).toBe(0);
    });

    it('should answer level 15 with the cascade in service when the request of the second chip has gone', () => {
      pic.setLine(11, true);
      bench.out(SECOND + 1, 0);
      // The first chip has latched the cascade's edge; the second chip loses the request at its ICW1.
      bench.out(SECOND, 0x11);
      bench.out(SECOND + 1, 0x28, 0x02, ICW4_8086);
      expect(pic.acknowledge()).toBe(0x2f);
      expect(readRegister(FIRST, READ_ISR)).toBe(1 << 2);
      expect(readRegister(SECOND, READ_ISR)).toBe(0);
    });
  });

  it('should know which lines could interrupt now', () => {
    bench.out(FIRST + 1, 1 << 1);
    bench.out(SECOND + 1, 1 << 3);
    pulse(4);
    pic.acknowledge();
    expect([0, 1, 3, 4, 5, 8, 11].filter((irq) => pic.wouldInterrupt(irq))).toEqual([0, 3, 8]);
    bench.out(FIRST + 1, 1 << 2);
    expect(pic.wouldInterrupt(8)).toBe(false);
  });

  it('should come back from a saved state in the middle of everything', () => {
    bench.out(FIRST + 1, 0x40);
    pulse(12);
    pic.acknowledge();
    pulse(1);
    bench.out(SECOND, READ_ISR);
    bench.out(FIRST, 0x11);
    bench.out(FIRST + 1, 0x50);
    const saved = pic.save();
    pic.reset();
    pic.restore(JSON.parse(JSON.stringify(saved)));
    expect(pic.save()).toEqual(saved);
    bench.out(FIRST + 1, 0x04, ICW4_8086);
    pulse(1);
    expect(pic.acknowledge()).toBe(0x51);
    expect(bench.in(SECOND)).toBe(1 << 4);
  });
});
