import type { MachineBus } from '../bus.ts';
import type { Timer, VirtualClock } from '../clock.ts';
import type { Device, DeviceState, InterruptLine } from '../device.ts';
import { StateReader, savedDeadline } from '../device-state.ts';
import { I8254Channel } from './i8254-channel.ts';

const BASE_PORT = 0x40;
const CONTROL = 3;
/** System control port B: gate and output of channel 2, speaker, refresh toggle. */
const CONTROL_PORT_B = 0x61;
const PORT_B_GATE2 = 0x01;
const PORT_B_SPEAKER = 0x02;
const PORT_B_REFRESH = 0x10;
const PORT_B_OUT2 = 0x20;
/** The refresh toggle of a PC/AT changes every 15.085 µs. */
const REFRESH_NANOSECONDS = 15_085;

/** Control word, bits 6–7: the channel, or the read-back command. */
const READ_BACK = 3;
/** Read-back command: bits that are 0 ask for the latch. */
const READ_BACK_NO_COUNT = 0x20;
const READ_BACK_NO_STATUS = 0x10;

/** The programmable interval timer of a PC: channel 0 drives IRQ 0, channel 2 is read through port 0x61. */
export class I8254 implements Device {
  readonly name = 'i8254';
  readonly #clock: VirtualClock;
  readonly #line: InterruptLine;
  readonly #timer: Timer;
  readonly #channels: readonly [I8254Channel, I8254Channel, I8254Channel];
  #portB = 0;

  constructor(config: { bus: MachineBus; clock: VirtualClock; line: InterruptLine }) {
    const { bus, clock, line } = config;
    this.#clock = clock;
    this.#line = line;
    const now = () => clock.now;
    this.#channels = [new I8254Channel(now, true), new I8254Channel(now, true), new I8254Channel(now, false)];
    this.#timer = clock.timer('i8254 channel 0', line.irq, (deadline) => this.#rise(deadline));
    bus.addPorts({
      name: this.name,
      base: BASE_PORT,
      length: 4,
      width: 1,
      read: (offset) => this.#channels[offset]?.read() ?? 0,
      write: (offset, _size, value) => this.#write(offset, value),
    });
    bus.addPorts({
      name: 'system control port B',
      base: CONTROL_PORT_B,
      length: 1,
      width: 1,
      read: () => this.#readPortB(),
      write: (_offset, _size, value) => this.#writePortB(value),
    });
  }

  #write(offset: number, value: number): void {
    if (offset === CONTROL) {
      this.#control(value);
      return;
    }
    const channel = this.#channels[offset] as I8254Channel;
    if (channel.write(value) && offset === 0) this.#follow();
  }

  #control(value: number): void {
    const select = value >>> 6;
    if (select === READ_BACK) {
      this.#channels.forEach((channel, index) => {
        if ((value & (2 << index)) === 0) return;
        if ((value & READ_BACK_NO_COUNT) === 0) channel.latchCount();
        if ((value & READ_BACK_NO_STATUS) === 0) channel.latchStatus();
      });
      return;
    }
    const channel = this.#channels[select] as I8254Channel;
    const access = (value >>> 4) & 3;
    if (access === 0) {
      channel.latchCount();
      return;
    }
    channel.configure(value);
    if (select === 0) this.#follow();
  }

  /** The output of channel 0 may have changed its course: drives the line and waits for the next rising edge. */
  #follow(): void {
    const channel = this.#channels[0];
    this.#line.set(channel.out);
    this.#timer.schedule(channel.nextRise(this.#clock.now));
  }

  /** A rising edge of channel 0. Its falling edges mean nothing to an edge-triggered input and are not awaited. */
  #rise(deadline: number): void {
    this.#line.set(false);
    this.#line.set(true);
    this.#timer.schedule(this.#channels[0].nextRise(deadline));
  }

  #readPortB(): number {
    const refresh = Math.floor(this.#clock.now / REFRESH_NANOSECONDS) % 2 === 1;
    return this.#portB | (refresh ? PORT_B_REFRESH : 0) | (this.#channels[2].out ? PORT_B_OUT2 : 0);
  }

  #writePortB(value: number): void {
    this.#portB = value & (PORT_B_GATE2 | PORT_B_SPEAKER);
    this.#channels[2].gate = (value & PORT_B_GATE2) !== 0;
  }

  reset(): void {
    this.#portB = 0;
    for (const [index, channel] of this.#channels.entries()) channel.reset(index !== 2);
    this.#timer.cancel();
    this.#line.set(false);
  }

  save(): DeviceState {
    return {
      portB: this.#portB,
      deadline: savedDeadline(this.#timer.deadline),
      channel0: this.#channels[0].save(),
      channel1: this.#channels[1].save(),
      channel2: this.#channels[2].save(),
    };
  }

  restore(state: DeviceState): void {
    const reader = new StateReader(this.name, state);
    this.#portB = reader.number('portB');
    this.#timer.schedule(reader.deadline('deadline'));
    this.#channels[0].restore(reader.part('channel0'));
    this.#channels[1].restore(reader.part('channel1'));
    this.#channels[2].restore(reader.part('channel2'));
  }
}
