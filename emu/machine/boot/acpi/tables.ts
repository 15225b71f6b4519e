import { dsdt } from './dsdt.ts';
import { fadt } from './fadt.ts';
import { madt } from './madt.ts';
import { Fields, OEM_ID, systemTable, TABLE_HEADER_SIZE } from './table.ts';

/** Where the root pointer lies: in the BIOS area, which kernels search at 16-byte steps. */
export const RSDP_ADDRESS = 0xf_5a00;

const RSDP_SIZE = 36;
const RSDP_FIRST_PART = 20;
const RSDP_REVISION = 2;
const FACS_SIZE = 64;
const FACS_VERSION = 1;
const FACS_ALIGNMENT = 64;
const TABLE_ALIGNMENT = 16;

/** Bytes at a physical address. */
export interface Placed {
  readonly name: string;
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** The ACPI tables, from `start` (64-byte aligned) upwards, and the root pointer that leads to them. */
export function acpiTables(start: number): Placed[] {
  const placed: Placed[] = [];
  let at = start;
  const place = (name: string, bytes: Uint8Array, alignment = TABLE_ALIGNMENT): number => {
    const address = Math.ceil(at / alignment) * alignment;
    placed.push({ name, address, bytes });
    at = address + bytes.length;
    return address;
  };
  const facsAt = place('FACS', facs(), FACS_ALIGNMENT);
  const dsdtAt = place('DSDT', dsdt());
  const tables = [place('FACP', fadt(facsAt, dsdtAt)), place('APIC', madt())];
  const rsdt = place('RSDT', root('RSDT', 4, tables));
  const xsdt = place('XSDT', root('XSDT', 8, tables));
  placed.push({ name: 'RSDP', address: RSDP_ADDRESS, bytes: rootPointer(rsdt, xsdt) });
  return placed;
}

/** Root system description tables: addresses of 4 or 8 bytes. */
function root(signature: string, size: 4 | 8, tables: readonly number[]): Uint8Array {
  return systemTable(signature, 1, TABLE_HEADER_SIZE + size * tables.length, (fields) =>
    tables.forEach((address, index) => {
      const at = TABLE_HEADER_SIZE + size * index;
      if (size === 8) fields.quad(at, address);
      else fields.dword(at, address);
    }),
  );
}

/** Firmware ACPI control structure (ACPI specification 6.4, section 5.2.10): it has no checksum. */
function facs(): Uint8Array {
  return new Fields(FACS_SIZE).text(0, 'FACS').dword(4, FACS_SIZE).byte(32, FACS_VERSION).bytes;
}

/** Root system description pointer (section 5.2.5.3), with a checksum for ACPI 1.0 and one for the rest. */
function rootPointer(rsdt: number, xsdt: number): Uint8Array {
  return new Fields(RSDP_SIZE)
    .text(0, 'RSD PTR ')
    .text(9, OEM_ID)
    .byte(15, RSDP_REVISION)
    .dword(16, rsdt)
    .dword(20, RSDP_SIZE)
    .quad(24, xsdt)
    .checksum(8, RSDP_FIRST_PART)
    .checksum(32).bytes;
}
