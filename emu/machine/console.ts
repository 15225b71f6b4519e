import type { Device, DeviceState } from './device.ts';
import { StateReader } from './device-state.ts';
import type { Uart16550 } from './devices/uart16550.ts';

/** How much unmatched output is remembered for prompts and expected texts that arrive in pieces, in bytes. */
const TAIL_SIZE = 4096;
const LINE_FEED = 0x0a;

/** Told of each byte of output, with the position of the step that transmitted it. */
export type OutputListener = (bytes: Uint8Array, position: number) => void;

/** Input that is known beforehand: a file or the commands of a test. */
export interface ConsoleScript {
  readonly bytes: Uint8Array;
  /**
   * A line is typed only when the output ends in one of these texts, as a person waits for the prompt.
   * Without prompts it is typed whenever the guest is idle and has read what came before.
   */
  readonly prompts?: readonly string[] | undefined;
  /**
   * Tells, while the processor is idle, whether the guest waits for console input: then a line is typed whatever has been printed.
   * undefined when it cannot be known; then the prompts decide. It must look only.
   */
  readonly waiting?: (() => boolean | undefined) | undefined;
}

/** The console: the serial port's far end. */
export class Console implements Device {
  readonly name = 'console';
  readonly #uart: Uart16550;
  readonly #position: () => number;
  readonly #listeners = new Set<OutputListener>();
  /** Told when the awaited text is complete. */
  readonly #onExpected: () => void;
  /** The latest output, one character per byte. */
  #tail = '';
  /** How many bytes of it came after the last expected text. */
  #unmatched = 0;
  #expected: string | undefined;
  #script: Uint8Array = new Uint8Array();
  #scriptAt = 0;
  #prompts: readonly string[] = [];
  #scripted = false;
  #waiting: ConsoleScript['waiting'];

  constructor(config: { uart: Uart16550; position: () => number; onExpected: () => void }) {
    this.#uart = config.uart;
    this.#position = config.position;
    this.#onExpected = config.onExpected;
    this.#uart.onTransmit = (byte) => this.#transmitted(byte);
  }

  /** Calls `listener` for all output from now on. Returns a function that ends it. */
  onOutput(listener: OutputListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Waits for a text (or for none); its beginning may have been printed already, its end not. */
  expect(text: string | undefined): void {
    this.#expected = text === undefined ? undefined : asBytes(text);
  }

  /** Sets the input that is typed while the guest is idle. It replaces what is left of an earlier script. */
  setScript(script: ConsoleScript | undefined): void {
    this.#scripted = script !== undefined;
    this.#script = script?.bytes ?? new Uint8Array();
    this.#prompts = (script?.prompts ?? []).map(asBytes);
    this.#waiting = script?.waiting;
    this.#scriptAt = 0;
  }

  /** The guest has read all that was typed. */
  get drained(): boolean {
    return this.#uart.drained;
  }

  /** A script was set, and the guest would now take a line (or its end, when all has been typed). */
  get scriptReady(): boolean {
    if (!this.#scripted || !this.#uart.drained) return false;
    const waiting = this.#waiting?.();
    if (waiting !== undefined) return waiting;
    if (this.#prompts.length === 0) return true;
    const seen = visibleEnd(this.#tail);
    return this.#prompts.some((prompt) => seen.endsWith(prompt));
  }

  /** Nothing is left of the script. */
  get scriptDone(): boolean {
    return this.#scriptAt >= this.#script.length;
  }

  /** The next line of the script, its line feed included. */
  nextLine(): Uint8Array {
    const end = this.#script.indexOf(LINE_FEED, this.#scriptAt);
    return this.#script.slice(this.#scriptAt, end < 0 ? this.#script.length : end + 1);
  }

  /** Hands bytes to the receiver; for the machine, which has them in its log. */
  receive(bytes: Uint8Array, scripted: boolean): void {
    if (scripted) this.#scriptAt += bytes.length;
    this.#uart.receive(bytes);
  }

  /** Hands a break to the receiver; for the machine, which has it in its log. */
  receiveBreak(): void {
    this.#uart.receiveBreak();
  }

  #transmitted(byte: number): void {
    this.#tail += String.fromCharCode(byte);
    if (this.#tail.length > 2 * TAIL_SIZE) this.#tail = this.#tail.slice(-TAIL_SIZE);
    this.#unmatched++;
    const position = this.#position();
    for (const listener of this.#listeners) listener(Uint8Array.of(byte), position);
    const expected = this.#expected;
    if (expected !== undefined && this.#unmatched >= expected.length && this.#tail.endsWith(expected)) {
      this.#unmatched = 0;
      this.#onExpected();
    }
  }

  reset(): void {
    this.#tail = '';
    this.#unmatched = 0;
    this.#scriptAt = 0;
  }

  /** The script itself comes from the host and is not state; how far it has been typed is. */
  save(): DeviceState {
    return { tail: this.#tail.slice(-TAIL_SIZE), unmatched: this.#unmatched, scriptAt: this.#scriptAt };
  }

  restore(state: DeviceState): void {
    const reader = new StateReader(this.name, state);
    this.#tail = reader.text('tail');
    this.#unmatched = reader.number('unmatched');
    this.#scriptAt = reader.number('scriptAt');
  }
}

/** The start of a terminal's control sequence, and what may follow it (ECMA-48, section 5.4). */
const SEQUENCE_START = '\x1b[';
const SEQUENCE_REST = /^[0-9;?]*[A-Za-z]$/;

/** The output's end as a person sees it: a shell may ask the terminal something after its prompt. */
function visibleEnd(output: string): string {
  let text = output;
  for (;;) {
    const at = text.lastIndexOf(SEQUENCE_START);
    if (at < 0 || !SEQUENCE_REST.test(text.slice(at + SEQUENCE_START.length))) return text;
    text = text.slice(0, at);
  }
}

/** A text as the bytes of its UTF-8 form, one character per byte: so output need not be decoded. */
function asBytes(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join('');
}
