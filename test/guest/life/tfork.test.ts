import { describe, expect } from 'vitest';
import { type BootedGuest, guestTest, pufferMatchers } from '../../../emu/vitest/index.ts';
import { addressesOf, counts, forkStatistics, holdings, lists, poolItems } from '../support/census.ts';
import { answer, registers } from '../support/registers.ts';
import { TforkScene, THREADS } from '../support/tfork-scene.ts';

expect.extend(pufferMatchers);

const it = guestTest.extend({ guestSetup: { programs: [THREADS] } });

const P_THREAD = 0x400_0000;
const SS_DISABLE = 4;
const THREAD_PID_OFFSET = 100_000n;

let played: TforkScene | undefined;
function play(guest: BootedGuest): TforkScene {
  played ??= new TforkScene(guest);
  return played;
}

describe('__tfork(2)', () => {
  it('should count one thread more, but no process', ({ guest }) => {
    const [before, after] = play(guest).both('SYSCALL', 'parent in user mode', counts);
    expect(after).toEqual({ ...before, nthreads: before.nthreads + 1 });
  });

  it('should count one __tfork and one fork that shares memory', ({ guest }) => {
    const [before, after] = play(guest).both('SYSCALL', 'parent in user mode', forkStatistics);
    expect(after).toEqual({
      ...before,
      cnttfork: (before.cnttfork ?? 0) + 1,
      forks: (before.forks ?? 0) + 1,
      forks_sharevm: (before.forks_sharevm ?? 0) + 1,
    });
  });

  it('should make a thread of the same process, with one reference on the credentials', ({ guest }) => {
    const scene = play(guest);
    const [before, after] = scene.both('SYSCALL', 'parent in user mode', () => holdings(scene.processView));
    expect(after).toEqual({
      ...before,
      threads: 2,
      credentials: (before.credentials as number) + 1,
    });
    expect(scene.childsThread.pointer('p_p')).toBe(scene.process);
    expect(scene.childsThread.number('p_flag') & P_THREAD).toBe(P_THREAD);
    expect(addressesOf(guest.kernel.threadsOf(scene.processView))).toEqual([
      scene.parentThread,
      scene.childThread,
    ]);
  });

  it('should share memory and files', ({ guest }) => {
    const scene = play(guest);
    scene.at('parent in user mode');
    expect(scene.childsThread.pointer('p_vmspace')).toBe(scene.processView.pointer('ps_vmspace'));
    expect(scene.childsThread.pointer('p_fd')).toBe(scene.processView.pointer('ps_fd'));
  });

  it('should give the parent the thread id, also in memory', ({ guest }) => {
    const scene = play(guest);
    scene.at('parent in user mode');
    const tid = scene.childsThread.integer('p_tid') + THREAD_PID_OFFSET;
    expect(answer(guest.machine)).toEqual({ rax: tid, rdx: 0n, carry: false });
    const stored = guest.machine.readMemory(scene.given.threadId, 4);
    expect(new DataView(stored.buffer, stored.byteOffset).getInt32(0, true)).toBe(Number(tid));
  });

  it('should begin the thread with rax 0 on its stack, with its control block', ({ guest }) => {
    const scene = play(guest);
    scene.at('thread in user mode');
    expect(answer(guest.machine)).toEqual({ rax: 0n, rdx: 1n, carry: false });
    expect(registers(guest.machine, ['rsp', 'fs_base'])).toEqual({
      rsp: scene.given.stack,
      fs_base: scene.given.controlBlock,
    });
  });

  it('should begin the thread without an alternate signal stack', ({ guest }) => {
    const scene = play(guest);
    scene.at('parent in user mode');
    expect(scene.childsThread.number('p_sigstk.ss_flags')).toBe(SS_DISABLE);
    expect(guest.kernel.currentThread()?.number('p_sigstk.ss_flags')).toBe(0);
  });

  it('should restore all counts, lists and pool items when the thread has ended', ({ guest }) => {
    const scene = play(guest);
    const [before, after] = scene.both('SYSCALL', 'thread ended', (kernel) => ({
      counts: counts(kernel),
      lists: lists(kernel),
      holdings: holdings(scene.processView),
      threads: poolItems(kernel).procpl,
    }));
    expect(after).toEqual(before);
    expect(guest.finish()).toContain('answer is tid, the thread saw it too\n');
  });
});

describe('a __tfork(2) that fails', () => {
  it.for([
    ['a size of 0', 'size', 'EINVAL'],
    ['a size that is too large', 'big', 'EINVAL'],
    ['a bad address', 'param', 'EFAULT'],
    ['a control block that is no user address', 'tcb', 'EINVAL'],
    ['no stack', 'stack', 'EINVAL'],
  ] as const)('should refuse %s with %s: %s', ([, how, errno], { guest }) => {
    const { kernel } = guest;
    const before = counts(kernel);
    expect(guest.during(() => guest.sh(`threads ${how}`))).toReturnErrno('__tfork', errno);
    expect(counts(kernel)).toEqual(before);
  });

  it('should count nothing for a thread that is refused', ({ guest }) => {
    const { kernel } = guest;
    guest.start('threads stack');
    guest.runTo('sys___tfork');
    const before = { counts: counts(kernel), pools: poolItems(kernel) };
    guest.runToReturn();
    expect({ counts: counts(kernel), pools: poolItems(kernel) }).toEqual(before);
  });

  it('should make the thread all the same when its id cannot be stored, and send SIGSEGV', ({ guest }) => {
    const { kernel } = guest;
    const before = counts(kernel);
    expect(guest.during(() => guest.sh('threads tid').status)).toCallInOrder([
      'thread_new',
      'psignal',
      'exit1',
    ]);
    expect(guest.output).toMatch(/Segmentation fault/i);
    expect(counts(kernel)).toEqual(before);
  });
});
