import { expect, it } from 'vitest';
import { KernelError, listElements } from '../../emu/kernel/index.ts';
import { describeWithOracle } from '../oracles/require.ts';
import { fixtureMachine, gcc } from './support/fixture-kernel.ts';

/** The fixture after it has made its threads, in the middle of their work. */
function working() {
  const fixture = fixtureMachine();
  fixture.machine.run({ budget: 6000 });
  return fixture;
}

const code = (action: () => unknown): string => {
  try {
    action();
  } catch (error) {
    if (error instanceof KernelError) return error.code;
    throw error;
  }
  return 'nothing thrown';
};

describeWithOracle(gcc, 'views of kernel structures', () => {
  it('read members, follow pointers and index arrays as C does', () => {
    const { kernel } = working();
    const thread = kernel
      .struct('proc')
      .at(kernel.image.address('threads') + BigInt(kernel.image.struct('proc').size));
    expect(thread.get('p_tid')).toBe(7001);
    expect(thread.get('p_p.ps_pid')).toBe(101);
    expect(thread.get('p_p.ps_comm')).toBe('worker1');
    expect(thread.get('p_p.ps_comm[6]')).toBe('1'.charCodeAt(0));
    expect(thread.text('p_wmesg')).toBe('nothing');
    expect(thread.get('p_p.ps_pptr.ps_pid')).toBe(100);
    expect(kernel.global('threads').get('[2].p_p.ps_pid')).toBe(102);
  });

  it('read bit-fields with their sign', () => {
    const { kernel } = working();
    const process = kernel.global('processes').member('[0]');
    expect([process.get('ps_low'), process.get('ps_signed'), process.get('ps_wide')]).toEqual([
      5, -7, 0x1abcd,
    ]);
  });

  it('read anew each time', () => {
    const { kernel, machine } = working();
    const turns = kernel.global('turns');
    const before = turns.number();
    machine.run({ budget: 3000 });
    expect(turns.number()).toBeGreaterThan(before);
  });

  it('say what a kernel does not have', () => {
    const { kernel } = working();
    const thread = kernel.global('threads').member('[0]');
    expect(code(() => thread.get('p_nothing'))).toBe('no-member');
    expect(code(() => thread.get('p_p.ps_pptr.ps_pid'))).toBe('null-pointer');
    expect(code(() => thread.get('p_tid.x'))).toBe('no-member');
    expect(code(() => thread.integer('p_p.ps_comm'))).toBe('wrong-kind');
    expect(code(() => kernel.struct('vmspace'))).toBe('no-type');
    expect(code(() => kernel.global('nthreads'))).toBe('no-type');
    expect(code(() => kernel.image.address('sys_fork'))).toBe('no-symbol');
    expect(code(() => kernel.struct('proc').at(0x7000_0000_0000n).get('p_tid'))).toBe('unmapped');
  });

  it('walk LIST and TAILQ lists', () => {
    const { kernel } = working();
    expect([...kernel.processes()].map((process) => process.get('ps_pid'))).toEqual([102, 101, 100]);
    expect([...kernel.threads()].map((thread) => thread.get('p_tid'))).toEqual([7002, 7001, 7000]);
    const [newest] = kernel.processes();
    expect([...kernel.threadsOf(newest!)].map((thread) => thread.get('p_tid'))).toEqual([7002]);
    expect([...kernel.zombies()]).toEqual([]);
  });

  it('refuse a list that runs in a circle', () => {
    const { kernel, machine } = working();
    const last = kernel.global('processes').member('[0]').member('ps_list.le_next');
    const first = new DataView(new ArrayBuffer(8));
    first.setBigUint64(0, kernel.global('allprocess').pointer('lh_first'), true);
    const physical = Number(last.address - 0xffff_ffff_8000_0000n);
    machine.writeMemory(physical, new Uint8Array(first.buffer));
    expect(code(() => [...kernel.processes()])).toBe('bad-list');
    expect(code(() => [...listElements(kernel.global('turns'), kernel.struct('process'), 'ps_list')])).toBe(
      'wrong-kind',
    );
  });

  it('know who runs, and that nobody does before the kernel says so', () => {
    const { kernel, machine } = fixtureMachine();
    expect(kernel.currentThread()).toBeUndefined();
    expect(kernel.currentIdentity()).toBeUndefined();
    machine.run({ budget: 6000 });
    const thread = kernel.currentIdentity();
    expect(thread?.pid).toBe((thread?.tid ?? 0) - 7000 + 100);
    expect(thread?.comm).toBe(`worker${(thread?.pid ?? 0) - 100}`);
  });

  it('take the names of system calls from the kernel, and the rest from the table', () => {
    const { kernel } = working();
    expect([1, 2, 11, 5000].map((number) => kernel.systemCallName(number))).toEqual([
      'exit',
      'spawn',
      'wait4',
      undefined,
    ]);
  });
});
