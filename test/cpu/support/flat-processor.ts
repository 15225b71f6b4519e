import type { Bus } from '../../../emu/cpu/bus.ts';
import { Cpu } from '../../../emu/cpu/cpu.ts';
import * as layout from '../../../emu/cpu/layout.ts';
import { State } from '../../../emu/cpu/state.ts';
import type { CpuFeature } from '../../../emu/cpu/system/features.ts';
import { setFlat64 } from '../../../emu/cpu/system/reset.ts';

/** Physical and linear places of a processor whose first 64 MiB are mapped to themselves. */
export const CODE = 0x10_0000;
export const DATA = 0x20_0000;
export const STACK = 0x30_0000;
const TABLES = 0x1000;
const LARGE_PAGE = 0x20_0000;
const PRESENT_WRITABLE_USER = 0x7n;
const LARGE = 0x80n;

/** A bus on which every port and device address reads as all ones. */
export const emptyBus: Bus = {
  portRead: (_port, size) => (size === 4 ? 0xffff_ffff : 2 ** (8 * size) - 1),
  portWrite: () => {},
  memoryRead: (_address, size) => (size === 4 ? 0xffff_ffff : 2 ** (8 * size) - 1),
  memoryWrite: () => {},
  acknowledgeInterrupt: () => 0xff,
  timeStampCounter: (position) => [position >>> 0, 0],
};

/** A processor in 64-bit mode in ring 0 or 3, at CODE, with 64 MiB of RAM mapped to themselves in 2 MiB pages; `features` as in `CpuOptions`. */
export function flatProcessor(ring: 0 | 3 = 3, bus: Bus = emptyBus, features?: readonly CpuFeature[]): Cpu {
  const state = new State(64 * 2 ** 20);
  const cpu = new Cpu({ state, bus, features });
  const entry = (address: number, value: bigint): void => state.set64(layout.RAM + address, value);
  entry(TABLES, BigInt(TABLES + 0x1000) | PRESENT_WRITABLE_USER);
  entry(TABLES + 0x1000, BigInt(TABLES + 0x2000) | PRESENT_WRITABLE_USER);
  for (let i = 0; i < 32; i++) {
    entry(TABLES + 0x2000 + 8 * i, BigInt(i * LARGE_PAGE) | PRESENT_WRITABLE_USER | LARGE);
  }
  resetFlat(cpu, ring);
  return cpu;
}

/** Puts a flat processor back to its beginning; RAM stays. */
export function resetFlat(cpu: Cpu, ring: 0 | 3 = 3): void {
  cpu.reset();
  setFlat64(cpu.state, { ring, cr3: TABLES, rip: BigInt(CODE), rsp: BigInt(STACK) });
  cpu.flush();
}
