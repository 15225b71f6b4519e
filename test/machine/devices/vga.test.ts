import { beforeEach, describe, expect, it } from 'vitest';
import { Vga } from '../../../emu/machine/devices/vga.ts';
import { readTextScreen, TEXT_MEMORY } from '../../../emu/machine/text-screen.ts';
import { halt, machineWith } from '../support/fake-processor.ts';
import { Bench } from '../support/parts.ts';

let bench: Bench;
let vga: Vga;

beforeEach(() => {
  bench = new Bench();
  vga = new Vga({ bus: bench.bus, clock: bench.clock });
});

/** Puts characters into RAM as cells. */
function put(ram: Uint8Array, cell: number, codes: readonly number[]): void {
  codes.forEach((code, index) => {
    ram[TEXT_MEMORY + 2 * (cell + index)] = code;
    ram[TEXT_MEMORY + 2 * (cell + index) + 1] = 0x07;
  });
}

function codes(text: string): number[] {
  return [...text].map((letter) => letter.charCodeAt(0));
}

describe('the text screen', () => {
  it('should be blank at power-on and then show what is in text memory, as the host wrote it', () => {
    const { machine } = machineWith({ main: [halt] });
    expect(machine.textScreen().lines).toEqual(Array(25).fill(''));
    machine.writeMemory(TEXT_MEMORY + 2 * 80, Uint8Array.of(0x48, 0x07, 0x69, 0x07));
    expect(machine.textScreen().lines[1]).toBe('Hi');
    const snapshot = machine.snapshot();
    machine.writeMemory(TEXT_MEMORY + 2 * 80, Uint8Array.of(0x58));
    machine.restore(snapshot);
    expect(machine.textScreen().lines[1]).toBe('Hi');
  });

  it('should begin at the start address and wrap at the end of text memory', () => {
    const ram = new Uint8Array(0x10_0000);
    put(ram, 16_384 - 3, codes('endstart'.slice(0, 3)));
    put(ram, 0, codes('start'));
    bench.out(0x3d4, 0x0c);
    bench.out(0x3d5, 0x3f);
    bench.out(0x3d4, 0x0d);
    bench.out(0x3d5, 0xfd);
    expect(readTextScreen(ram, vga.view).lines[0]).toBe('endstart');
  });

  it('should show code page 437', () => {
    const ram = new Uint8Array(0x10_0000);
    put(ram, 0, [0x01, 0x7f, 0x80, 0xb0, 0xc4, 0xdb, 0xe1, 0xfe]);
    expect(readTextScreen(ram, vga.view).lines[0]).toBe('☺⌂Ç░─█ß■');
  });

  it('should tell where the cursor is, unless it is off', () => {
    const ram = new Uint8Array(0x10_0000);
    const crtc = (index: number, value: number) => bench.bus.portWrite(0x3d4, 2, (value << 8) | index);
    crtc(0x0e, 0);
    crtc(0x0f, 83);
    expect(readTextScreen(ram, vga.view).cursor).toEqual({ row: 1, column: 3 });
    crtc(0x0a, 0x20);
    expect(readTextScreen(ram, vga.view).cursor).toBeUndefined();
  });
});

describe("a VGA's registers", () => {
  it('should read back, each chip with its own index', () => {
    bench.out(0x3c4, 2);
    bench.out(0x3c5, 0x0c);
    bench.out(0x3ce, 6);
    bench.out(0x3cf, 0x04);
    expect([bench.in(0x3c4), bench.in(0x3c5), bench.in(0x3ce), bench.in(0x3cf)]).toEqual([2, 0x0c, 6, 0x04]);
    bench.out(0x3d4, 0x30);
    bench.out(0x3d5, 0xff);
    expect(bench.in(0x3d5)).toBe(0);
    bench.out(0x3c2, 0xe3);
    expect(bench.in(0x3cc)).toBe(0xe3);
  });

  it('should take index and data of the attribute controller in turns, from its index on after a read of the status', () => {
    bench.in(0x3da);
    bench.out(0x3c0, 0x11);
    bench.out(0x3c0, 0x3f);
    bench.out(0x3c0, 0x12);
    bench.in(0x3da);
    bench.out(0x3c0, 0x11);
    expect(bench.in(0x3c1)).toBe(0x3f);
  });

  it('should go through the palette by itself', () => {
    bench.out(0x3c8, 2);
    bench.out(0x3c9, 1, 2, 3, 0xff);
    expect(bench.in(0x3c8)).toBe(3);
    bench.out(0x3c7, 2);
    expect([1, 2, 3, 4].map(() => bench.in(0x3c9))).toEqual([1, 2, 3, 0x3f]);
  });

  it('should show the retrace of each frame', () => {
    expect(bench.in(0x3da)).toBe(0);
    bench.pass(413 * 31_778);
    expect(bench.in(0x3da)).toBe(0x09);
    bench.pass(4 * 31_778);
    expect(bench.in(0x3da)).toBe(0x01);
    bench.pass(40 * 31_778);
    expect(bench.in(0x3da)).toBe(0);
  });

  it('should be saved', () => {
    bench.out(0x3c8, 2);
    bench.out(0x3c9, 1, 2);
    bench.out(0x3d4, 0x0f);
    bench.out(0x3d5, 0x77);
    bench.out(0x3c0, 0x05);
    const saved = JSON.parse(JSON.stringify(vga.save()));
    vga.reset();
    expect(vga.save()).not.toEqual(saved);
    vga.restore(saved);
    expect(vga.save()).toEqual(saved);
    bench.out(0x3c9, 3);
    expect(vga.save()).not.toEqual(saved);
    expect(bench.in(0x3d5)).toBe(0x77);
  });
});
