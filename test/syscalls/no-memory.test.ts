import { describe, expect } from 'vitest';
import {
  type BootedGuest,
  type Call,
  call,
  census,
  differences,
  forking,
  guestTest as it,
} from '../../emu/vitest/index.ts';
import { CALL_TOUCH } from '../../emu/vitest/scratch/layout.ts';
import { exited, killed, MAP_ANON, MAP_FIXED, MAP_PRIVATE, O_RDONLY, SIGKILL } from './support/constants.ts';

/** What is counted before and after a call that had to do without. */
const COUNTED = [
  'nprocesses',
  'nthreads',
  'ui_proccnt',
  'pages',
  'wired',
  'pools',
  'fds',
  'processes',
] as const;

/** A call in a child that is waited for: whatever it comes to, the kernel must be as it was. */
const inChild = (...calls: readonly Call[]): Call[] => {
  const fork = forking('fork', calls);
  return [fork, call('wait4', fork, null, 0, null)];
};

/** Calls that allocate on their way, each with what it leaves behind taken away again. */
const ACTIONS: Readonly<Record<string, (guest: BootedGuest) => Call[]>> = {
  fork: () => inChild(),
  vfork: () => {
    const vfork = forking('vfork', []);
    return [vfork, call('wait4', vfork, null, 0, null)];
  },
  execve: ({ user }) =>
    inChild(call('execve', '/bin/echo', user.pointers(['echo', 'a']), user.pointers(['B=c']))),
  pipe: ({ user }) => inChild(call('pipe', user.buffer(8))),
  kqueue: ({ user }) =>
    inChild(
      call('kqueue'),
      call('kevent', 3, user.struct('kevent', { ident: 0, filter: -1, flags: 1 }), 1, null, 0, null),
    ),
  open: ({ user }) =>
    inChild(
      call('open', '/etc/passwd', O_RDONLY, 0),
      call('read', 3, user.buffer(8), 8),
      call('access', '/tmp', 0),
    ),
  'a page fault': () =>
    inChild(
      call('mmap', 0x5000_0000, 0x1_0000, 3, MAP_ANON | MAP_PRIVATE | 0x10, -1, 0, 0),
      call('__getcwd', 0x5000_0000, 8),
    ),
  setsid: () => inChild(call('setsid'), call('setpgid', 0, 0)),
  sigaction: ({ user }) =>
    inChild(call('sigaction', 30, user.struct('sigaction', { '__sigaction_u.__sa_handler': 1 }), null)),
  setgroups: ({ user }) =>
    inChild(
      call('setgroups', 2, user.ints(1, 2)),
      call('setrlimit', 8, user.struct('rlimit', { rlim_cur: 5, rlim_max: 5 })),
    ),
};

const FAILING = [
  'malloc',
  'pool_get',
  'amap_alloc',
  'uvm_analloc',
  'uvm_pagealloc',
  'uvm_uarea_alloc',
  'copyin',
  'copyout',
  'copyinstr',
];
/** More calls than any of these actions makes. */
const MOST_CALLS = 200;

describe('a kernel that gets no memory', () => {
  it.for(Object.keys(ACTIONS).flatMap((action) => FAILING.map((name) => [action, name] as const)))(
    'should come through %s when a call of %s fails, whichever it is',
    ([action, name], { guest }) => {
      const { scratch } = guest;
      const program = ACTIONS[action]?.(guest) ?? [];
      // What is kept for the next time is there before it is counted.
      scratch.program(program);
      scratch.settle();
      const before = census(guest.kernel, COUNTED);
      const checkpoint = guest.checkpoint();
      for (let number = 1; number <= MOST_CALLS; number++) {
        const fault = guest.faults.failCall(name, { call: number });
        const { end } = scratch.program(program);
        const happened = fault.position !== undefined;
        guest.faults.cancel();
        // A process may be killed for want of memory; the one that is looked from may be it.
        if (end === 'parked') {
          scratch.settle();
          expect(differences(before, census(guest.kernel, COUNTED)), `call ${number} of ${name}`).toEqual([]);
        }
        guest.goBack(checkpoint);
        if (!happened) return;
      }
      expect.unreachable(`${action} calls ${name} more than ${MOST_CALLS} times`);
    },
  );

  it('should kill a process that touches memory for which there is no page, and nobody else', ({ guest }) => {
    const { scratch } = guest;
    const status = guest.user.buffer(4);
    const page = 0x5000_0000;
    const touches = [
      call('mmap', page, 0x1000, 3, MAP_ANON | MAP_PRIVATE | MAP_FIXED, -1, 0, 0),
      call(Number(CALL_TOUCH), page),
      call('exit', 1),
    ];
    const fork = forking('fork', touches);
    const program = [fork, call('wait4', fork, status, 0, null)];
    const checkpoint = guest.checkpoint();
    const seen = new Set<number>();
    for (let number = 1, happens = true; happens; number++) {
      const fault = guest.faults.failCall('uvm_pagealloc', { call: number });
      expect(scratch.program(program).end).toBe('parked');
      happens = fault.position !== undefined;
      guest.faults.cancel();
      seen.add(status.int());
      if (status.int() === killed(SIGKILL))
        expect(guest.output).toMatch(/UVM: pid \d+ \(scratch\), uid 0 killed: out of swap/);
      guest.goBack(checkpoint);
    }
    expect([...seen].toSorted((a, b) => a - b)).toEqual([killed(SIGKILL), exited(1)]);
  });
});
