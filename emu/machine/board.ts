import { MachineBus } from './bus.ts';
import { VirtualClock } from './clock.ts';
import { Console } from './console.ts';
import type { Device, DeviceState } from './device.ts';
import { StateReader } from './device-state.ts';
import { Cmos } from './devices/cmos.ts';
import { addDebugExit } from './devices/debug-exit.ts';
import { I8254 } from './devices/i8254.ts';
import { KeyboardController } from './devices/keyboard-controller.ts';
import { PciConfiguration } from './devices/pci-configuration.ts';
import { PowerManagement, SCI_IRQ } from './devices/power-management.ts';
import { COM1_PORT } from './devices/uart-registers.ts';
import { Uart16550 } from './devices/uart16550.ts';
import { Vga } from './devices/vga.ts';
import type { EndMachine } from './ending.ts';
import { Interrupts } from './interrupts.ts';

const COM1_IRQ = 4;
const TIMER_IRQ = 0;
const KEYBOARD_IRQ = 1;
const CLOCK_IRQ = 8;

/** What the board asks of the machine. */
export interface BoardConfig {
  /** Bytes of RAM. */
  readonly memorySize: number;
  /** Seconds since 1970 at power-on, for the real-time clock. */
  readonly bootTime: number;
  /** Steps since power-on, exact at any time. */
  readonly position: () => number;
  /** Steps since power-on for a position of the processor (they differ after a restore). */
  readonly positionOf: (processorPosition: number) => number;
  readonly setInterruptRequest: (high: boolean) => void;
  /** Delivers a non-maskable interrupt to the processor. */
  readonly interruptNonMaskably: () => void;
  /** Sets the processor's CR8. */
  readonly setTaskPriorityClass: (priority: number) => void;
  readonly end: EndMachine;
  /** The console has printed the awaited text. */
  readonly onExpectedText: () => void;
}

/** The bus and all that is on it, wired as in a PC. */
export class Board {
  readonly bus: MachineBus;
  readonly clock: VirtualClock;
  readonly interrupts: Interrupts;
  readonly console: Console;
  readonly vga: Vga;
  readonly keyboardController: KeyboardController;
  /** In the order in which they are restored: the interrupt controllers after those that drive their lines. */
  readonly #devices: readonly Device[];

  constructor(config: BoardConfig) {
    const clock = new VirtualClock(config.position);
    const bus = new MachineBus({
      acknowledgeInterrupt: () => this.interrupts.acknowledge(),
      taskPriorityWritten: (priorityClass) => this.interrupts.taskPriorityWritten(priorityClass),
      apicBaseWritten: (low, high) => this.interrupts.apicBaseWritten(low, high),
      timeAt: (position) => config.positionOf(position) + clock.idle,
    });
    this.bus = bus;
    this.clock = clock;
    const { end } = config;
    this.interrupts = new Interrupts({
      bus,
      clock,
      setInterruptRequest: config.setInterruptRequest,
      setTaskPriorityClass: config.setTaskPriorityClass,
      onSignal: (signal) => {
        if (signal === 'init') end({ reason: 'reset' });
        else config.interruptNonMaskably();
      },
    });
    const pit = new I8254({ bus, clock, line: this.interrupts.line(TIMER_IRQ) });
    const uart = new Uart16550({
      bus,
      clock,
      line: this.interrupts.line(COM1_IRQ),
      name: 'com1',
      base: COM1_PORT,
    });
    this.console = new Console({ uart, position: config.position, onExpected: config.onExpectedText });
    const power = new PowerManagement({ bus, clock, line: this.interrupts.line(SCI_IRQ), end });
    const pci = new PciConfiguration({ bus, end });
    const cmos = new Cmos({
      bus,
      clock,
      line: this.interrupts.line(CLOCK_IRQ),
      bootTime: config.bootTime,
      memorySize: config.memorySize,
    });
    this.vga = new Vga({ bus, clock });
    addDebugExit({ bus, end });
    this.keyboardController = new KeyboardController({ bus, line: this.interrupts.line(KEYBOARD_IRQ), end });
    this.#devices = [
      clock,
      pit,
      uart,
      this.console,
      power,
      pci,
      cmos,
      this.vga,
      this.keyboardController,
      ...this.interrupts.devices,
    ];
  }

  /** Power-on state of everything. */
  reset(): void {
    for (const device of this.#devices) device.reset();
  }

  save(): DeviceState {
    return Object.fromEntries(this.#devices.map((device) => [device.name, device.save()]));
  }

  /** What the guest can see of the devices: all but the console, whose far end the host holds. */
  guestVisibleState(): DeviceState {
    const { [this.console.name]: _, ...visible } = this.save();
    return visible;
  }

  /** Throws MachineError 'badDeviceState' when a state does not fit; the board is then to be reset or restored anew. */
  restore(state: DeviceState): void {
    const reader = new StateReader('the board', state);
    for (const device of this.#devices) device.restore(reader.part(device.name));
  }
}
