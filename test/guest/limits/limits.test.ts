import { describe, expect } from 'vitest';
import { guestTest, pufferMatchers } from '../../../emu/vitest/index.ts';
import { REFUSED } from '../support/refused-scene.ts';

expect.extend(pufferMatchers);

const it = guestTest.extend({ guestSetup: { programs: [REFUSED] } });
/** "proc: table is full", from fork_check_maxthread. */
const THREADS_FULL = /^proc: table is full$/gm;
const PROCESSES_FULL = /^process: table is full$/gm;

const times = (output: string, line: RegExp): number => output.match(line)?.length ?? 0;

describe('the limits of fork', () => {
  it.for([
    ['root at maxthread', 'refused -t 8', 8],
    ['a user at maxthread - 5', 'refused -t 8 -u 1000', 3],
    ['root at maxprocess', 'refused -p 8', 8],
    ['a user at maxprocess - 5', 'refused -p 8 -u 1000', 3],
    // The count includes the one that asks, and may be equal to the limit.
    ['a user above RLIMIT_NPROC', 'refused -l 4 -u 1000', 3],
  ] as const)('should refuse %s with EAGAIN', ([, command, made], { guest }) => {
    expect(guest.sh(command).output).toContain(`made ${made}, errno 35\n`);
  });

  it('should not hold root to RLIMIT_NPROC', ({ guest }) => {
    expect(guest.sh('refused -l 1 -n 5').output).toContain('made 5, errno 0\n');
  });

  it('should hold a user’s shell to ulimit -p, however often it tries', ({ guest }) => {
    const command = "doas -u puffer ksh -c 'ulimit -p 1; (true); echo unreached'";
    expect(guest.during(() => guest.sh(command))).toReturnErrno('fork', 'EAGAIN');
    expect(guest.output).not.toMatch(/^unreached/m);
  });

  it('should refuse for RLIMIT_NPROC before it allocates', ({ guest }) => {
    guest.start('refused -l 1 -u 1000');
    guest.runTo('sys_fork', () => guest.kernel.currentIdentity()?.comm === 'refused');
    expect(guest.during(() => guest.runTo('mi_syscall_return'))).not.toReach('uvm_uarea_alloc');
  });
});

describe('the message of a full table', () => {
  it('should come at the first refusal and then at most every ten seconds', ({ guest }) => {
    const soon = guest.sh('refused -t 2 -w 1 -w 3').output;
    expect(times(soon, THREADS_FULL)).toBe(1);
    expect(soon.match(/again errno 35/g)).toHaveLength(2);
    const late = guest.sh('refused -t 2 -w 4 -w 8').output;
    expect(late.split('again errno 35\n').map((part) => times(part, THREADS_FULL))).toEqual([0, 1, 0]);
  });

  it('should be limited on its own for threads and for processes', ({ guest }) => {
    // Each command makes room again in the table that the one before has filled.
    const threads = (): number => times(guest.sh('refused -p 40 -t 2').output, THREADS_FULL);
    const processes = (): number => times(guest.sh('refused -t 40 -p 2').output, PROCESSES_FULL);
    expect([threads(), processes(), threads(), processes()]).toEqual([1, 1, 0, 0]);
  });

  it('should not come for RLIMIT_NPROC or for want of memory', ({ guest }) => {
    expect(guest.sh('refused -l 2 -u 1000').output).not.toContain('table is full');
  });
});
