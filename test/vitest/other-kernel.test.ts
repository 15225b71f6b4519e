import { expect, it } from 'vitest';
import { Machine } from '../../emu/index.ts';
import { Faults, runTo, runToReturn, traceCalls } from '../../emu/vitest/index.ts';
import { fixtureKernel, gcc } from '../kernel/support/fixture-kernel.ts';
import { describeWithOracle } from '../oracles/require.ts';

const MEMORY = 32 * 2 ** 20;

/** Another kernel in a machine, at the first call of a function, to be put back there. */
function atFactorial(): { machine: Machine; back: () => void } {
  const machine = Machine.create({ kernel: { name: 'fixture', bytes: fixtureKernel() }, memory: MEMORY });
  runTo(machine, 'factorial', { when: () => machine.register('rdi') === 4n });
  const snapshot = machine.snapshot();
  return { machine, back: () => machine.restore(snapshot) };
}

describeWithOracle(gcc, 'a kernel that is not ours', () => {
  it('should be run to its functions and back', () => {
    const { machine, back } = atFactorial();
    expect(runToReturn(machine)).toBe(24n);
    const { position } = machine;
    back();
    expect(runToReturn(machine)).toBe(24n);
    expect(machine.position).toBe(position);
  });

  it('should show its structures', () => {
    const { machine } = atFactorial();
    expect(machine.kernel.global('processes').text('[1].ps_comm')).toBe('worker1');
  });

  it('should show its calls', () => {
    const { machine, back } = atFactorial();
    const before = machine.position - 1;
    const tree = traceCalls(machine, () => runToReturn(machine), { functions: ['factorial'] });
    expect(tree.of('factorial').map(({ arguments: { n } }) => n)).toEqual([4n, 3n, 2n, 1n]);
    back();
    expect(machine.position).toBe(before + 1);
  });

  it('should suffer faults', () => {
    const { machine } = atFactorial();
    const fault = new Faults(machine).failCall('factorial', { call: 2, returns: 100n });
    // 4 * (3 * 100): the call for 3 is the first, the one for 2 fails.
    expect(runToReturn(machine)).toBe(1200n);
    expect(fault.position).toBeDefined();
  });
});
