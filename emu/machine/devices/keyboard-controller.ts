import type { MachineBus } from '../bus.ts';
import type { EndMachine } from '../ending.ts';

const DATA_PORT = 0x60;
const STATUS_PORT = 0x64;
/** Self test passed, keyboard not locked; no data for the processor, ready for the next command. */
const STATUS_IDLE = 0x14;
/** Command: pulse the output line that resets the processor. */
const PULSE_RESET = 0xfe;

/** System control port A. */
const CONTROL_PORT_A = 0x92;
const FAST_RESET = 0x01;
const A20 = 0x02;

/** The port of a diagnostic card; kernels write it to let time pass. */
const DIAGNOSTIC_PORT = 0x80;

/**
 * What is left of the 8042 and its neighbours in a machine without keyboard: the ways to reset the processor,
 * an A20 gate that is always open, and the diagnostic port. Nothing here has state.
 */
export function addKeyboardController(config: { bus: MachineBus; end: EndMachine }): void {
  const { bus, end } = config;
  bus.addPorts({
    name: 'keyboard data',
    base: DATA_PORT,
    length: 1,
    width: 1,
    read: () => 0,
    write: () => {},
  });
  bus.addPorts({
    name: 'keyboard controller',
    base: STATUS_PORT,
    length: 1,
    width: 1,
    read: () => STATUS_IDLE,
    write: (_offset, _size, value) => {
      if (value === PULSE_RESET) end({ reason: 'reset' });
    },
  });
  bus.addPorts({
    name: 'system control port A',
    base: CONTROL_PORT_A,
    length: 1,
    width: 1,
    read: () => A20,
    write: (_offset, _size, value) => {
      if ((value & FAST_RESET) !== 0) end({ reason: 'reset' });
    },
  });
  bus.addPorts({
    name: 'diagnostic port',
    base: DIAGNOSTIC_PORT,
    length: 1,
    width: 1,
    read: () => 0xff,
    write: () => {},
  });
}
