import type { Machine } from '../machine/index.ts';
import { WakeableSleep } from './wakeable-sleep.ts';

const NS_PER_MS = 1_000_000;
const NS_PER_S = 1e9;
/** The longest a sleeping guest is left alone before the keyboard and the clock are looked at again, in ms. */
const LONGEST_SLEEP = 100;
/**
 * So much idle guest time (ns) without console output means that the guest waits for input: its clock alone wakes it. Shorter
 * waits may be a program that sleeps.
 */
const LONGEST_IDLE = 60 * NS_PER_S;

/** Sleeps until the guest's deadline, for a while at most, and gives the guest the time that has passed on the host. */
export async function sleepWithGuest(
  machine: Machine,
  deadline: number | undefined,
  sleep: (milliseconds: number) => Promise<void>,
): Promise<void> {
  const gap = deadline === undefined ? Number.POSITIVE_INFINITY : deadline - machine.guestTime;
  const before = performance.now();
  await sleep(Math.min(LONGEST_SLEEP, Math.ceil(gap / NS_PER_MS)));
  machine.skipIdle(Math.max(NS_PER_MS, Math.round((performance.now() - before) * NS_PER_MS)));
}

/** Lets a guest's idle time pass: on a terminal with the host's clock and without an end; elsewhere it is skipped. */
export class IdleTime {
  readonly #machine: Machine;
  readonly #terminal: boolean;
  #passed = 0;
  readonly #sleep = new WakeableSleep();

  constructor(machine: Machine, terminal: boolean) {
    this.#machine = machine;
    this.#terminal = terminal;
    machine.console.onOutput(() => this.begin());
  }

  /** What has passed counts no more: another run begins, or the guest has shown that it lives. */
  begin(): void {
    this.#passed = 0;
  }

  /** Ends the present wait. */
  interrupt(): void {
    this.#sleep.wake();
  }

  /** Lets idle time pass up to a deadline, or a part of it; false when the guest has been idle for too long. */
  async pass(deadline: number): Promise<boolean> {
    const machine = this.#machine;
    if (!this.#terminal) {
      this.#passed += machine.skipIdle(deadline - machine.guestTime);
      return this.#passed < LONGEST_IDLE;
    }
    await sleepWithGuest(machine, deadline, (milliseconds) => this.#sleep.sleep(milliseconds));
    return true;
  }
}
