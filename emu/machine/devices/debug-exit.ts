import type { MachineBus } from '../bus.ts';
import type { EndMachine } from '../ending.ts';

/** Where QEMU's isa-debug-exit sits in test machines. A plain `pc` has none: there the write is dropped. */
const DEBUG_EXIT_PORT = 0xf4;
/** The value that means a kernel panic: puffer's exit code for it. */
export const PANIC_VALUE = 4;

/** Ends the machine with the value that the guest writes. It has no state. */
export function addDebugExit(config: { bus: MachineBus; end: EndMachine }): void {
  config.bus.addPorts({
    name: 'debug exit',
    base: DEBUG_EXIT_PORT,
    length: 1,
    width: 4,
    read: () => 0,
    write: (_offset, _size, value) =>
      config.end(value === PANIC_VALUE ? { reason: 'panic' } : { reason: 'debugExit', code: value }),
  });
}
