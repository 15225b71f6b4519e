/** One range of the memory map: type 1 is RAM, type 2 is reserved (ACPI 6.4, section 15, as PVH uses it). */
export interface MemoryMapEntry {
  readonly address: number;
  /** Bytes. */
  readonly size: number;
  readonly type: number;
}

export const MEMORY_RAM = 1;
export const MEMORY_RESERVED = 2;

/** Conventional memory ends where the extended BIOS data area begins. */
export const LOW_MEMORY_END = 0x9_fc00;
const EXTENDED_BIOS_DATA_SIZE = 0x400;
const BIOS_START = 0xf_0000;
const BIOS_SIZE = 0x1_0000;
export const HIGH_MEMORY_START = 0x10_0000;
/** The top of RAM, which firmware keeps for the ACPI tables. */
const FIRMWARE_RESERVED = 0x2_0000;
/** The flash ROM below 4 GiB. */
const ROM_START = 0xfffc_0000;
const ROM_SIZE = 0x4_0000;
/** HyperTransport's range, which AMD processors reserve below 1 TiB. */
const HYPERTRANSPORT_START = 0xfd_0000_0000;
const HYPERTRANSPORT_SIZE = 0x3_0000_0000;

/** End of the usable RAM above 1 MiB. */
export function highMemoryEnd(memorySize: number): number {
  return memorySize - FIRMWARE_RESERVED;
}

/** The memory map that QEMU's firmware hands to a PVH kernel on `-M pc`, for RAM below 3 GiB. */
export function memoryMap(memorySize: number): MemoryMapEntry[] {
  const highEnd = highMemoryEnd(memorySize);
  return [
    { address: 0, size: LOW_MEMORY_END, type: MEMORY_RAM },
    { address: LOW_MEMORY_END, size: EXTENDED_BIOS_DATA_SIZE, type: MEMORY_RESERVED },
    { address: BIOS_START, size: BIOS_SIZE, type: MEMORY_RESERVED },
    { address: HIGH_MEMORY_START, size: highEnd - HIGH_MEMORY_START, type: MEMORY_RAM },
    { address: highEnd, size: FIRMWARE_RESERVED, type: MEMORY_RESERVED },
    { address: ROM_START, size: ROM_SIZE, type: MEMORY_RESERVED },
    { address: HYPERTRANSPORT_START, size: HYPERTRANSPORT_SIZE, type: MEMORY_RESERVED },
  ];
}
