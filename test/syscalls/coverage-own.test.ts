import { expect } from 'vitest';
import { CoverageCollector, CoverageReporter } from '../../emu/debug/coverage/index.ts';
import { forking, guestTest } from '../../emu/vitest/index.ts';

// As emu/vitest/README.md shows it.
guestTest('a fork that fails runs its way back', ({ guest }) => {
  const { scratch } = guest;
  guest.faults.failCall('uvm_uarea_alloc');
  const collector = new CoverageCollector(guest.kernel, () => undefined); // no user programs
  expect(scratch.syscall(forking('fork', [])).errno).toBe('ENOMEM');
  const report = new CoverageReporter(guest.machine.image, () => undefined).report(collector.stop());
  const file = report.find(({ path }) => path.endsWith('kern_fork.c'));
  const count = (name: string) => file?.functions.find((one) => one.name === name)?.count;
  expect([count('fork1'), count('thread_new')]).toEqual([1, 0]);
});
