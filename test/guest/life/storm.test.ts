import { describe, expect } from 'vitest';
import { guestTest } from '../../../emu/vitest/index.ts';
import { forkStatistics, type Inventory, inventory } from '../support/census.ts';

const STORM = new URL('../programs/storm.c', import.meta.url);
const it = guestTest.extend({ guestSetup: { programs: [STORM] } });

/** Forks and vforks of one round of programs/storm.c. */
const FORKS = 5;
const VFORKS = 1;
const ROUNDS = 60;

describe('some hundred processes that fork, execute, exit, are killed and waited for', () => {
  it('should leave the counts, the lists, all pools and the free pages where they were', ({ guest }) => {
    const { kernel } = guest;
    const settled = (): Inventory => {
      // Orphans are init's business, which may come after the prompt.
      guest.sh('sleep 1');
      return inventory(kernel);
    };
    // The first storm fills the caches of the pools, and the shell's.
    expect(guest.sh('storm 20')).toEqual({ output: '20 rounds\n', status: 0 });
    const before = settled();
    const statistics = forkStatistics(kernel);
    guest.start(`storm ${ROUNDS}`);
    expect(guest.finish()).toBe(`${ROUNDS} rounds\n`);
    const after = forkStatistics(kernel);
    expect((after.cntvfork ?? 0) - (statistics.cntvfork ?? 0)).toBe(VFORKS * ROUNDS);
    // The shell's own fork is one more.
    expect((after.cntfork ?? 0) - (statistics.cntfork ?? 0)).toBe(FORKS * ROUNDS + 1);
    expect(settled()).toEqual(before);
  });

  it('should leave no pid in use but those of the living', ({ guest }) => {
    const { kernel } = guest;
    guest.sh('storm 10');
    guest.sh('sleep 1');
    expect([...kernel.zombies()]).toEqual([]);
    const names = [...kernel.processes()].map((process) => process.text('ps_comm'));
    expect(names.sort()).toEqual(['idle0', 'init', 'ksh', 'reaper', 'softclock', 'swapper']);
  });
});
