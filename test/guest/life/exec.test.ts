import { describe, expect } from 'vitest';
import { type BootedGuest, guestTest, pufferMatchers } from '../../../emu/vitest/index.ts';
import { openFiles } from '../support/census.ts';
import { NONE_PAGE, PROGRAM } from '../support/fork-scene.ts';
import { mappingOf } from '../support/page-tables.ts';
import { RESUME, registers } from '../support/registers.ts';
import { VforkScene } from '../support/vfork-scene.ts';

expect.extend(pufferMatchers);

const BAD_EXEC = new URL('../programs/badexec.c', import.meta.url);
const it = guestTest.extend({ guestSetup: { programs: [PROGRAM, BAD_EXEC] } });

const PS_EXEC = 0x2;
const PS_INEXEC = 0x4;
const AFORK = 0x1;
const SIGUSR1 = 1 << 29;
/** PSL_USERSET without I/O privilege: interrupts on and the bit that is always 1. */
const USER_FLAGS = 0x202n;

let played: VforkScene | undefined;
function play(guest: BootedGuest): VforkScene {
  played ??= new VforkScene(guest, 'exec');
  return played;
}

describe('execve(2)', () => {
  it('should keep pid, parent, group, directory, blocked and pending signals', ({ guest }) => {
    const scene = play(guest);
    const [before, after] = scene.both('child ends', 'executed', () => ({
      pid: scene.child.number('ps_pid'),
      parent: scene.child.pointer('ps_pptr'),
      group: scene.child.pointer('ps_pgrp'),
      directory: scene.child.pointer('ps_fd.fd_cdir'),
      blocked: scene.childsThread.number('p_sigmask'),
      pending: scene.child.number('ps_siglist') | scene.childsThread.number('p_siglist'),
    }));
    expect(after).toEqual(before);
    expect([after.blocked, after.pending]).toEqual([SIGUSR1, SIGUSR1]);
  });

  it('should mark the process as one that has executed a program', ({ guest }) => {
    const scene = play(guest);
    const state = (): Record<string, unknown> => ({
      executed: (scene.child.number('ps_flags') & PS_EXEC) !== 0,
      forked: (scene.child.number('ps_acflag') & AFORK) !== 0,
      name: scene.child.text('ps_comm'),
    });
    const [before, after] = scene.both('child ends', 'executed', state);
    expect(before).toEqual({ executed: false, forked: true, name: 'forkscene' });
    expect(after).toEqual({ executed: true, forked: false, name: 'echo' });
    expect(scene.child.number('ps_flags') & PS_INEXEC).toBe(0);
  });

  it('should set caught signals to their default', ({ guest }) => {
    const scene = play(guest);
    const [before, after] = scene.both('child ends', 'executed', () =>
      scene.child.number('ps_sigacts.ps_sigcatch'),
    );
    expect(before).not.toBe(0);
    expect(after).toBe(0);
  });

  it('should close the descriptors that are marked so, and no others', ({ guest }) => {
    const scene = play(guest);
    const [before, after] = scene.both('child ends', 'executed', () =>
      openFiles(scene.child).map((file, fd) =>
        file === undefined ? undefined : scene.child.number(`ps_fd.fd_ofileflags[${fd}]`),
      ),
    );
    expect(before).toContain(1);
    expect(after).toEqual(before.map((flags) => (flags === 1 ? undefined : flags)));
  });

  it('should begin with clean registers: all zero but rsp and rip', ({ guest }) => {
    const scene = play(guest);
    scene.at('new program');
    const zeros = [
      'rax',
      'rbx',
      'rcx',
      'rdx',
      'rsi',
      'rdi',
      'rbp',
      'r8',
      'r9',
      'r10',
      'r11',
      'r12',
      'r13',
      'r14',
      'r15',
    ] as const;
    expect(new Set(Object.values(registers(guest.machine, zeros)))).toEqual(new Set([0n]));
    expect(guest.machine.register('rflags') & ~RESUME).toBe(USER_FLAGS);
    expect(guest.machine.register('rsp') % 8n).toBe(0n);
  });

  it('should replace the memory', ({ guest }) => {
    const scene = play(guest);
    const root = scene.childsThread;
    const [before, after] = scene.both('SYSCALL', 'new program', () =>
      mappingOf(guest.machine, guest.machine.register('cr3'), NONE_PAGE),
    );
    expect(root.address).toBe(scene.childThread);
    expect(before).toBeDefined();
    expect(after).toBeUndefined();
  });

  it('should leave the parent’s text one user less than the fork has made it', ({ guest }) => {
    const scene = play(guest);
    const users = (): number => scene.parent.number('ps_textvp.v_usecount');
    expect(scene.growth('child ends', 'executed', users)).toBe(-1);
  });
});

describe('an execve(2) that fails', () => {
  it.for([
    ['ENOENT', '/nosuch: 2'],
    ['EACCES', '/etc/passwd: 13'],
    ['ENOTDIR', '/etc/passwd/x: 20'],
    ['EACCES', '/tmp: 13'],
    ['ENOEXEC', '/tmp/garbage: 8'],
    ['ENOEXEC', '/tmp/damaged: 8'],
    ['EFAULT', 'NULL: 14'],
  ] as const)('should return %s (%s)', ([errno, line], { guest }) => {
    expect(guest.during(() => guest.sh('badexec'))).toReturnErrno('execve', errno);
    expect(guest.output).toContain(`${line}\r\n`);
  });

  it('should leave no trace of the attempt', ({ guest }) => {
    const { machine, kernel } = guest;
    guest.start('badexec');
    guest.runTo('sys_execve', () => kernel.currentIdentity()?.comm === 'badexec');
    const look = (): Record<string, unknown> => {
      const process = kernel.currentProcess();
      if (process === undefined) throw new RangeError('no process runs');
      return {
        flags: process.number('ps_flags'),
        name: process.text('ps_comm'),
        space: process.pointer('ps_vmspace'),
        files: openFiles(process).map((file) => file?.address),
        text: process.pointer('ps_textvp'),
        rip: process.integer('ps_mainproc.p_md.md_regs.tf_rip'),
      };
    };
    const before = look();
    const error = guest.runToReturn();
    expect(Number(BigInt.asIntN(32, error))).toBeGreaterThan(0);
    expect(look()).toEqual(before);
    expect(machine.ending).toBeUndefined();
  });
});
