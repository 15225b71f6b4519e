import { describe, expect } from 'vitest';
import { addressesOf, childAddresses, hashed } from '../support/census.ts';
import { forkTest as it } from '../support/fork-scene.ts';

const PID_MAX = 99_999;
const TID_MASK = 0x7_ffff;

describe('the identity of a forked process', () => {
  it('should have a pid from 2 to 99999 that is not the parent’s', ({ fork }) => {
    fork.at('parent in user mode');
    const pid = fork.child.number('ps_pid');
    expect(pid).toBeGreaterThanOrEqual(2);
    expect(pid).toBeLessThanOrEqual(PID_MAX);
    expect(pid).not.toBe(fork.parent.number('ps_pid'));
  });

  it('should have a pid that no process, zombie, group or recently freed id had before', ({ fork }) => {
    const kernel = fork.at('parent in user mode');
    const pid = fork.child.number('ps_pid');
    fork.at('SYSCALL');
    const pids = [...kernel.processes(), ...kernel.zombies()].map((process) => process.number('ps_pid'));
    const groups = [...hashed(kernel, 'pgrphashtbl', 'pgrphash', 'pgrp', 'pg_hash')];
    const freed = kernel.global('oldpids').get();
    expect(pids).not.toContain(pid);
    expect(groups.map((group) => group.number('pg_id'))).not.toContain(pid);
    expect(freed).toHaveLength(128);
    expect(freed).not.toContain(BigInt(pid));
    expect(freed).not.toContain(pid);
  });

  it('should have a thread id from 1 to 524288 that no other thread has', ({ fork }) => {
    const kernel = fork.at('parent in user mode');
    const tid = fork.childsThread.number('p_tid');
    expect(tid).toBeGreaterThanOrEqual(1);
    expect(tid).toBeLessThanOrEqual(TID_MASK + 1);
    const tids = [...kernel.threads()].map((thread) => thread.number('p_tid'));
    expect(tids.filter((other) => other === tid)).toEqual([tid]);
  });

  it('should give pid 1 to init alone', ({ fork }) => {
    const kernel = fork.at('parent in user mode');
    const first = [...kernel.processes()].filter((process) => process.number('ps_pid') === 1);
    expect(first.map((process) => process.text('ps_comm'))).toEqual(['init']);
    expect(first[0]?.address).toBe(kernel.global('initprocess').pointer());
  });

  it('should have one thread, its main one, that points back to it', ({ fork }) => {
    const kernel = fork.at('parent in user mode');
    expect(fork.child.pointer('ps_mainproc')).toBe(fork.childThread);
    expect(fork.child.number('ps_refcnt')).toBe(1);
    expect(addressesOf(kernel.threadsOf(fork.child))).toEqual([fork.childThread]);
    expect(fork.childsThread.pointer('p_p')).toBe(fork.childProcess);
  });

  it('should have the process that forked as its parent, as the first of its children', ({ fork }) => {
    const [before, after] = fork.both('SYSCALL', 'parent in user mode', () => childAddresses(fork.parent));
    expect(fork.child.pointer('ps_pptr')).toBe(fork.parentProcess);
    expect(after).toEqual([fork.childProcess, ...before]);
  });

  it('should stand directly behind its parent in the process group, whose pointer it has', ({ fork }) => {
    fork.at('parent in user mode');
    expect(fork.parent.pointer('ps_pglist.le_next')).toBe(fork.childProcess);
    expect(fork.child.pointer('ps_pgrp')).toBe(fork.parent.pointer('ps_pgrp'));
    expect(fork.child.pointer('ps_pgrp.pg_session')).toBe(fork.parent.pointer('ps_pgrp.pg_session'));
  });

  it('should be first of all processes and of all threads', ({ fork }) => {
    const [before, after] = fork.both('SYSCALL', 'parent in user mode', (kernel) => ({
      processes: addressesOf(kernel.processes()),
      threads: addressesOf(kernel.threads()),
    }));
    expect(after.processes).toEqual([fork.childProcess, ...before.processes]);
    expect(after.threads).toEqual([fork.childThread, ...before.threads]);
  });

  it('should be first in the hash chains of its pid and its thread id', ({ fork }) => {
    const kernel = fork.at('parent in user mode');
    const bucket = (table: string, mask: string, id: number): bigint =>
      kernel.global(table).pointer(`[${id & kernel.global(mask).number()}].lh_first`);
    expect(bucket('pidhashtbl', 'pidhash', fork.child.number('ps_pid'))).toBe(fork.childProcess);
    expect(bucket('tidhashtbl', 'tidhash', fork.childsThread.number('p_tid'))).toBe(fork.childThread);
  });

  it('should have the parent’s command name until it executes another', ({ fork }) => {
    fork.at('child in user mode');
    expect(fork.child.text('ps_comm')).toBe('forkscene');
  });
});
