import type { MachineBus } from '../bus.ts';
import type { Device, DeviceState, InterruptLine } from '../device.ts';
import { StateReader } from '../device-state.ts';
import type { EndMachine } from '../ending.ts';
import { Keyboard } from './keyboard.ts';
import { RELEASE, translate } from './keyboard-codes.ts';

const DATA_PORT = 0x60;
const STATUS_PORT = 0x64;

/** Status register. The controller is always ready for the next byte. */
const STATUS_OUTPUT_FULL = 0x01;
const STATUS_SELF_TEST_PASSED = 0x04;
const STATUS_COMMAND = 0x08;
const STATUS_NOT_LOCKED = 0x10;

/** Command byte, at address 0 of the controller's memory: enables the interrupt, disables the keyboard, translates. */
const MODE_INTERRUPT = 0x01;
const MODE_SELF_TEST_PASSED = 0x04;
const MODE_KEYBOARD_DISABLED = 0x10;
const MODE_AUXILIARY_DISABLED = 0x20;
const MODE_TRANSLATE = 0x40;
/** As firmware leaves it. */
const MODE_INITIAL = MODE_INTERRUPT | MODE_SELF_TEST_PASSED | MODE_AUXILIARY_DISABLED | MODE_TRANSLATE;
const MEMORY_SIZE = 32;

/** Commands; reading and writing memory have 32 each. */
const READ_MEMORY = 0x20;
const WRITE_MEMORY = 0x60;
const DISABLE_AUXILIARY = 0xa7;
const ENABLE_AUXILIARY = 0xa8;
const TEST_AUXILIARY = 0xa9;
const SELF_TEST = 0xaa;
const TEST_KEYBOARD = 0xab;
const DISABLE_KEYBOARD = 0xad;
const ENABLE_KEYBOARD = 0xae;
const READ_INPUT_PORT = 0xc0;
const READ_OUTPUT_PORT = 0xd0;
const WRITE_OUTPUT_PORT = 0xd1;
const WRITE_KEYBOARD_BUFFER = 0xd2;
const WRITE_AUXILIARY_BUFFER = 0xd3;
const WRITE_AUXILIARY = 0xd4;
const PULSE = 0xf0;

/** Answers: the self-test passed; the keyboard's lines are good; the auxiliary device's clock line is stuck high: there is none. */
const SELF_TEST_RESULT = 0x55;
const KEYBOARD_GOOD = 0x00;
const NO_AUXILIARY = 0x02;
/** Input port: the keyboard is not locked. */
const INPUT_PORT = 0x80;

/** Output port, whose lowest bit resets the processor when it is 0, and which opens A20. */
const OUTPUT_NO_RESET = 0x01;
const OUTPUT_A20 = 0x02;
const OUTPUT_FULL = 0x10;

/** System control port A. */
const CONTROL_PORT_A = 0x92;
const FAST_RESET = 0x01;

/** The port of a diagnostic card; kernels write it to let time pass. */
const DIAGNOSTIC_PORT = 0x80;

export interface KeyboardControllerConfig {
  readonly bus: MachineBus;
  /** The keyboard's interrupt. */
  readonly line: InterruptLine;
  readonly end: EndMachine;
}

/**
 * The 8042 with a keyboard and without an auxiliary device (IBM PS/2 technical reference), and its neighbours: the ways
 * to reset the processor, an A20 gate that is always open, and the diagnostic port.
 */
export class KeyboardController implements Device {
  readonly name = 'keyboard controller';
  readonly keyboard = new Keyboard();
  readonly #line: InterruptLine;
  readonly #end: EndMachine;
  readonly #memory: number[] = new Array<number>(MEMORY_SIZE).fill(0);
  /** The controller's own answers go before what the keyboard sends. */
  #answers: number[] = [];
  #output: number | null = null;
  #lastOutput = 0;
  #wroteCommand = false;
  /** The command that waits for a byte at the data port. */
  #command: number | null = null;
  /** Translation has met the prefix of a released key. */
  #released = false;

  constructor(config: KeyboardControllerConfig) {
    this.#line = config.line;
    this.#end = config.end;
    this.keyboard.onData = () => this.#follow();
    this.#addPorts(config.bus);
    this.reset();
  }

  #addPorts(bus: MachineBus): void {
    bus.addPorts({
      name: `${this.name} data`,
      base: DATA_PORT,
      length: 1,
      width: 1,
      read: () => this.#read(),
      write: (_offset, _size, value) => this.#write(value),
    });
    bus.addPorts({
      name: this.name,
      base: STATUS_PORT,
      length: 1,
      width: 1,
      read: () => this.#status,
      write: (_offset, _size, value) => this.#execute(value),
    });
    bus.addPorts({
      name: 'system control port A',
      base: CONTROL_PORT_A,
      length: 1,
      width: 1,
      read: () => OUTPUT_A20,
      write: (_offset, _size, value) => {
        if ((value & FAST_RESET) !== 0) this.#end({ reason: 'reset' });
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

  get #mode(): number {
    return this.#memory[0] as number;
  }

  set #mode(mode: number) {
    this.#memory[0] = mode;
  }

  get #status(): number {
    return (
      STATUS_NOT_LOCKED |
      (this.#output === null ? 0 : STATUS_OUTPUT_FULL) |
      ((this.#mode & MODE_SELF_TEST_PASSED) === 0 ? 0 : STATUS_SELF_TEST_PASSED) |
      (this.#wroteCommand ? STATUS_COMMAND : 0)
    );
  }

  /** Reads the output buffer; an empty one gives what it held last. */
  #read(): number {
    if (this.#output !== null) this.#lastOutput = this.#output;
    this.#output = null;
    this.#line.set(false);
    this.#follow();
    return this.#lastOutput;
  }

  #write(value: number): void {
    this.#wroteCommand = false;
    const command = this.#command;
    this.#command = null;
    if (command === null) {
      this.#mode &= ~MODE_KEYBOARD_DISABLED;
      this.keyboard.receive(value);
    } else if (command === WRITE_OUTPUT_PORT) {
      if ((value & OUTPUT_NO_RESET) === 0) this.#end({ reason: 'reset' });
    } else if (command === WRITE_KEYBOARD_BUFFER || command === WRITE_AUXILIARY_BUFFER) {
      this.#answers.push(value);
    } else if (command !== WRITE_AUXILIARY) {
      this.#memory[command - WRITE_MEMORY] = value;
    }
    this.#follow();
  }

  #execute(command: number): void {
    this.#wroteCommand = true;
    this.#command = null;
    if (command >= PULSE) {
      if ((command & OUTPUT_NO_RESET) === 0) this.#end({ reason: 'reset' });
    } else if (command >= READ_MEMORY && command < READ_MEMORY + MEMORY_SIZE) {
      this.#answers.push(this.#memory[command - READ_MEMORY] as number);
    } else if (command >= WRITE_MEMORY && command < WRITE_MEMORY + MEMORY_SIZE) {
      this.#command = command;
    } else {
      this.#executeNamed(command);
    }
    this.#follow();
  }

  #executeNamed(command: number): void {
    switch (command) {
      case DISABLE_AUXILIARY:
        this.#mode |= MODE_AUXILIARY_DISABLED;
        break;
      case ENABLE_AUXILIARY:
        this.#mode &= ~MODE_AUXILIARY_DISABLED;
        break;
      case TEST_AUXILIARY:
        this.#answers.push(NO_AUXILIARY);
        break;
      case SELF_TEST:
        this.#mode |= MODE_SELF_TEST_PASSED;
        this.#answers.push(SELF_TEST_RESULT);
        break;
      case TEST_KEYBOARD:
        this.#answers.push(KEYBOARD_GOOD);
        break;
      case DISABLE_KEYBOARD:
        this.#mode |= MODE_KEYBOARD_DISABLED;
        break;
      case ENABLE_KEYBOARD:
        this.#mode &= ~MODE_KEYBOARD_DISABLED;
        break;
      case READ_INPUT_PORT:
        this.#answers.push(INPUT_PORT);
        break;
      case READ_OUTPUT_PORT:
        this.#answers.push(OUTPUT_NO_RESET | OUTPUT_A20 | (this.#output === null ? 0 : OUTPUT_FULL));
        break;
      case WRITE_OUTPUT_PORT:
      case WRITE_KEYBOARD_BUFFER:
      case WRITE_AUXILIARY_BUFFER:
      case WRITE_AUXILIARY:
        this.#command = command;
        break;
    }
  }

  /** Fills the output buffer when it is empty and something waits, and drives the interrupt. */
  #follow(): void {
    while (this.#output === null) {
      const answer = this.#answers.shift();
      if (answer !== undefined) this.#output = answer;
      else if (this.keyboard.hasData && (this.#mode & MODE_KEYBOARD_DISABLED) === 0) {
        this.#take(this.keyboard.take());
      } else break;
    }
    this.#line.set(this.#output !== null && (this.#mode & MODE_INTERRUPT) !== 0);
  }

  /** A byte from the keyboard. */
  #take(byte: number): void {
    if ((this.#mode & MODE_TRANSLATE) === 0) this.#output = byte;
    else if (byte === RELEASE) this.#released = true;
    else {
      this.#output = translate(byte) | (this.#released ? 0x80 : 0);
      this.#released = false;
    }
  }

  reset(): void {
    this.keyboard.reset();
    this.#memory.fill(0);
    this.#mode = MODE_INITIAL;
    this.#answers = [];
    this.#output = null;
    this.#lastOutput = 0;
    this.#wroteCommand = false;
    this.#command = null;
    this.#released = false;
    this.#line.set(false);
  }

  save(): DeviceState {
    return {
      memory: [...this.#memory],
      answers: [...this.#answers],
      output: this.#output,
      lastOutput: this.#lastOutput,
      wroteCommand: this.#wroteCommand,
      command: this.#command,
      released: this.#released,
      keyboard: this.keyboard.save(),
    };
  }

  restore(state: DeviceState): void {
    const reader = new StateReader(this.name, state);
    this.#memory.splice(0, MEMORY_SIZE, ...reader.numbers('memory'));
    this.#answers = reader.numbers('answers');
    this.#output = reader.numberOrNull('output');
    this.#lastOutput = reader.number('lastOutput');
    this.#wroteCommand = reader.boolean('wroteCommand');
    this.#command = reader.numberOrNull('command');
    this.#released = reader.boolean('released');
    this.keyboard.restore(reader.part('keyboard'));
  }
}
