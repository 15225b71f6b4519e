import type { MachineBus } from '../bus.ts';
import type { Device, DeviceState } from '../device.ts';
import { StateReader } from '../device-state.ts';
import type { EndMachine } from '../ending.ts';

/** Configuration mechanism #1 (PCI Local Bus Specification 3.0, section 3.2.2.3.2). */
const ADDRESS_PORT = 0xcf8;
const DATA_PORT = 0xcfc;
/** The PIIX's reset control register hides behind the address register: only whole dwords reach the latter. */
const RESET_CONTROL_OFFSET = 1;
const RESET_CPU = 0x04;

/** A host bridge with an empty bus behind it: the address register works, and no device answers. */
export class PciConfiguration implements Device {
  readonly name = 'pci configuration';
  #address = 0;

  constructor(config: { bus: MachineBus; end: EndMachine }) {
    config.bus.addPorts({
      name: this.name,
      base: ADDRESS_PORT,
      length: 4,
      width: 4,
      read: (offset, size) => (size === 4 && offset === 0 ? this.#address : 0),
      write: (offset, size, value) => {
        if (size === 4 && offset === 0) this.#address = value;
        else if (offset === RESET_CONTROL_OFFSET && (value & RESET_CPU) !== 0)
          config.end({ reason: 'reset' });
      },
    });
    config.bus.addPorts({
      name: 'pci configuration data',
      base: DATA_PORT,
      length: 4,
      width: 4,
      read: (_offset, size) => (size === 4 ? 0xffff_ffff : (1 << (8 * size)) - 1),
      write: () => {},
    });
  }

  reset(): void {
    this.#address = 0;
  }

  save(): DeviceState {
    return { address: this.#address };
  }

  restore(state: DeviceState): void {
    this.#address = new StateReader(this.name, state).number('address');
  }
}
