import type { Device, DeviceState } from '../device.ts';
import { StateReader } from '../device-state.ts';

/** Commands to the keyboard (IBM PS/2 technical reference, keyboard section). */
const SET_LEDS = 0xed;
const ECHO = 0xee;
const SCAN_CODE_SET = 0xf0;
const IDENTIFY = 0xf2;
const TYPEMATIC_RATE = 0xf3;
const ENABLE = 0xf4;
const DISABLE = 0xf5;
const SET_DEFAULTS = 0xf6;
const RESEND = 0xfe;
const RESET = 0xff;

/** Its answers. */
const ACKNOWLEDGE = 0xfa;
const SELF_TEST_PASSED = 0xaa;
const IDENTITY = [0xab, 0x83] as const;
const NOT_UNDERSTOOD = 0xfe;

const SET_2 = 2;

/** A PS/2 keyboard: it answers commands and sends the codes of keys, of scan code set 2 alone. */
export class Keyboard implements Device {
  readonly name = 'keyboard';
  /** Told when there is something to send. */
  onData: () => void = () => {};
  #queue: number[] = [];
  #last = 0;
  #scanning = true;
  /** The command that waits for its operand. */
  #command: number | null = null;

  get hasData(): boolean {
    return this.#queue.length > 0;
  }

  /** The next byte to the controller. */
  take(): number {
    this.#last = this.#queue.shift() ?? 0;
    return this.#last;
  }

  /** Keys are pressed and released: codes of set 2. They are lost while scanning is disabled. */
  type(codes: Iterable<number>): void {
    if (this.#scanning) this.#send(...codes);
  }

  /** A byte from the controller. */
  receive(byte: number): void {
    const command = this.#command;
    this.#command = null;
    if (command !== null && byte < SET_LEDS) this.#operand(command, byte);
    else this.#execute(byte);
  }

  #operand(command: number, value: number): void {
    this.#send(ACKNOWLEDGE);
    if (command === SCAN_CODE_SET && value === 0) this.#send(SET_2);
  }

  #execute(command: number): void {
    switch (command) {
      case ECHO:
        this.#send(ECHO);
        break;
      case RESEND:
        this.#send(this.#last);
        break;
      case SET_LEDS:
      case TYPEMATIC_RATE:
      case SCAN_CODE_SET:
        this.#command = command;
        this.#send(ACKNOWLEDGE);
        break;
      case IDENTIFY:
        this.#send(ACKNOWLEDGE, ...IDENTITY);
        break;
      case ENABLE:
        this.#queue = [];
        this.#scanning = true;
        this.#send(ACKNOWLEDGE);
        break;
      case DISABLE:
        this.#queue = [];
        this.#scanning = false;
        this.#send(ACKNOWLEDGE);
        break;
      case SET_DEFAULTS:
        this.#queue = [];
        this.#send(ACKNOWLEDGE);
        break;
      case RESET:
        this.#queue = [];
        this.#scanning = true;
        this.#send(ACKNOWLEDGE, SELF_TEST_PASSED);
        break;
      default:
        this.#send(NOT_UNDERSTOOD);
    }
  }

  #send(...bytes: number[]): void {
    this.#queue.push(...bytes);
    this.onData();
  }

  reset(): void {
    this.#queue = [];
    this.#last = 0;
    this.#scanning = true;
    this.#command = null;
  }

  save(): DeviceState {
    return { queue: [...this.#queue], last: this.#last, scanning: this.#scanning, command: this.#command };
  }

  restore(state: DeviceState): void {
    const reader = new StateReader(this.name, state);
    this.#queue = reader.numbers('queue');
    this.#last = reader.number('last');
    this.#scanning = reader.boolean('scanning');
    this.#command = reader.numberOrNull('command');
  }
}
