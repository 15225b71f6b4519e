import {
  ACPI_DISABLE,
  ACPI_ENABLE,
  PM_TIMER_LENGTH,
  PM_TIMER_PORT,
  PM1_CONTROL_LENGTH,
  PM1_CONTROL_PORT,
  PM1_EVENT_LENGTH,
  PM1_EVENT_PORT,
  SCI_IRQ,
  SMI_COMMAND_PORT,
} from '../../devices/power-management.ts';
import { type Fields, systemTable } from './table.ts';

/** Revision 3, of ACPI 2.0: the last that needs nothing but what a PC has. */
const REVISION = 3;
const SIZE = 244;

/** IA-PC boot architecture: legacy devices, an 8042, and no message-signalled interrupts. */
const LEGACY_DEVICES = 1 << 0;
const KEYBOARD_CONTROLLER = 1 << 1;
const NO_MESSAGE_INTERRUPTS = 1 << 3;

/** Fixed features: WBINVD works, C1 too; no fixed power or sleep button; the clock cannot wake; the reset register works. */
const WBINVD = 1 << 0;
const C1 = 1 << 2;
const NO_POWER_BUTTON = 1 << 4;
const NO_SLEEP_BUTTON = 1 << 5;
const CLOCK_DOES_NOT_WAKE = 1 << 6;
const RESET_REGISTER = 1 << 10;

const DESKTOP = 1;
/** Sleep states C2 and C3 take longer than these when they do not exist (microseconds). */
const NO_C2 = 0x0fff;
const NO_C3 = 0x0fff;
const CENTURY_REGISTER = 0x32;
const RESET_PORT = 0xcf9;
const RESET_VALUE = 0x06;

/** Address space of a generic address structure: I/O ports. */
const IO_SPACE = 1;

/** The fixed ACPI description table (ACPI specification 6.4, section 5.2.9), with the addresses of FACS and DSDT. The 64-bit address of the FACS stays 0: it is below 4 GiB. */
export function fadt(facs: number, dsdt: number): Uint8Array {
  const flags = WBINVD | C1 | NO_POWER_BUTTON | NO_SLEEP_BUTTON | CLOCK_DOES_NOT_WAKE | RESET_REGISTER;
  return systemTable('FACP', REVISION, SIZE, (fields) => {
    fields
      .dword(36, facs)
      .dword(40, dsdt)
      .byte(45, DESKTOP)
      .word(46, SCI_IRQ)
      .dword(48, SMI_COMMAND_PORT)
      .byte(52, ACPI_ENABLE)
      .byte(53, ACPI_DISABLE)
      .dword(56, PM1_EVENT_PORT)
      .dword(64, PM1_CONTROL_PORT)
      .dword(76, PM_TIMER_PORT)
      .byte(88, PM1_EVENT_LENGTH)
      .byte(89, PM1_CONTROL_LENGTH)
      .byte(91, PM_TIMER_LENGTH)
      .word(96, NO_C2)
      .word(98, NO_C3)
      .byte(108, CENTURY_REGISTER)
      .word(109, LEGACY_DEVICES | KEYBOARD_CONTROLLER | NO_MESSAGE_INTERRUPTS)
      .dword(112, flags)
      .byte(128, RESET_VALUE)
      .quad(140, dsdt);
    ports(fields, 116, RESET_PORT, 1);
    ports(fields, 148, PM1_EVENT_PORT, PM1_EVENT_LENGTH);
    ports(fields, 172, PM1_CONTROL_PORT, PM1_CONTROL_LENGTH);
    ports(fields, 208, PM_TIMER_PORT, PM_TIMER_LENGTH);
  });
}

/** A generic address structure of `length` bytes of I/O ports; the access size is left to the reader. */
function ports(fields: Fields, offset: number, port: number, length: number): void {
  fields
    .byte(offset, IO_SPACE)
    .byte(offset + 1, 8 * length)
    .quad(offset + 4, port);
}
