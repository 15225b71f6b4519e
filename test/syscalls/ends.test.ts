import { describe, expect } from 'vitest';
import { panicMessage } from '../../emu/index.ts';
import { type BootedGuest, type Call, call, forking, guestTest } from '../../emu/vitest/index.ts';
import { CALL_TOUCH } from '../../emu/vitest/scratch/layout.ts';
import { SA_NOCLDWAIT, SIG_DFL, SIGCHLD, SIGCONT, SIGSTOP, SIGTERM, SIGTSTP } from './support/constants.ts';
import { ok } from './support/setting.ts';

const it = guestTest.extend({
  guestSetup: { programs: [new URL('programs/exceptions.c', import.meta.url)] },
});

/** sys/acct.h. */
const AFORK = 0x01;
const AXSIG = 0x10;
const APLEDGE = 0x20;
const ATRAP = 0x40;
const UNMAPPED = 0x1000;
const SYS_EXIT = 1n;
/** Steps: many times what it takes. */
const BUDGET = 10_000_000;

/** A child whose calls are its life; it is a zombie when this returns. */
function zombie(guest: BootedGuest, ...calls: readonly Call[]): number {
  const { value } = guest.scratch.syscall(forking('fork', calls));
  guest.scratch.settle();
  expect(guest.proc(value).flags).toContain('PS_ZOMBIE');
  return value;
}

const executing = ({ user }: BootedGuest, ...argv: readonly string[]): Call =>
  call('execve', `/bin/${argv[0]}`, user.pointers(argv), user.pointers([]));

describe('what is remembered of a process for accounting', () => {
  it.for<readonly [string, number, (guest: BootedGuest) => readonly Call[]]>([
    ['that it has forked and not executed', AFORK, () => [call('exit', 3)]],
    ['nothing of one that has executed', 0, (guest) => [executing(guest, 'echo', 'one')]],
    ['the signal it died of', AFORK | AXSIG, () => [call('kill', 0, 0), call('thrkill', 0, SIGTERM, null)]],
    ['a broken promise', AFORK | AXSIG | APLEDGE, () => [call('pledge', 'stdio', null), call('setsid')]],
    ['an access that must not be', AFORK | AXSIG | ATRAP, () => [call(Number(CALL_TOUCH), UNMAPPED)]],
    ['a trap of another kind', AXSIG, (guest) => [executing(guest, 'exceptions', 'undefined', 'uncaught')]],
    [
      'an access by a program',
      AXSIG | ATRAP,
      (guest) => [executing(guest, 'exceptions', 'unmapped', 'uncaught')],
    ],
  ])('should be %s', ([, flags, calls], { guest }) => {
    expect(guest.proc(zombie(guest, ...calls(guest))).process.number('ps_acflag')).toBe(flags);
  });
});

describe('a stop', () => {
  it.for([SIGSTOP, SIGTSTP])(
    'should leave the flags of the process as they were: by signal %i',
    (signal, { guest }) => {
      const pid = guest.scratch.syscall(
        forking('fork', [call('setpgid', 0, 0), call('sigsuspend', 0)]),
      ).value;
      guest.scratch.settle();
      const { flags } = guest.proc(pid);
      ok(guest, 'kill', pid, signal);
      guest.scratch.settle();
      expect(guest.proc(pid).state).toBe('SSTOP');
      expect(guest.proc(pid).flags).toEqual(flags);
      ok(guest, 'kill', pid, SIGCONT);
      guest.scratch.settle();
      expect(guest.proc(pid).state).toBe('SSLEEP');
      expect(guest.proc(pid).flags).toEqual(flags);
    },
  );
});

describe('a child that leaves no zombie', () => {
  it('should be init’s before it is freed', ({ guest }) => {
    const none = { '__sigaction_u.__sa_handler': SIG_DFL, sa_flags: SA_NOCLDWAIT };
    ok(guest, 'sigaction', SIGCHLD, guest.user.struct('sigaction', none), null);
    guest.scratch.begin([forking('fork', []), call('wait4', -1, null, 0, null)]);
    guest.until('process_zap');
    const process = guest.kernel.struct('process').at(guest.machine.register('rdi'));
    expect(process.at('ps_pptr').number('ps_pid')).toBe(1);
    guest.scratch.finish();
  });
});

describe('init', () => {
  it.for([
    ['exits', { rax: SYS_EXIT, rdi: 3n }, 'init died (signal 0, exit 3)'],
    ['goes where nothing is', { rcx: BigInt(UNMAPPED) }, 'init died (signal 11, exit 0)'],
  ] as const)('should take the system with it when it %s', ([, registers, message], { guest }) => {
    const { machine } = guest;
    // It is woken when its shell has ended.
    guest.start('exit 0');
    guest.runTo('Xsyscall', () => guest.kernel.currentIdentity()?.pid === 1);
    for (const [name, value] of Object.entries(registers)) {
      machine.setRegister(name as 'rax' | 'rdi' | 'rcx', value);
    }
    expect(machine.run({ budget: BUDGET }).reason).toBe('panic');
    expect(panicMessage(guest.kernel)).toBe(message);
  });
});
