import { describe, expect } from 'vitest';
import { guestTest, pufferMatchers } from '../../emu/vitest/index.ts';

expect.extend(pufferMatchers);

const it = guestTest.extend({
  guestSetup: { programs: [new URL('programs/exceptions.c', import.meta.url)] },
});

/** sys/signal.h and sys/siginfo.h */
const SIGILL = 4;
const SIGTRAP = 5;
const SIGFPE = 8;
const SIGSEGV = 11;
const ILL_PRVOPC = 5;
const TRAP_BRKPT = 1;
const TRAP_TRACE = 2;
const FPE_INTDIV = 1;
const FPE_FLTDIV = 3;
const SEGV_MAPERR = 1;
const SEGV_ACCERR = 2;
/** What the shell makes of a program that a signal has ended. */
const KILLED = 128;

describe('an exception of a program', () => {
  it.for([
    ['divide', SIGFPE, FPE_INTDIV],
    ['breakpoint', SIGTRAP, TRAP_BRKPT],
    ['step', SIGTRAP, TRAP_TRACE],
    ['privileged', SIGSEGV, SEGV_MAPERR],
    ['undefined', SIGILL, ILL_PRVOPC],
    ['unmapped', SIGSEGV, SEGV_MAPERR],
    ['read_only', SIGSEGV, SEGV_ACCERR],
    ['kernel_address', SIGSEGV, SEGV_MAPERR],
    ['stack_fault', SIGSEGV, SEGV_MAPERR],
    ['sse', SIGFPE, FPE_FLTDIV],
    ['x87', SIGFPE, FPE_FLTDIV],
  ] as const)('should become its signal, with its code: %s', ([name, signal, code], { guest }) => {
    expect(guest.sh(`exceptions ${name}`)).toEqual({ output: `signal ${signal} code ${code}\n`, status: 0 });
  });

  it('should end a program that does not catch it, and nothing else', ({ guest }) => {
    const end = (): unknown => {
      const { status } = guest.sh('exceptions divide uncaught');
      return expect(status).toBe(KILLED + SIGFPE);
    };
    expect(guest.during(end)).toLeaveUnchanged();
    expect(guest.sh('echo alive').output).toBe('alive\n');
  });
});
