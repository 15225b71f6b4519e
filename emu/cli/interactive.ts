import { type Machine, type MachineStop, Registers, type RunOptions } from '../machine/index.ts';
import { sleepWithGuest } from './idle-time.ts';
import { WakeableSleep } from './wakeable-sleep.ts';

/** Steps between two looks at the keyboard. */
const CHUNK = 2_000_000;
const CTRL_A = 0x01;
/** Stands among the keys for a break. */
const BREAK = 0x100;
/** Signals that end the session: the terminal must be put back first. */
const SIGNALS = ['SIGHUP', 'SIGTERM', 'SIGINT', 'SIGQUIT'] as const;
const HELP =
  '\r\nCtrl-A x  leave puffer\r\nCtrl-A b  send a break on the serial line (the guest enters its debugger, ddb)\r\n' +
  'Ctrl-A h  this help\r\nCtrl-A Ctrl-A  send Ctrl-A to the guest\r\n';

export interface InteractiveOptions {
  readonly budget: number | undefined;
  /** Runs the machine (with whatever watches it). */
  readonly run: (limits: RunOptions) => MachineStop;
  /** Takes what is typed; the console if not given. */
  readonly type?: ((bytes: Uint8Array) => void) | undefined;
  /** Called after each stretch of the run, and while the guest sleeps. */
  readonly show?: (() => void) | undefined;
  /** Not undefined when an observer wants the run to end. */
  readonly stopped: () => string | undefined;
}

/**
 * Runs the machine for a person at a terminal: keys go to the console as they are pressed, idle guest time passes with the
 * host's clock. Ends when the machine does, or on Ctrl-A x. The terminal is put back in any case.
 */
export async function runInteractively(machine: Machine, options: InteractiveOptions): Promise<MachineStop> {
  const keyboard = new Keyboard(machine, options.type ?? ((bytes) => machine.console.write(bytes)));
  const budgetEnd = options.budget === undefined ? undefined : machine.position + options.budget;
  try {
    for (;;) {
      keyboard.deliver();
      const left = budgetEnd === undefined ? CHUNK : Math.min(CHUNK, budgetEnd - machine.position);
      if (left <= 0) return { reason: 'budget', position: machine.position, time: machine.guestTime };
      const stop = options.run({ budget: left, pauseWhenIdle: true });
      options.show?.();
      if (keyboard.left) return { reason: 'requested', position: machine.position, time: machine.guestTime };
      if (stop.reason === 'idle' && isHaltedForGood(machine)) return stop;
      if (stop.reason === 'idle')
        await sleepWithGuest(machine, stop.deadline, (milliseconds) => keyboard.waitFor(milliseconds));
      else if (stop.reason === 'budget') await new Promise((resume) => setImmediate(resume));
      else return stop;
      if (keyboard.left) return { reason: 'requested', position: machine.position, time: machine.guestTime };
    }
  } finally {
    keyboard.close();
  }
}

/** The processor waits with interrupts off: no key and no timer will wake it (halt without power-off). */
function isHaltedForGood(machine: Machine): boolean {
  const interruptFlag = 0x200n;
  return machine.halted && (new Registers(machine.state).get('rflags') & interruptFlag) === 0n;
}

/** Raw keyboard input with the Ctrl-A commands. */
class Keyboard {
  readonly #machine: Machine;
  readonly #type: (bytes: Uint8Array) => void;
  /** Bytes, and breaks among them. */
  #pending: number[] = [];
  #escape = false;
  readonly #sleep = new WakeableSleep();
  left = false;
  readonly #onData = (data: Buffer): void => this.#take(data);
  readonly #onEnd = (): void => {
    this.left = true;
    this.#sleep.wake();
  };

  constructor(machine: Machine, type: (bytes: Uint8Array) => void) {
    this.#machine = machine;
    this.#type = type;
    process.stdin.setRawMode(true);
    process.stdin.on('data', this.#onData);
    process.stdin.on('end', this.#onEnd);
    for (const signal of SIGNALS) process.on(signal, this.#onEnd);
    process.stdin.resume();
  }

  #take(data: Buffer): void {
    for (const byte of data) {
      if (!this.#escape && byte === CTRL_A) this.#escape = true;
      else if (this.#escape) this.#command(byte);
      else this.#pending.push(byte);
    }
    this.#sleep.wake();
  }

  #command(byte: number): void {
    this.#escape = false;
    const key = String.fromCharCode(byte).toLowerCase();
    if (key === 'x') this.left = true;
    else if (key === 'b') this.#pending.push(BREAK);
    else if (key === 'h' || key === '?') process.stdout.write(HELP);
    else if (byte === CTRL_A) this.#pending.push(byte);
  }

  deliver(): void {
    // While a debugger replays the past, keys wait for the present.
    if (this.#pending.length === 0 || this.#machine.input.replaying) return;
    let at = 0;
    for (;;) {
      const end = this.#pending.indexOf(BREAK, at);
      const bytes = this.#pending.slice(at, end < 0 ? undefined : end);
      if (bytes.length > 0) this.#type(Uint8Array.from(bytes));
      if (end < 0) break;
      this.#machine.console.sendBreak();
      at = end + 1;
    }
    this.#pending = [];
  }

  /** Resolves after a time or with the next key. */
  waitFor(milliseconds: number): Promise<void> {
    if (this.#pending.length > 0 || this.left) return Promise.resolve();
    return this.#sleep.sleep(milliseconds);
  }

  close(): void {
    process.stdin.off('data', this.#onData);
    process.stdin.off('end', this.#onEnd);
    for (const signal of SIGNALS) process.off(signal, this.#onEnd);
    process.stdin.setRawMode(false);
    process.stdin.pause();
  }
}
