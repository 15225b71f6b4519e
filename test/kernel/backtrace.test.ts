import { expect, it } from 'vitest';
import {
  backtrace,
  dumpRegisters,
  type EventOf,
  formatBacktrace,
  KernelTracer,
  panicMessage,
} from '../../emu/kernel/index.ts';
import { describeWithOracle } from '../oracles/require.ts';
import { fixtureMachine, gcc } from './support/fixture-kernel.ts';

describeWithOracle(gcc, 'what is shown when a kernel dies', () => {
  it('is the trace of panic(), with its message, as an event', () => {
    const { machine, kernel } = fixtureMachine();
    const tracer = new KernelTracer(kernel);
    const panics: EventOf<'kernel:panic'>[] = [];
    tracer.on('kernel:panic', (event) => panics.push(event));
    expect(panicMessage(kernel)).toBeUndefined();
    expect(machine.run().reason).toBe('panic');
    expect(panics).toHaveLength(1);
    expect(panics[0]?.message).toBe('no turns left for worker0');
    expect(panics[0]?.thread).toEqual({ pid: 100, tid: 7000, comm: 'worker0' });
    expect(panics[0]?.trace.map((frame) => frame.function)).toEqual([
      'panic',
      'last_round',
      'worker',
      'proc_trampoline',
    ]);
    expect(panicMessage(kernel)).toBe('no turns left for worker0');
  });

  it('is a back-trace with functions and lines', () => {
    const { machine, kernel } = fixtureMachine();
    machine.run();
    const lines = formatBacktrace(backtrace(kernel)).trimEnd().split('\n');
    expect(lines.map((line) => line.replace(/\+0x[0-9a-f]+/, '').replace(/:\d+\)/, ')'))).toEqual([
      '#0 outl (test/kernel/fixture/kernel.c)',
      '#1 panic (test/kernel/fixture/kernel.c)',
      '#2 last_round (test/kernel/fixture/kernel.c)',
      '#3 worker (test/kernel/fixture/kernel.c)',
      '#4 proc_trampoline (test/kernel/fixture/start.S)',
    ]);
  });

  it('is a back-trace at any instruction of a function, its prologue included', () => {
    const { machine, kernel } = fixtureMachine();
    const tracer = new KernelTracer(kernel);
    const traces = new Set<string>();
    for (let offset = 0n; offset < 32n; offset++) {
      tracer.probes.at(kernel.image.address('yield') + offset, () => {
        traces.add(
          backtrace(kernel)
            .map((frame) => frame.function)
            .join(' '),
        );
      });
    }
    machine.run({ budget: 8000 });
    expect([...traces]).toEqual(['yield worker proc_trampoline']);
  });

  it('is every register', () => {
    const { machine, kernel } = fixtureMachine();
    machine.run({ budget: 6000 });
    const text = dumpRegisters(kernel);
    const rsp = kernel.registers.get('rsp').toString(16).padStart(16, '0');
    expect(text).toContain(`rsp ${rsp}`);
    expect(text).toMatch(
      /rip ffffffff81[0-9a-f]{6} {2}\w+(\+0x[0-9a-f]+)? \(test\/kernel\/fixture\/\w+\.[cS]:\d+\)/,
    );
    for (const name of ['rax', 'r15', 'rflags', 'cs', 'cr3', 'gs_base']) expect(text).toContain(name);
  });
});
