import { COM1_PORT } from '../devices/uart-registers.ts';
import { CRTC_PORT } from '../devices/vga-registers.ts';
import {
  BLANK_CELL,
  TEXT_COLUMNS,
  TEXT_MEMORY,
  TEXT_MEMORY_SIZE,
  TEXT_PAGE_SIZE,
  TEXT_ROWS,
} from '../text-screen.ts';
import { acpiTables } from './acpi/tables.ts';
import { highMemoryEnd, LOW_MEMORY_END } from './memory-map.ts';

/** Fields of the BIOS data area, as physical addresses, with what a PC with one serial port and text mode 3 has there. */
const BIOS_DATA: readonly (readonly [address: number, size: 1 | 2, value: number])[] = [
  [0x400, 2, COM1_PORT],
  // Segment of the extended BIOS data area.
  [0x40e, 2, LOW_MEMORY_END >>> 4],
  // Equipment: 80 columns in colour, x87, one serial port.
  [0x410, 2, 0x0222],
  // Conventional memory in KiB.
  [0x413, 2, LOW_MEMORY_END >>> 10],
  // The keyboard's ring buffer: head, tail, and further down start and end.
  [0x41a, 2, 0x001e],
  [0x41c, 2, 0x001e],
  [0x449, 1, 3],
  [0x44a, 2, TEXT_COLUMNS],
  [0x44c, 2, TEXT_PAGE_SIZE],
  // Shape of the cursor: its last and first lines.
  [0x460, 2, 0x0d0e],
  [0x463, 2, CRTC_PORT],
  [0x465, 1, 0x29],
  [0x480, 2, 0x001e],
  [0x482, 2, 0x003e],
  [0x484, 1, TEXT_ROWS - 1],
  // Height of a character in lines.
  [0x485, 2, 16],
];
/** The extended BIOS data area begins with its own size in KiB. */
const EXTENDED_BIOS_DATA_KIB = 1;

/** What firmware leaves in memory: the BIOS data areas, a blank screen and the ACPI tables. */
export function writeFirmwareData(ram: Uint8Array): void {
  const view = new DataView(ram.buffer, ram.byteOffset, ram.byteLength);
  for (const [address, size, value] of BIOS_DATA) {
    if (size === 2) view.setUint16(address, value, true);
    else view.setUint8(address, value);
  }
  view.setUint8(LOW_MEMORY_END, EXTENDED_BIOS_DATA_KIB);
  for (let at = 0; at < TEXT_MEMORY_SIZE; at += 2) view.setUint16(TEXT_MEMORY + at, BLANK_CELL, true);
  for (const { address, bytes } of acpiTables(highMemoryEnd(ram.length))) ram.set(bytes, address);
}
