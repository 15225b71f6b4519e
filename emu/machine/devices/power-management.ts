import type { BusSize, MachineBus } from '../bus.ts';
import { NEVER, type Timer, type VirtualClock } from '../clock.ts';
import type { Device, DeviceState, InterruptLine } from '../device.ts';
import { StateReader, savedDeadline } from '../device-state.ts';
import type { EndMachine } from '../ending.ts';
import { Oscillator } from '../oscillator.ts';

/** Register blocks of a PC under QEMU (PIIX4 power management at 0x600; ACPI specification, section 4.8.3). */
export const PM1_EVENT_PORT = 0x600;
export const PM1_CONTROL_PORT = 0x604;
export const PM_TIMER_PORT = 0x608;
/** Bytes of each. */
export const PM1_EVENT_LENGTH = 4;
export const PM1_CONTROL_LENGTH = 2;
export const PM_TIMER_LENGTH = 4;
/** Where software asks firmware to hand power management over, with these commands. */
export const SMI_COMMAND_PORT = 0xb2;
export const ACPI_ENABLE = 0xf1;
export const ACPI_DISABLE = 0xf0;
/** The system control interrupt. */
export const SCI_IRQ = 9;

/** The enable register follows the status register. */
const ENABLE_OFFSET = 2;
/** The event that comes: the timer's carry. */
const TIMER_EVENT = 1 << 0;
/** Events that may be enabled and never come: the global lock, the power button, the clock's alarm (which wakes a sleeping machine). */
const GLOBAL_EVENT = 1 << 5;
const POWER_BUTTON_EVENT = 1 << 8;
const CLOCK_EVENT = 1 << 10;
const EVENTS = TIMER_EVENT | GLOBAL_EVENT | POWER_BUTTON_EVENT | CLOCK_EVENT;

const SCI_ENABLED = 1 << 0;
const SLEEP_ENABLE = 0x2000;
const SLEEP_TYPE_SHIFT = 10;
const SLEEP_TYPE_MASK = 7;
/** PIIX4's SLP_TYP of the states that end the machine: S5 (soft-off) and S4 (suspend to disk, which ends with soft-off). */
export const SOFT_OFF = 0;
const SUSPEND_TO_DISK = 2;

/** The timer counts 24 bits; its event comes each time the topmost of them changes. */
const COUNTER = new Oscillator(3_579_545);
const COUNTER_MASK = 0xff_ffff;
const HALF_RANGE = 0x80_0000;

export interface PowerManagementConfig {
  readonly bus: MachineBus;
  readonly clock: VirtualClock;
  readonly line: InterruptLine;
  readonly end: EndMachine;
}

/** ACPI power management: the fixed registers, their timer, the system control interrupt and the way to switch off. */
export class PowerManagement implements Device {
  readonly name = 'power management';
  readonly #clock: VirtualClock;
  readonly #line: InterruptLine;
  readonly #end: EndMachine;
  readonly #timer: Timer;
  #status = 0;
  #enable = 0;
  #control = 0;
  /** The count at which the timer's event comes next. */
  #carry = HALF_RANGE;
  /** Advanced power management's scratch byte beside the command port. */
  #scratch = 0;

  constructor(config: PowerManagementConfig) {
    const { bus, clock, line, end } = config;
    this.#clock = clock;
    this.#line = line;
    this.#end = end;
    this.#timer = clock.timer('power management', line.irq, () => this.#follow());
    bus.addPorts({
      name: this.name,
      base: PM1_EVENT_PORT,
      length: PM1_EVENT_LENGTH,
      width: 1,
      read: (offset) => byteOf(offset < ENABLE_OFFSET ? this.#events : this.#enable, offset & 1),
      write: (offset, _size, value) => this.#writeEvents(offset, value),
    });
    bus.addPorts({
      name: `${this.name} control`,
      base: PM1_CONTROL_PORT,
      length: PM1_CONTROL_LENGTH,
      width: 2,
      read: (offset, size) => (size === 2 ? this.#control : byteOf(this.#control, offset)),
      write: (offset, size, value) => this.#writeControl(offset, size, value),
    });
    bus.addPorts({
      name: `${this.name} timer`,
      base: PM_TIMER_PORT,
      length: PM_TIMER_LENGTH,
      width: 4,
      read: (offset, size) =>
        (this.counter >>> (8 * offset)) & (size === 4 ? COUNTER_MASK : (1 << (8 * size)) - 1),
      write: () => {},
    });
    bus.addPorts({
      name: 'SMI command',
      base: SMI_COMMAND_PORT,
      length: 2,
      width: 1,
      read: (offset) => (offset === 0 ? 0 : this.#scratch),
      write: (offset, _size, value) => (offset === 0 ? this.#command(value) : this.#note(value)),
    });
  }

  /** The timer's 24 bits. */
  get counter(): number {
    return this.#ticks % (COUNTER_MASK + 1);
  }

  get #ticks(): number {
    return COUNTER.ticksIn(this.#clock.now);
  }

  /** The status register. The timer's event needs nobody to wait for it. */
  get #events(): number {
    if (this.#ticks >= this.#carry) this.#status |= TIMER_EVENT;
    return this.#status;
  }

  #writeEvents(offset: number, value: number): void {
    const bits = value << (8 * (offset & 1));
    if (offset < ENABLE_OFFSET) this.#acknowledge(bits);
    else this.#enable = ((this.#enable & (0xff00 >>> (8 * (offset & 1)))) | bits) & EVENTS;
    this.#follow();
  }

  /** Writing 1 clears. */
  #acknowledge(bits: number): void {
    const cleared = this.#events & bits;
    this.#status &= ~cleared;
    if ((cleared & TIMER_EVENT) !== 0) this.#carry = nextCarry(this.#ticks);
  }

  #writeControl(offset: number, size: BusSize, value: number): void {
    let written = value;
    if (size === 1)
      written = offset === 0 ? (this.#control & 0xff00) | value : (this.#control & 0xff) | (value << 8);
    this.#control = written & ~SLEEP_ENABLE;
    this.#follow();
    if ((written & SLEEP_ENABLE) === 0) return;
    const type = (written >>> SLEEP_TYPE_SHIFT) & SLEEP_TYPE_MASK;
    if (type === SOFT_OFF || type === SUSPEND_TO_DISK) this.#end({ reason: 'powerOff' });
  }

  #command(value: number): void {
    if (value === ACPI_ENABLE) this.#control |= SCI_ENABLED;
    if (value === ACPI_DISABLE) this.#control &= ~SCI_ENABLED;
    this.#follow();
  }

  #note(value: number): void {
    this.#scratch = value;
  }

  /** Drives the interrupt and waits for the timer's event when it would interrupt. */
  #follow(): void {
    const enabled = (this.#control & SCI_ENABLED) !== 0 ? this.#enable : 0;
    const pending = this.#events & enabled;
    this.#line.set(pending !== 0);
    const waits = (enabled & TIMER_EVENT) !== 0 && (pending & TIMER_EVENT) === 0;
    this.#timer.schedule(waits ? COUNTER.nanosecondsFor(this.#carry) : NEVER);
  }

  reset(): void {
    this.#status = 0;
    this.#enable = 0;
    this.#control = 0;
    this.#carry = HALF_RANGE;
    this.#scratch = 0;
    this.#timer.cancel();
    this.#line.set(false);
  }

  save(): DeviceState {
    return {
      status: this.#events,
      enable: this.#enable,
      control: this.#control,
      carry: this.#carry,
      scratch: this.#scratch,
      deadline: savedDeadline(this.#timer.deadline),
    };
  }

  restore(state: DeviceState): void {
    const reader = new StateReader(this.name, state);
    this.#status = reader.number('status');
    this.#enable = reader.number('enable');
    this.#control = reader.number('control');
    this.#carry = reader.number('carry');
    this.#scratch = reader.number('scratch');
    this.#timer.schedule(reader.deadline('deadline'));
  }
}

function byteOf(word: number, offset: number): number {
  return (word >>> (8 * offset)) & 0xff;
}

/** The first count after `ticks` at which the topmost bit changes. */
function nextCarry(ticks: number): number {
  return (Math.floor(ticks / HALF_RANGE) + 1) * HALF_RANGE;
}
