import { beforeAll, describe, expect, it } from 'vitest';
import { Machine } from '../../emu/machine/index.ts';
import { commandProbe, describeWithOracle, oracle } from '../oracles/require.ts';
import { buildProbe, runUnderQemu } from './support/probe.ts';

const COMMAND_LINE = 'seed=1 time=1700000000';
const INITRD = Uint8Array.from({ length: 5000 }, (_, index) => 0x41 + (index % 26));
const BUDGET = 50_000_000;

const gcc = oracle('gcc', commandProbe('gcc', ['--version'], 'gcc'));
const qemu = oracle('QEMU', commandProbe('qemu-system-x86_64', ['--version'], 'qemu-system-x86'));

/** The programs of test/machine/probe. */
const PROGRAMS = [
  ['the devices that every kernel uses', 'probe'],
  ['the local APIC and the I/O APIC', 'apic'],
  ['the real-time clock', 'rtc'],
  ['power management and the keyboard', 'legacy'],
] as const;

describeWithOracle(gcc, 'a program that looks at', () => {
  describe.each(PROGRAMS)('%s', (_, name) => looksAt(name));
});

function looksAt(name: string): void {
  let kernel: Uint8Array;

  beforeAll(() => {
    kernel = buildProbe(name);
  });

  function boot(): { machine: Machine; output: () => string } {
    const machine = Machine.create({ memory: 64 << 20 });
    machine.loadKernel(kernel, {
      name: 'probe',
      commandLine: COMMAND_LINE,
      initrd: { name: 'initrd', bytes: INITRD },
    });
    let output = '';
    machine.console.onOutput((bytes) => {
      output += String.fromCharCode(...bytes);
    });
    return { machine, output: () => output };
  }

  it('should come to its end and switch the machine off', () => {
    const { machine, output } = boot();
    expect(machine.run({ budget: BUDGET }).reason).toBe('powerOff');
    expect(output()).toMatch(/\nend\n$/);
  });

  describe('runs the same', () => {
    /** State hashes at ten positions, the last before the machine switches itself off. */
    function hashes(machine: Machine, slice: number, end: number): string[] {
      return Array.from({ length: 10 }, (_, index) => {
        const position = Math.floor((end * (index + 1)) / 11);
        while (machine.position < position) machine.run({ untilPosition: position, budget: slice });
        return machine.stateHash();
      });
    }

    let whole: string[];
    let end: number;

    beforeAll(() => {
      end = boot().machine.run({ budget: BUDGET }).position;
      whole = hashes(boot().machine, 1_000_000, end);
    });

    it('again', () => {
      expect(new Set(whole).size).toBe(10);
      expect(hashes(boot().machine, 1_000_000, end)).toEqual(whole);
    });

    it.each([7, 1000])('in slices of %i steps', (slice) => {
      expect(hashes(boot().machine, slice, end)).toEqual(whole);
    });

    it('step by step around the interrupts', () => {
      const { machine } = boot();
      const from = Math.floor(end / 11);
      machine.run({ untilPosition: from });
      for (let step = 0; step < 20_000; step++) machine.step();
      const plain = boot().machine;
      plain.run({ untilPosition: from + 20_000 });
      expect(machine.stateHash()).toBe(plain.stateHash());
    });

    it('after going back to a snapshot, and after a triple fault', () => {
      const { machine } = boot();
      machine.run({ untilPosition: Math.floor(end / 3) });
      const snapshot = machine.snapshot();
      machine.run({ budget: BUDGET });
      machine.restore(snapshot);
      const rest = (candidate: Machine) => {
        candidate.run({ untilPosition: Math.floor((2 * end) / 3) });
        return candidate.stateHash();
      };
      const plain = boot().machine;
      plain.run({ untilPosition: Math.floor(end / 3) });
      const expected = rest(plain);
      expect(rest(machine)).toBe(expected);
      // The kernel and its IDT overwritten: FF FF is no instruction, at any alignment.
      machine.writeMemory(0x20_0000, new Uint8Array(0x1_0000).fill(0xff));
      machine.restore(snapshot);
      machine.input.dropRest();
      expect(rest(machine)).toBe(expected);
    });
  });

  describeWithOracle(qemu, 'under QEMU', () => {
    it('should print the same', () => {
      const { machine, output } = boot();
      machine.run({ budget: BUDGET });
      expect(output()).toBe(runUnderQemu(kernel, INITRD, COMMAND_LINE));
    });
  });
}
