import type { MachineBus } from '../bus.ts';
import { NANOSECONDS, NEVER, type Timer, type VirtualClock } from '../clock.ts';
import type { Device, DeviceState, InterruptLine } from '../device.ts';
import { StateReader, savedDeadline } from '../device-state.ts';
import * as r from './uart-registers.ts';

/** Divisor after reset: 9600 baud. */
const RESET_DIVISOR = 12;

/** Stands in the backlog for a break, which is no byte. */
const BREAK = 0x100;

/**
 * A 16550A serial port. A byte written is transmitted at once, so that the transmitter is empty again at the next
 * instruction and its interrupt is raised, as under QEMU. Bytes received arrive one character time apart at the
 * programmed speed, and wait on the line while the receiver is full: the sender honours flow control. The interrupt
 * does not depend on MCR's OUT2, also as under QEMU.
 */
export class Uart16550 implements Device {
  readonly name: string;
  readonly #clock: VirtualClock;
  readonly #line: InterruptLine;
  readonly #arrival: Timer;
  readonly #timeout: Timer;
  /** A byte has left the transmitter. */
  onTransmit: (byte: number) => void = () => {};

  #interruptEnable = 0;
  #fifoControl = 0;
  #lineControl = 0;
  #modemControl = r.MCR_OUT2;
  #lineErrors = 0;
  #modemStatus = r.MSR_CTS | r.MSR_DSR | r.MSR_DCD;
  #scratch = 0;
  #divisor = RESET_DIVISOR;
  /** The receive FIFO; without FIFOs it holds one byte. */
  #received: number[] = [];
  #lastReceived = 0;
  /** The transmitter has become empty, and neither IIR nor THR has been touched since. */
  #transmitterPending = false;
  #timeoutPending = false;
  /** Bytes and breaks on their way to the receiver. */
  #backlog: number[] = [];
  /** Guest time at which the line has carried the last byte. */
  #lineFree = 0;

  constructor(config: {
    bus: MachineBus;
    clock: VirtualClock;
    line: InterruptLine;
    name: string;
    base: number;
  }) {
    this.name = config.name;
    this.#clock = config.clock;
    this.#line = config.line;
    const irq = config.line.irq;
    this.#arrival = config.clock.timer(`${this.name} arrival`, irq, () => this.#arrive());
    this.#timeout = config.clock.timer(`${this.name} character timeout`, irq, () => {
      this.#timeoutPending = true;
      this.#update();
    });
    config.bus.addPorts({
      name: this.name,
      base: config.base,
      length: r.REGISTER_COUNT,
      width: 1,
      read: (offset) => this.#read(offset),
      write: (offset, _size, value) => this.#write(offset, value),
    });
  }

  /** Sends bytes to the receiver; the first one arrives as soon as the line is free. */
  receive(bytes: Iterable<number>): void {
    for (const byte of bytes) this.#backlog.push(byte);
    this.#awaitArrival();
  }

  /** Sends a break behind all that is on the line. */
  receiveBreak(): void {
    this.#backlog.push(BREAK);
    this.#awaitArrival();
  }

  /** Nothing is on the line and the guest has read all that was received. */
  get drained(): boolean {
    return this.#backlog.length === 0 && this.#received.length === 0;
  }

  /** Nanoseconds that a character takes at the programmed speed, start and stop bits included. */
  get characterTime(): number {
    const bits =
      1 +
      5 +
      (this.#lineControl & r.LCR_WORD_LENGTH) +
      ((this.#lineControl & r.LCR_PARITY) === 0 ? 0 : 1) +
      ((this.#lineControl & r.LCR_TWO_STOP_BITS) === 0 ? 1 : 2);
    return Math.ceil((bits * Math.max(this.#divisor, 1) * NANOSECONDS) / r.BASE_BAUD);
  }

  get #fifos(): boolean {
    return (this.#fifoControl & r.FCR_ENABLE) !== 0;
  }

  get #capacity(): number {
    return this.#fifos ? r.FIFO_SIZE : 1;
  }

  #read(offset: number): number {
    const divisorLatch = (this.#lineControl & r.LCR_DIVISOR_LATCH) !== 0;
    switch (offset) {
      case r.DATA:
        return divisorLatch ? this.#divisor & 0xff : this.#readData();
      case r.INTERRUPT_ENABLE:
        return divisorLatch ? this.#divisor >>> 8 : this.#interruptEnable;
      case r.INTERRUPT_IDENTIFICATION:
        return this.#readIdentification();
      case r.LINE_CONTROL:
        return this.#lineControl;
      case r.MODEM_CONTROL:
        return this.#modemControl;
      case r.LINE_STATUS:
        return this.#readLineStatus();
      case r.MODEM_STATUS:
        return this.#readModemStatus();
      default:
        return this.#scratch;
    }
  }

  #write(offset: number, value: number): void {
    const divisorLatch = (this.#lineControl & r.LCR_DIVISOR_LATCH) !== 0;
    switch (offset) {
      case r.DATA:
        if (divisorLatch) this.#divisor = (this.#divisor & 0xff00) | value;
        else this.#transmit(value);
        break;
      case r.INTERRUPT_ENABLE:
        if (divisorLatch) this.#divisor = (this.#divisor & 0x00ff) | (value << 8);
        else this.#writeInterruptEnable(value & r.IER_BITS);
        break;
      case r.FIFO_CONTROL:
        this.#writeFifoControl(value);
        break;
      case r.LINE_CONTROL:
        this.#lineControl = value;
        break;
      case r.MODEM_CONTROL:
        this.#writeModemControl(value & r.MCR_BITS);
        break;
      case r.SCRATCH:
        this.#scratch = value;
        break;
      // LSR and MSR are read-only.
    }
  }

  #readData(): number {
    this.#timeoutPending = false;
    this.#timeout.cancel();
    const byte = this.#received.shift();
    if (byte === undefined) return this.#fifos ? 0 : this.#lastReceived;
    this.#lastReceived = byte;
    if (this.#received.length > 0) this.#startTimeout();
    this.#awaitArrival();
    this.#update();
    return byte;
  }

  #readIdentification(): number {
    const identification = this.#identification();
    if (identification === r.IIR_TRANSMITTER_EMPTY) {
      this.#transmitterPending = false;
      this.#update();
    }
    return identification | (this.#fifos ? r.IIR_FIFOS_ENABLED : 0);
  }

  #readLineStatus(): number {
    const status = this.#lineStatus();
    this.#lineErrors = 0;
    this.#update();
    return status;
  }

  #readModemStatus(): number {
    const status = this.#modemStatus;
    this.#modemStatus &= ~r.MSR_DELTAS;
    this.#update();
    return status;
  }

  #transmit(byte: number): void {
    if ((this.#modemControl & r.MCR_LOOPBACK) !== 0) this.#store(byte);
    else this.onTransmit(byte);
    // Full for no time at all; the interrupt request falls and rises again, which an edge-triggered input must see.
    this.#transmitterPending = false;
    this.#update();
    this.#transmitterPending = true;
    this.#update();
  }

  #writeInterruptEnable(value: number): void {
    const enabled = value & ~this.#interruptEnable;
    this.#interruptEnable = value;
    // Enabling the transmitter's interrupt while it is empty raises it.
    if ((enabled & r.IER_TRANSMITTER_EMPTY) !== 0) this.#transmitterPending = true;
    this.#update();
  }

  #writeFifoControl(value: number): void {
    const toggled = ((value ^ this.#fifoControl) & r.FCR_ENABLE) !== 0;
    this.#fifoControl = value & r.FCR_BITS;
    if (toggled || (value & r.FCR_CLEAR_RECEIVER) !== 0) {
      this.#received = [];
      this.#timeoutPending = false;
      this.#timeout.cancel();
      this.#awaitArrival();
    }
    if (toggled || (value & r.FCR_CLEAR_TRANSMITTER) !== 0) this.#transmitterPending = true;
    this.#update();
  }

  #writeModemControl(value: number): void {
    this.#modemControl = value;
    let inputs = r.MSR_CTS | r.MSR_DSR | r.MSR_DCD;
    if ((value & r.MCR_LOOPBACK) !== 0) {
      inputs =
        ((value & r.MCR_RTS) !== 0 ? r.MSR_CTS : 0) |
        ((value & r.MCR_DTR) !== 0 ? r.MSR_DSR : 0) |
        ((value & r.MCR_OUT1) !== 0 ? r.MSR_RI : 0) |
        ((value & r.MCR_OUT2) !== 0 ? r.MSR_DCD : 0);
    }
    const changed = (inputs ^ this.#modemStatus) & ~r.MSR_DELTAS;
    // The ring indicator's delta bit tells its falling edge alone.
    const deltas = (changed >>> 4) & ~((inputs & r.MSR_RI) >>> 4);
    this.#modemStatus = inputs | (this.#modemStatus & r.MSR_DELTAS) | deltas;
    this.#awaitArrival();
    this.#update();
  }

  /** Waits for the next byte on the line, if there is one and room for it. In loopback the line is cut off. */
  #awaitArrival(): void {
    const room = this.#received.length < this.#capacity && (this.#modemControl & r.MCR_LOOPBACK) === 0;
    if (this.#backlog.length === 0 || !room) this.#arrival.cancel();
    else this.#arrival.schedule(Math.max(this.#lineFree, this.#clock.now));
  }

  #arrive(): void {
    const byte = this.#backlog.shift();
    if (byte === undefined) return;
    this.#lineFree = this.#clock.now + this.characterTime;
    // A break arrives as a zero byte, and LSR says what it is.
    this.#store(byte & 0xff);
    if (byte === BREAK) this.#lineErrors |= r.LSR_BREAK;
    this.#awaitArrival();
    this.#update();
  }

  #store(byte: number): void {
    if (this.#received.length < this.#capacity) this.#received.push(byte);
    else this.#lineErrors |= r.LSR_OVERRUN;
    this.#startTimeout();
  }

  #startTimeout(): void {
    if (!this.#fifos) return;
    this.#timeoutPending = false;
    this.#timeout.schedule(this.#clock.now + r.TIMEOUT_CHARACTERS * this.characterTime);
  }

  #lineStatus(): number {
    return (
      r.LSR_HOLDING_EMPTY |
      r.LSR_TRANSMITTER_EMPTY |
      this.#lineErrors |
      (this.#received.length > 0 ? r.LSR_DATA_READY : 0)
    );
  }

  /** The pending interrupt of highest priority. */
  #identification(): number {
    const enable = this.#interruptEnable;
    if ((enable & r.IER_LINE_STATUS) !== 0 && this.#lineErrors !== 0) return r.IIR_LINE_STATUS;
    if ((enable & r.IER_RECEIVED) !== 0) {
      const trigger = this.#fifos ? (r.FCR_TRIGGER_LEVELS[this.#fifoControl >>> 6] as number) : 1;
      if (this.#timeoutPending) return r.IIR_CHARACTER_TIMEOUT;
      if (this.#received.length >= trigger) return r.IIR_RECEIVED;
    }
    if ((enable & r.IER_TRANSMITTER_EMPTY) !== 0 && this.#transmitterPending) return r.IIR_TRANSMITTER_EMPTY;
    if ((enable & r.IER_MODEM_STATUS) !== 0 && (this.#modemStatus & r.MSR_DELTAS) !== 0) {
      return r.IIR_MODEM_STATUS;
    }
    return r.IIR_NONE;
  }

  #update(): void {
    this.#line.set(this.#identification() !== r.IIR_NONE);
  }

  reset(): void {
    this.#interruptEnable = 0;
    this.#fifoControl = 0;
    this.#lineControl = 0;
    this.#modemControl = r.MCR_OUT2;
    this.#lineErrors = 0;
    this.#modemStatus = r.MSR_CTS | r.MSR_DSR | r.MSR_DCD;
    this.#scratch = 0;
    this.#divisor = RESET_DIVISOR;
    this.#received = [];
    this.#lastReceived = 0;
    this.#transmitterPending = false;
    this.#timeoutPending = false;
    this.#backlog = [];
    this.#lineFree = 0;
    this.#arrival.schedule(NEVER);
    this.#timeout.schedule(NEVER);
    this.#update();
  }

  save(): DeviceState {
    return {
      interruptEnable: this.#interruptEnable,
      fifoControl: this.#fifoControl,
      lineControl: this.#lineControl,
      modemControl: this.#modemControl,
      lineErrors: this.#lineErrors,
      modemStatus: this.#modemStatus,
      scratch: this.#scratch,
      divisor: this.#divisor,
      received: [...this.#received],
      lastReceived: this.#lastReceived,
      transmitterPending: this.#transmitterPending,
      timeoutPending: this.#timeoutPending,
      backlog: [...this.#backlog],
      lineFree: this.#lineFree,
      arrival: savedDeadline(this.#arrival.deadline),
      timeout: savedDeadline(this.#timeout.deadline),
    };
  }

  restore(state: DeviceState): void {
    const reader = new StateReader(this.name, state);
    this.#interruptEnable = reader.number('interruptEnable');
    this.#fifoControl = reader.number('fifoControl');
    this.#lineControl = reader.number('lineControl');
    this.#modemControl = reader.number('modemControl');
    this.#lineErrors = reader.number('lineErrors');
    this.#modemStatus = reader.number('modemStatus');
    this.#scratch = reader.number('scratch');
    this.#divisor = reader.number('divisor');
    this.#received = reader.numbers('received');
    this.#lastReceived = reader.number('lastReceived');
    this.#transmitterPending = reader.boolean('transmitterPending');
    this.#timeoutPending = reader.boolean('timeoutPending');
    this.#backlog = reader.numbers('backlog');
    this.#lineFree = reader.number('lineFree');
    this.#arrival.schedule(reader.deadline('arrival'));
    this.#timeout.schedule(reader.deadline('timeout'));
  }
}
