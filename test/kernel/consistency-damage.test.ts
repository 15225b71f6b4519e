import { describe, expect } from 'vitest';
import type { View } from '../../emu/index.ts';
import { checkConsistency, type Inconsistency, Structures } from '../../emu/kernel/consistency/index.ts';
import { listElements } from '../../emu/kernel/index.ts';
import { type BootedGuest, call, forking, guestTest as it } from '../../emu/vitest/index.ts';

const INT_SIZE = 4;
const POINTER_SIZE = 8;
const SLOTS_OF_CHUNK = 16;
const SRUN = 2;
const PS_SINGLEEXIT = 0x1000;
const PS_PPWAIT = 0x40;
const PS_ZOMBIE = 0x4_0000;
const P_SINTR = 0x80;
const P_SUSPSINGLE = 0x8_0000;
const UVM_ET_NEEDSCOPY = 0x8;
/** Signals in a sigset_t. */
const SIGHUP = 1;
const SIGKILL = 1 << 8;
const SIGTSTP = 1 << 17;
const SIGCONT = 1 << 18;
const SIGCHLD = 1 << 19;
/** Bits of a page table's entry. */
const WRITABLE = 1n << 1n;
const USER = 1n << 2n;
const ANOTHER_FRAME = 1n << 12n;
const NO_EXECUTE = 1n << 63n;

/** Flips bits of an integer, as a kernel that miscounts or forgets would. */
function flip(guest: BootedGuest, { address }: { readonly address: bigint }, bits: number): void {
  const bytes = guest.kernel.memory.read(address, INT_SIZE);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  view.setInt32(0, view.getInt32(0, true) ^ bits, true);
  guest.machine.writeMemory(address, bytes);
}

/** Damages a kernel that is in order, with the scratch process in user mode; says what is found then. */
function found(guest: BootedGuest, damage: (guest: BootedGuest) => void, settled = true): Inconsistency[] {
  const structures = new Structures(guest.kernel);
  expect(checkConsistency(structures, { settled })).toEqual([]);
  damage(guest);
  return checkConsistency(structures, { settled });
}

/** A member of the scratch process. */
const own = (guest: BootedGuest, path: string): View => guest.scratch.process.member(path);

/** A child that sleeps. */
function sleeper(guest: BootedGuest): void {
  guest.program([forking('fork', [call('nanosleep', guest.user.struct('timespec', { tv_sec: 5 }), null)])]);
}

const ENTRY = 'ps_vmspace.vm_map.addr.tqh_first';
const AMAP = `${ENTRY}.aref.ar_amap`;
const CHUNK = `${AMAP}.am_buckets[0]`;
const PMAP = 'ps_vmspace.vm_map.pmap';

/** Bits that are wrong in a member of the process that runs. */
const OF_PROCESS: readonly (readonly [
  what: string,
  path: string,
  bits: number,
  kind: string,
  says?: RegExp,
])[] = [
  ['a thread of another process', 'ps_mainproc.p_p', 8, 'thread owner'],
  ['a thread with another address space', 'ps_mainproc.p_vmspace', 8, 'p_vmspace'],
  ['a thread with other descriptors', 'ps_mainproc.p_fd', 8, 'p_fd'],
  ['a wrong count of threads', 'ps_refcnt', 2, 'ps_refcnt'],
  ['threads that end for nobody', 'ps_flags', PS_SINGLEEXIT, 'ps_single', /without ps_single/],
  ['a thread that stops for nobody', 'ps_mainproc.p_flag', P_SUSPSINGLE, 'ps_single', /for nobody/],
  ['a zombie that lives', 'ps_flags', PS_ZOMBIE, 'zombie', /in allprocess/],
  ['a vfork that nobody waits for', 'ps_flags', PS_PPWAIT, 'vfork'],
  ['a parent before tracing, and no tracing', 'ps_oppid', 1, 'ps_oppid'],
  ['a session led by nobody', 'ps_pgrp.pg_session.s_leader', 8, 's_leader'],
  ['a session that counts a group too many', 'ps_pgrp.pg_session.s_count', 2, 'references of session'],
  ['a group that more could continue', 'ps_pgrp.pg_jobc', 2, 'pg_jobc'],
  ['a thread that runs and does not say so', 'ps_mainproc.p_stat', 1, 'running'],
  ['a thread that sleeps and says it runs', 'ps_pptr.ps_mainproc.p_stat', 1, 'p_wchan'],
  ['a thread that waits in no queue', 'ps_mainproc.p_wchan', 1, 'sleep queue'],
  ['flags of a sleep in user mode', 'ps_mainproc.p_flag', P_SINTR, 'p_flag'],
  ['the priority of a sleep in user mode', 'ps_mainproc.p_priority', 1, 'p_priority'],
  ['a map that stays locked', 'ps_vmspace.vm_map.lock.rwl_owner', 8, 'lock of the map'],
  ['SIGKILL held back', 'ps_mainproc.p_sigmask', SIGKILL, 'p_sigmask'],
  ['SIGKILL held back by a handler', 'ps_sigacts.ps_catchmask[2]', SIGKILL, 'ps_catchmask'],
  ['a signal caught by nothing', 'ps_sigacts.ps_sigcatch', SIGHUP, 'ps_sigcatch'],
  ['a signal both ignored and not', 'ps_sigacts.ps_sigignore', SIGHUP, 'ps_sigignore'],
  ['signals to stop and to go on', 'ps_siglist', SIGTSTP | SIGCONT, 'pending signals', /and SIGCONT/],
  ['an ignored signal that is pending', 'ps_siglist', SIGCHLD, 'pending signals', /that are ignored/],
  ['a wrong count of open files', 'ps_fd.fd_openfd', 8, 'fd_openfd'],
  ['a descriptor in use that is not open', 'ps_fd.fd_lomap[0]', 1 << 9, 'descriptor table', /not open/],
  ['a reference to an address space too many', 'ps_vmspace.vm_refcnt', 2, 'references of vmspace'],
  ['a map entry that is not counted', 'ps_vmspace.vm_map.nentries', 1, 'nentries'],
  ['a map of another size', 'ps_vmspace.vm_map.size', 0x1000, 'vm_map size'],
  ['a hint that is no entry', 'ps_vmspace.vm_map.hint', 8, 'vm_map hint'],
  ['a map entry that is no whole pages', `${ENTRY}.end`, 1, 'vm_map entry', /whole pages/],
  ['a map entry that permits too much', `${ENTRY}.max_protection`, 0x7, 'vm_map entry', /more than it may/],
  ['a map entry with unknown inheritance', `${ENTRY}.inheritance`, 8, 'vm_map entry', /inherits as/],
  ['a wired map entry', `${ENTRY}.wired_count`, 1, 'vm_map entry', /is wired/],
  ['a map entry beyond its amap', `${ENTRY}.aref.ar_pageoff`, 1 << 10, 'ar_pageoff'],
  ['an amap with a reference too many', `${AMAP}.am_ref`, 2, 'references of amap'],
  ['an amap with too few buckets', `${AMAP}.am_nslot`, 1 << 10, 'am_nbuckets'],
  ['an amap that miscounts its anons', `${AMAP}.am_nused`, 1 << 10, 'am_nused'],
  ['an amap that miscounts its chunks', `${AMAP}.am_ncused`, 1 << 10, 'am_ncused'],
  ['a chunk of other slots', `${CHUNK}.ac_baseslot`, 1, 'ac_baseslot'],
  ['a chunk that misses an anon', `${CHUNK}.ac_usedmap`, 1, 'ac_usedmap'],
  ['an anon with a reference too many', `${CHUNK}.ac_anon[0].an_ref`, 2, 'references of anon'],
  ['a page of another anon', `${CHUNK}.ac_anon[0].an_page.uanon`, 8, 'anon page'],
  ['a page with wrong flags', `${CHUNK}.ac_anon[0].an_page.pg_flags`, 1, 'pg_flags'],
  ['a page that is not counted', `${PMAP}.pm_stats.resident_count`, 1, 'resident_count'],
  ['a wired page', `${PMAP}.pm_stats.wired_count`, 1, 'wired_count'],
  ['a page table that miscounts', `${PMAP}.pm_ptps.tqh_first.wire_count`, 1 << 10, 'wire_count'],
  ['a page that is no table', `${PMAP}.pm_ptps.tqh_first.phys_addr`, 1 << 30, 'pm_ptps', /is no table/],
];

/** Bits that are wrong in a global variable. */
const OF_KERNEL: readonly (readonly [variable: string, path: string, kind: string, says?: RegExp])[] = [
  ['cpu_info_primary', 'ci_schedstate.spc_curpriority', 'spc_curpriority'],
  ['cpu_info_primary', 'ci_schedstate.spc_nrun', 'spc_nrun'],
  ['cpu_info_primary', 'ci_schedstate.spc_whichqs', 'spc_whichqs'],
  ['cpu_info_primary', 'ci_ilevel', 'ci_ilevel'],
  ['kernel_lock', 'mpl_depth', 'kernel_lock'],
  ['sched_lock_depth', '', 'sched_lock'],
  ['uvmexp', 'active', 'active'],
  ['uvmexp', 'anonpages', 'anonpages'],
  ['nthreads', '', 'nthreads'],
  ['process0', 'ps_siglist', 'pending signals', /a process of the kernel/],
];

const message = (kind: string, says = /./) =>
  expect.objectContaining({ kind, message: expect.stringMatching(says) });

describe('damage to a process', () => {
  it.for(OF_PROCESS)('should be found: %s', ([, path, bits, kind, says], { guest }) => {
    guest.syscall('getpid');
    const all = found(guest, () => flip(guest, own(guest, path), bits));
    expect(all).toContainEqual(message(kind, says));
  });

  it('should be found: a thread that is not in allproc', ({ guest }) => {
    guest.syscall('getpid');
    const all = found(guest, ({ kernel, machine }) => {
      expect(kernel.global('allproc').pointer('lh_first')).toBe(guest.scratch.thread.address);
      const next = kernel.global('allproc').member('lh_first.p_list.le_next');
      machine.writeMemory(kernel.global('allproc').address, kernel.memory.read(next.address, POINTER_SIZE));
    });
    expect(all).toContainEqual(message('thread owner', /not in allproc/));
  });

  it('should be found: an entry without an amap that needs no copy', ({ guest }) => {
    guest.syscall('getpid');
    const all = found(guest, ({ machine }) => {
      machine.writeMemory(own(guest, `${ENTRY}.aref.ar_amap`).address, new Uint8Array(POINTER_SIZE));
    });
    expect(all).toContainEqual(message('vm_map entry', /neither an amap nor NEEDSCOPY/));
  });

  it('should be found: an empty chunk', ({ guest }) => {
    guest.syscall('getpid');
    const all = found(guest, ({ machine }) => {
      machine.writeMemory(
        own(guest, `${CHUNK}.ac_anon`).address,
        new Uint8Array(SLOTS_OF_CHUNK * POINTER_SIZE),
      );
    });
    expect(all).toContainEqual(message('vm_amap_chunk'));
  });

  it('should be found: page tables on no list', ({ guest }) => {
    guest.syscall('getpid');
    const all = found(guest, ({ machine }) => {
      const { address } = own(guest, `${PMAP}.pm_ptps`);
      machine.writeMemory(address, new Uint8Array(new BigUint64Array([0n, address]).buffer));
    });
    expect(all).toContainEqual(message('pm_ptps', /the length of pm_ptps is 0/));
  });

  it('should be found: a file with more references than threads could hold', ({ guest }) => {
    guest.syscall('getpid');
    const all = found(guest, () => flip(guest, own(guest, 'ps_fd.fd_ofiles[0].f_count'), 1 << 10), false);
    expect(all).toContainEqual(message('references of file'));
  });
});

describe('damage to several processes', () => {
  it('should be found: a zombie that is not marked', ({ guest }) => {
    guest.program([
      forking('fork', []),
      call('nanosleep', guest.user.struct('timespec', { tv_nsec: 50_000_000 }), null),
    ]);
    const all = found(guest, ({ kernel }) => {
      const [zombie] = kernel.zombies();
      if (zombie !== undefined) flip(guest, zombie.member('ps_flags'), PS_ZOMBIE);
    });
    expect(all).toContainEqual(message('zombie', /not marked/));
  });

  it.for([
    ['in the queue of other priorities', 'p_runpri', 'run queue'],
    ['of another priority since it was queued', 'p_priority', 'p_priority'],
  ] as const)('should be found: a runnable thread %s', ([, member, kind], { guest }) => {
    sleeper(guest);
    const all = found(guest, ({ kernel }) => {
      const idle = kernel.global('cpu_info_primary').pointer('ci_schedstate.spc_idleproc');
      const runnable = [...kernel.threads()].find(
        (thread) => thread.number('p_stat') === SRUN && thread.address !== idle,
      );
      if (runnable !== undefined) flip(guest, runnable.member(member), 1 << 4);
    });
    expect(all).toContainEqual(message(kind));
  });

  it('should be found: an amap that fork shares, and that is not copied first', ({ guest }) => {
    sleeper(guest);
    const all = found(guest, ({ kernel }) => {
      const entries = listElements(
        own(guest, 'ps_vmspace.vm_map.addr'),
        kernel.struct('vm_map_entry'),
        'daddrs',
      );
      const shared = [...entries].find(
        (entry) => entry.pointer('aref.ar_amap') !== 0n && entry.number('aref.ar_amap.am_ref') > 1,
      );
      if (shared !== undefined) flip(guest, shared.member('etype'), UVM_ET_NEEDSCOPY);
    });
    expect(all).toContainEqual(message('needs copy'));
  });
});

describe('damage to what is the kernel’s own', () => {
  it.for(OF_KERNEL)('should be found: %s %s', ([variable, path, kind, says], { guest }) => {
    guest.syscall('getpid');
    const all = found(guest, ({ kernel }) => {
      const view = kernel.global(variable);
      flip(guest, path === '' ? view : view.member(path), 1 << 6);
    });
    expect(all).toContainEqual(message(kind, says));
  });
});

describe('damage to page tables', () => {
  /** A page that the process has read-only while a child has it, too. */
  const PAGE = 0x2100_1000n;

  it.for([
    ['that can be written before it is copied', WRITABLE, /writable, and is to be copied first/],
    ['that only the kernel may touch', USER, /for the kernel alone/],
    ['that can be executed', NO_EXECUTE, /executable, and must not be/],
    ['that leads elsewhere', ANOTHER_FRAME, /to another page/],
  ] as const)('should be found: a page %s', ([, bits, says], { guest }) => {
    sleeper(guest);
    const all = found(guest, ({ machine }) => {
      const { inspector } = machine.cpu.system;
      const read = inspector.translate(PAGE, { kind: 'read', user: true });
      const leaf = read.kind === 'mapped' ? read.entries.at(-1) : undefined;
      if (leaf === undefined) throw new RangeError('the page is not mapped');
      const entry = BigUint64Array.of(leaf.value ^ bits);
      machine.core.writeMemory(leaf.address, new Uint8Array(entry.buffer));
    });
    expect(all).toContainEqual(message('page table', says));
  });
});
