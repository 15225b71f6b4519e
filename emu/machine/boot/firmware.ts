import type { MachineBus } from '../bus.ts';
import { LOCAL_APIC_BASE, LocalApicRegister } from '../devices/apic/local-apic-registers.ts';

/**
 * What firmware leaves behind in the hardware, as writes to its registers: SeaBIOS starts the timer at 18.2 Hz and gives the
 * interrupt controllers the vectors and masks of a PC in real mode. A kernel that forgets to initialise them goes
 * wrong here in the same way as under QEMU.
 */
const PORT_WRITES: readonly (readonly [port: number, value: number])[] = [
  // Channel 0: mode 2, both bytes, count 65536.
  [0x43, 0x34],
  [0x40, 0x00],
  [0x40, 0x00],
  // First chip: ICW1–4, vectors from 0x08, second chip at level 2; then its mask.
  [0x20, 0x11],
  [0x21, 0x08],
  [0x21, 0x04],
  [0x21, 0x01],
  [0x21, 0xb8],
  // Second chip: vectors from 0x70.
  [0xa0, 0x11],
  [0xa1, 0x70],
  [0xa1, 0x02],
  [0xa1, 0x01],
  [0xa1, 0x8e],
];

/** The local APIC enabled, with the 8259s at LINT0 and the NMI at LINT1: the virtual wire of the MultiProcessor Specification. */
const LOCAL_APIC_WRITES: readonly (readonly [register: number, value: number])[] = [
  [LocalApicRegister.SpuriousVector, 0x1ff],
  [LocalApicRegister.Lint0Vector, 0x8700],
  [LocalApicRegister.Lint1Vector, 0x8400],
];

/** Brings the devices into the state in which firmware hands over. */
export function runFirmware(bus: MachineBus): void {
  for (const [port, value] of PORT_WRITES) bus.portWrite(port, 1, value);
  for (const [register, value] of LOCAL_APIC_WRITES) bus.memoryWrite(LOCAL_APIC_BASE + register, 4, value);
}
