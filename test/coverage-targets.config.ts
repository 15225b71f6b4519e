import { defineConfig } from 'vitest/config';
import base from '../vitest.config.ts';

/** How much of the system-call path the tests of test/syscalls must run: percent of lines. */
const LINES = 90;
const FILES = [
  'kern/kern_fork.c',
  'kern/kern_exec.c',
  'kern/kern_exit.c',
  'kern/syscall_mi.c',
  'arch/amd64/amd64/trap.c',
  'arch/amd64/amd64/vm_machdep.c',
].map((path) => `guest/sys/${path}`);

export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['test/syscalls/**/*.test.ts'],
    coverage: {
      ...base.test?.coverage,
      enabled: true,
      reporter: ['text'],
      include: FILES,
      thresholds: Object.fromEntries(FILES.map((path) => [path, { lines: LINES }])),
    },
  },
});
