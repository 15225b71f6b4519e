import { IO_APIC_BASE } from '../../devices/apic/io-apic.ts';
import { LOCAL_APIC_BASE } from '../../devices/apic/local-apic-registers.ts';
import { SCI_IRQ } from '../../devices/power-management.ts';
import { Fields, systemTable, TABLE_HEADER_SIZE } from './table.ts';

const REVISION = 1;
const PREAMBLE_SIZE = 8;
/** Two 8259s are there as well. */
const PC_AT_COMPATIBLE = 1;

/** Types of interrupt controller structures (ACPI specification 6.4, section 5.2.12). */
const LOCAL_APIC = 0;
const IO_APIC = 1;
const SOURCE_OVERRIDE = 2;
const LOCAL_APIC_NMI = 4;

const ENABLED = 1;
const ALL_PROCESSORS = 0xff;
/** Interrupt flags: as the bus says; active high and level-triggered. */
const CONFORMS = 0;
const HIGH_LEVEL = 0xd;

/** The multiple APIC description table: one processor, one I/O APIC, and where PC interrupts arrive at it. */
export function madt(): Uint8Array {
  const structures = [
    structure(LOCAL_APIC, 8, (fields) => fields.byte(2, 0).byte(3, 0).dword(4, ENABLED)),
    structure(IO_APIC, 12, (fields) => fields.byte(2, 0).dword(4, IO_APIC_BASE).dword(8, 0)),
    override(0, 2, CONFORMS),
    override(SCI_IRQ, SCI_IRQ, HIGH_LEVEL),
    structure(LOCAL_APIC_NMI, 6, (fields) => fields.byte(2, ALL_PROCESSORS).word(3, CONFORMS).byte(5, 1)),
  ];
  const length = structures.reduce((sum, bytes) => sum + bytes.length, 0);
  return systemTable('APIC', REVISION, TABLE_HEADER_SIZE + PREAMBLE_SIZE + length, (fields) => {
    fields.dword(TABLE_HEADER_SIZE, LOCAL_APIC_BASE).dword(TABLE_HEADER_SIZE + 4, PC_AT_COMPATIBLE);
    let at = TABLE_HEADER_SIZE + PREAMBLE_SIZE;
    for (const bytes of structures) {
      fields.put(at, bytes);
      at += bytes.length;
    }
  });
}

function override(irq: number, pin: number, flags: number): Uint8Array {
  return structure(SOURCE_OVERRIDE, 10, (fields) => fields.byte(3, irq).dword(4, pin).word(8, flags));
}

function structure(type: number, length: number, fill: (fields: Fields) => void): Uint8Array {
  const fields = new Fields(length).byte(0, type).byte(1, length);
  fill(fields);
  return fields.bytes;
}
