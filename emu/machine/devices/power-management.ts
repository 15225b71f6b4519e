import type { MachineBus } from '../bus.ts';
import type { Device, DeviceState } from '../device.ts';
import { StateReader } from '../device-state.ts';
import type { EndMachine } from '../ending.ts';

/** PM1a control block of a PC under QEMU (PIIX4 power management at 0x600; ACPI specification, section 4.8.3.2). */
const PM1_CONTROL_PORT = 0x604;
const SLEEP_ENABLE = 0x2000;
const SLEEP_TYPE_SHIFT = 10;
const SLEEP_TYPE_MASK = 7;
/** PIIX4's SLP_TYP of the states that end the machine: S5 (soft-off) and S4 (suspend to disk, which ends with soft-off). */
const SOFT_OFF = 0;
const SUSPEND_TO_DISK = 2;

/** The part of ACPI power management that a kernel needs to switch itself off. */
export class PowerManagement implements Device {
  readonly name = 'power management';
  readonly #end: EndMachine;
  #control = 0;

  constructor(config: { bus: MachineBus; end: EndMachine }) {
    this.#end = config.end;
    config.bus.addPorts({
      name: this.name,
      base: PM1_CONTROL_PORT,
      length: 2,
      width: 2,
      read: (offset, size) => (size === 2 ? this.#control : (this.#control >>> (8 * offset)) & 0xff),
      write: (offset, size, value) => {
        if (size === 2) this.#write(value);
        else if (offset === 0) this.#write((this.#control & 0xff00) | value);
        else this.#write((this.#control & 0x00ff) | (value << 8));
      },
    });
  }

  #write(value: number): void {
    this.#control = value & ~SLEEP_ENABLE;
    if ((value & SLEEP_ENABLE) === 0) return;
    const type = (value >>> SLEEP_TYPE_SHIFT) & SLEEP_TYPE_MASK;
    if (type === SOFT_OFF || type === SUSPEND_TO_DISK) this.#end({ reason: 'powerOff' });
  }

  reset(): void {
    this.#control = 0;
  }

  save(): DeviceState {
    return { control: this.#control };
  }

  restore(state: DeviceState): void {
    this.#control = new StateReader(this.name, state).number('control');
  }
}
