import { test } from 'vitest';
import type { Snapshot } from '../machine/index.ts';
import { BootedGuest, type GuestSetup } from './booted-guest.ts';
import { beginTest } from './failure/end-of-test.ts';

interface AtPrompt {
  readonly guest: BootedGuest;
  readonly snapshot: Snapshot;
}

/** What a worker has booted, by setup. */
const booted = new Map<string, Promise<AtPrompt>>();

async function bootOnce(setup: GuestSetup): Promise<AtPrompt> {
  const key = JSON.stringify(setup);
  let atPrompt = booted.get(key);
  if (atPrompt === undefined) {
    atPrompt = BootedGuest.boot(setup).then((guest) => ({ guest, snapshot: guest.machine.snapshot() }));
    booted.set(key, atPrompt);
  }
  return atPrompt;
}

/** What a test asks of its guest, and the guest. */
export interface GuestFixtures {
  /** Programs to add, memory, command line: `guestTest.extend({ guestSetup: { memory: 2 ** 23 } })`. */
  readonly guestSetup: GuestSetup;
  /** Booted to the prompt, and the same for every test. */
  readonly guest: BootedGuest;
}

/** vitest's `test` with a `guest`, which is booted once for each worker and setup, and put back for each test. */
export const guestTest = test.extend<GuestFixtures>({
  guestSetup: {},
  guest: async ({ guestSetup, onTestFinished, onTestFailed }, use) => {
    const { guest, snapshot } = await bootOnce(guestSetup);
    beginTest(guest, { onTestFinished, onTestFailed });
    guest.restore(snapshot);
    await use(guest);
  },
});
