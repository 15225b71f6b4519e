import { describe, expect, it } from 'vitest';
import type { PortRange } from '../../emu/machine/bus.ts';
import { Bench } from './support/parts.ts';

type Access = [offset: number, size: number, value: number];

function ports(base: number, length: number, width: 1 | 2 | 4, writes: Access[] = []): PortRange {
  return {
    name: `device at ${base}`,
    base,
    length,
    width,
    read: (offset, size) => (0x1122_3344 + offset) % 2 ** (8 * size),
    write: (offset, size, value) => writes.push([offset, size, value]),
  };
}

describe('the bus', () => {
  it('should read all ones where nobody answers, and drop writes', () => {
    const { bus } = new Bench();
    expect([bus.portRead(0x1234, 1), bus.portRead(0x1234, 2), bus.portRead(0x1234, 4)]).toEqual([
      0xff, 0xffff, 0xffff_ffff,
    ]);
    expect(bus.memoryRead(0xf000_0000, 4)).toBe(0xffff_ffff);
    bus.portWrite(0x1234, 4, 0);
    bus.memoryWrite(0xf000_0000, 4, 0);
  });

  it('should hand an access of up to the width of a device to it whole', () => {
    const { bus } = new Bench();
    const writes: Access[] = [];
    bus.addPorts(ports(0x100, 4, 4, writes));
    expect(bus.portRead(0x101, 2)).toBe(0x3345);
    bus.portWrite(0x100, 4, 0xdead_beef);
    bus.portWrite(0x103, 1, 0x1ff);
    expect(writes).toEqual([
      [0, 4, 0xdead_beef],
      [3, 1, 0xff],
    ]);
  });

  it('should split a wide access to a narrow device, and go on beyond its end', () => {
    const { bus } = new Bench();
    const first: Access[] = [];
    const second: Access[] = [];
    bus.addPorts(ports(0x100, 2, 1, first));
    bus.addPorts(ports(0x102, 1, 1, second));
    bus.portWrite(0x100, 4, 0x4433_2211);
    expect(first).toEqual([
      [0, 1, 0x11],
      [1, 1, 0x22],
    ]);
    expect(second).toEqual([[0, 1, 0x33]]);
    expect(bus.portRead(0x100, 4)).toBe(0xff44_4544);
  });

  it('should refuse two devices at one port or address', () => {
    const { bus } = new Bench();
    bus.addPorts(ports(0x100, 4, 1));
    expect(() => bus.addPorts(ports(0xfe, 3, 1))).toThrow(/port 0x100 .* belongs to device at 256/);
    bus.addMemory({ name: 'a', base: 0xfee0_0000, length: 0x1000, read: () => 0, write: () => {} });
    expect(() =>
      bus.addMemory({ name: 'b', base: 0xfee0_0fff, length: 1, read: () => 0, write: () => {} }),
    ).toThrow(expect.objectContaining({ code: 'busConflict' }));
  });

  it('should reach memory ranges by their offset', () => {
    const { bus } = new Bench();
    const writes: Access[] = [];
    bus.addMemory({
      name: 'a',
      base: 0xfee0_0000,
      length: 0x1000,
      read: (offset) => offset,
      write: (offset, size, value) => writes.push([offset, size, value]),
    });
    expect(bus.memoryRead(0xfee0_0030, 4)).toBe(0x30);
    bus.memoryWrite(0xfee0_0080, 2, 0x1_2345);
    expect(writes).toEqual([[0x80, 2, 0x2345]]);
    expect(bus.memoryRead(0xfee0_1000, 4)).toBe(0xffff_ffff);
  });

  it('should split the time-stamp counter into unsigned halves', () => {
    const { bus } = new Bench();
    expect(bus.timeStampCounter(5 * 2 ** 32 + 0xffff_fffe)).toEqual([0xffff_fffe, 5]);
  });
});
