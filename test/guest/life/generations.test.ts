import { describe, expect } from 'vitest';
import { type BootedGuest, guestTest } from '../../../emu/vitest/index.ts';
import { type Inventory, inventory } from '../support/census.ts';

const programs = ['generations.c', 'forkbomb.c'].map(
  (name) => new URL(`../programs/${name}`, import.meta.url),
);
const it = guestTest.extend({ guestSetup: { programs } });
const inMoreMemory = guestTest.extend({ guestSetup: { programs, memory: 128 * 2 ** 20 } });

/** How many: the environment's PUFFER_GENERATIONS=10000 runs the long campaign. */
const GENERATIONS = Number(process.env.PUFFER_GENERATIONS ?? 1000);
/** Steps that ten thousand processes take, several times over. */
const BUDGET = 5_000_000_000;

/** All that the kernel counts or lists, when what the shell began has ended. */
function settled(guest: BootedGuest): Inventory {
  guest.sh('sleep 1');
  return inventory(guest.kernel);
}

/** What the guest's own tools say of the user's processes. */
const bombs = (guest: BootedGuest): number => Number(guest.sh('ps -ax -o comm | grep -c forkbomb').output);

describe(`${GENERATIONS} processes that are forked, execute and exit`, () => {
  it('should leave every count, list, pool item and page as before', ({ guest }) => {
    guest.sh('generations 50');
    const before = settled(guest);
    guest.start(`generations ${GENERATIONS}`);
    const stop = guest.machine.run({ text: '# ', budget: BUDGET });
    expect(stop.reason).toBe('consoleText');
    expect(guest.output).toContain(
      `forks ${GENERATIONS}, processes +0, threads +0, free pages +0, active +0, anons +0\r\n`,
    );
    expect(settled(guest)).toEqual(before);
  });
});

/** Lets a bomb go off, to the full; gives what the console showed meanwhile. */
function explode(guest: BootedGuest, options = ''): string {
  guest.start(`doas -u puffer forkbomb ${options} & sleep 0.5`);
  return guest.finish();
}

/** By the shell itself: where nothing is left no program can be started. The second signal finds who was just being made. */
function end(guest: BootedGuest): void {
  guest.start('kill -KILL -$!; kill -KILL -$!; wait');
  guest.finish();
}

describe('a fork bomb of a user', () => {
  it('should be held by the user’s limit, while root works and ends it', ({ guest }) => {
    // Meets the user, whose count the kernel keeps from then on, and makes the page tables of the kernel's map.
    explode(guest);
    end(guest);
    const before = settled(guest);
    explode(guest);
    // The one that doas became, and all that the limit of 80 allows beside it.
    expect(bombs(guest)).toBe(80);
    expect(guest.sh('generations 5').output).toContain('forks 5,');
    end(guest);
    expect(settled(guest)).toEqual(before);
  });

  inMoreMemory('should leave root the last five slots of a full process table', ({ guest }) => {
    expect(explode(guest, '-l')).toContain('process: table is full\n');
    end(guest);
    const before = settled(guest);
    explode(guest, '-l');
    // What the shell had begun is gone, and its slot may be free for a moment.
    const room = guest.kernel.global('maxprocess').number() - guest.kernel.global('nprocesses').number();
    expect(room).toBeLessThan(10);
    expect(guest.sh('doas -u puffer generations 1').output).toContain(
      'fork: Resource temporarily unavailable',
    );
    expect(guest.sh('generations 5').output).toContain('forks 5,');
    end(guest);
    expect(settled(guest)).toEqual(before);
  });

  it('should leave root its shell when memory is all taken', ({ guest }) => {
    explode(guest, '-l');
    end(guest);
    const before = settled(guest);
    guest.clearOutput();
    explode(guest, '-l');
    expect(guest.output).toContain('killed: out of swap');
    expect(guest.output).not.toContain('(ksh)');
    end(guest);
    expect(settled(guest)).toEqual(before);
  });
});
