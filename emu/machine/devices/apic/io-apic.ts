import type { BusSize, MachineBus } from '../../bus.ts';
import type { Device, DeviceState } from '../../device.ts';
import { StateReader } from '../../device-state.ts';
import {
  type ApicMessage,
  DELIVERY_MODE_MASK,
  DELIVERY_MODE_SHIFT,
  DESTINATION_SHIFT,
  DeliveryMode,
  LEVEL_TRIGGERED,
  LOGICAL_DESTINATION,
  MASKED,
  VECTOR_MASK,
} from './local-apic-registers.ts';

export const IO_APIC_BASE = 0xfec0_0000;
const IO_APIC_SIZE = 0x1000;
export const PIN_COUNT = 24;

/** Memory-mapped registers: which register is looked at, its contents, and (from version 0x20 on) end of interrupt. */
const SELECT = 0x00;
const WINDOW = 0x10;
const END_OF_INTERRUPT = 0x40;

/** Registers behind the window. */
const ID = 0x00;
const VERSION = 0x01;
const ARBITRATION = 0x02;
const REDIRECTION_TABLE = 0x10;
/** Version 0x20 with 24 pins, as QEMU's. */
const VERSION_VALUE = 0x0017_0020;
const ID_MASK = 0x0f00_0000;

/** Low word of a redirection entry: remote IRR, and what software may write. */
const REMOTE_REQUEST = 1 << 14;
const LOW_WRITABLE = 0x1_afff;
const HIGH_WRITABLE = 0xff00_0000;

export interface IoApicConfig {
  readonly bus: MachineBus;
  /** Sends a message to the processors' APICs. False when nobody has taken it. */
  readonly send: (message: ApicMessage) => boolean;
}

/**
 * The I/O APIC (Intel 82093AA data sheet; version 0x20 adds the end-of-interrupt register). A pin's level is the
 * request of the device behind it; the polarity bit describes the wire alone and changes nothing, as under QEMU.
 */
export class IoApic implements Device {
  readonly name = 'io apic';
  readonly #send: (message: ApicMessage) => boolean;
  /** Two words per pin. */
  readonly #table = new Uint32Array(2 * PIN_COUNT);
  #select = 0;
  #id = 0;
  #pins = 0;

  constructor(config: IoApicConfig) {
    this.#send = config.send;
    config.bus.addMemory({
      name: this.name,
      base: IO_APIC_BASE,
      length: IO_APIC_SIZE,
      read: (offset, size) => this.#read(offset, size),
      write: (offset, size, value) => this.#write(offset, size, value),
    });
    this.reset();
  }

  /** Drives a pin. */
  setPin(pin: number, high: boolean): void {
    const bit = 1 << pin;
    if (((this.#pins & bit) !== 0) === high) return;
    this.#pins ^= bit;
    // An edge that meets a masked pin is lost.
    if (high) this.#deliver(pin);
  }

  /** An interrupt with this vector has ended: a level-triggered pin may request again. */
  endOfInterrupt(vector: number): void {
    for (let pin = 0; pin < PIN_COUNT; pin++) {
      const entry = this.#low(pin);
      if ((entry & LEVEL_TRIGGERED) === 0 || (entry & VECTOR_MASK) !== vector) continue;
      this.#table[2 * pin] = entry & ~REMOTE_REQUEST;
      this.#deliverLevel(pin);
    }
  }

  /** A local APIC may now take what it had refused. */
  retry(): void {
    for (let pin = 0; pin < PIN_COUNT; pin++) this.#deliverLevel(pin);
  }

  /** The vector with which a rise of a pin would ask for the processor, or undefined when it is masked. */
  vectorOf(pin: number): number | undefined {
    const entry = this.#low(pin);
    if ((entry & MASKED) !== 0) return undefined;
    const mode = (entry >>> DELIVERY_MODE_SHIFT) & DELIVERY_MODE_MASK;
    const hasVector = mode === DeliveryMode.Fixed || mode === DeliveryMode.LowestPriority;
    return hasVector ? entry & VECTOR_MASK : undefined;
  }

  #low(pin: number): number {
    return this.#table[2 * pin] as number;
  }

  #deliverLevel(pin: number): void {
    if ((this.#low(pin) & LEVEL_TRIGGERED) !== 0 && (this.#pins & (1 << pin)) !== 0) this.#deliver(pin);
  }

  #deliver(pin: number): void {
    const entry = this.#low(pin);
    const levelTriggered = (entry & LEVEL_TRIGGERED) !== 0;
    if ((entry & MASKED) !== 0 || (levelTriggered && (entry & REMOTE_REQUEST) !== 0)) return;
    const high = this.#table[2 * pin + 1] as number;
    if (levelTriggered) this.#table[2 * pin] = entry | REMOTE_REQUEST;
    const taken = this.#send({
      vector: entry & VECTOR_MASK,
      deliveryMode: (entry >>> DELIVERY_MODE_SHIFT) & DELIVERY_MODE_MASK,
      levelTriggered,
      logical: (entry & LOGICAL_DESTINATION) !== 0,
      destination: high >>> DESTINATION_SHIFT,
    });
    if (levelTriggered && !taken) this.#table[2 * pin] = entry;
  }

  #read(offset: number, size: BusSize): number {
    const register = offset & ~3;
    let value = 0;
    if (register === SELECT) value = this.#select;
    else if (register === WINDOW) value = this.#readWindow();
    return size === 4 ? value : (value >>> (8 * (offset & 3))) & ((1 << (8 * size)) - 1);
  }

  #readWindow(): number {
    switch (this.#select) {
      case ID:
      case ARBITRATION:
        return this.#id;
      case VERSION:
        return VERSION_VALUE;
      default:
        return this.#table[this.#select - REDIRECTION_TABLE] ?? 0;
    }
  }

  #write(offset: number, size: BusSize, value: number): void {
    if (offset === SELECT) this.#select = value & 0xff;
    else if (offset === END_OF_INTERRUPT) this.endOfInterrupt(value & VECTOR_MASK);
    else if (offset === WINDOW && size === 4) this.#writeWindow(value);
  }

  #writeWindow(value: number): void {
    if (this.#select === ID) this.#id = value & ID_MASK;
    const index = this.#select - REDIRECTION_TABLE;
    if (index < 0 || index >= this.#table.length) return;
    if (index % 2 === 1) {
      this.#table[index] = value & HIGH_WRITABLE;
      return;
    }
    const before = this.#table[index] as number;
    // A pin made edge-triggered forgets that it waits for an end of interrupt.
    const kept = (value & LEVEL_TRIGGERED) !== 0 ? before & REMOTE_REQUEST : 0;
    this.#table[index] = (value & LOW_WRITABLE) | kept;
    this.#deliverLevel(index >>> 1);
  }

  reset(): void {
    this.#select = 0;
    this.#id = 0;
    this.#pins = 0;
    for (let pin = 0; pin < PIN_COUNT; pin++) {
      this.#table[2 * pin] = MASKED;
      this.#table[2 * pin + 1] = 0;
    }
  }

  save(): DeviceState {
    return { select: this.#select, id: this.#id, pins: this.#pins, table: [...this.#table] };
  }

  restore(state: DeviceState): void {
    const reader = new StateReader(this.name, state);
    this.#select = reader.number('select');
    this.#id = reader.number('id');
    this.#pins = reader.number('pins');
    this.#table.set(reader.numbers('table'));
  }
}
