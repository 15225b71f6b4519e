import { beforeAll, describe, expect, it } from 'vitest';
import { COUNT_WORDS, type ExecutionListener } from '../../emu/cpu/interpreter/execution-counts.ts';
import { FAULTED } from '../../emu/cpu/interpreter/record.ts';
import type { Snapshot } from '../../emu/machine/index.ts';
import { Machine } from '../../emu/puffer-machine.ts';
import { guestImage } from '../../emu/vitest/guest-image.ts';
import { gcc } from '../guest-qemu/support/guest.ts';
import { describeWithOracle } from '../oracles/require.ts';
import { codeOwner, ExecutionTable, stepTo } from './support/stepped-executions.ts';

const PROMPT = '# ';
const COMMAND_LINE = 'seed=1 time=1700000000';
/** Forks, faults, interrupts in idle and busy code, pipes, two programs that use the same frames one after the other. */
const COMMAND = 'ls / | wc -l; echo done\n';

/** Sums what the processor tells. */
class Counter implements ExecutionListener {
  readonly table = new ExecutionTable();
  readonly #machine: Machine;
  readonly #owners: string[] = [];

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  ownerOf(linearPage: bigint): number {
    return this.#owners.push(codeOwner(this.#machine, linearPage)) - 1;
  }

  counted(owner: number, linearPage: bigint, words: Uint32Array): void {
    for (let at = 0; at < words.length; at += COUNT_WORDS) {
      const [offset = 0, executed = 0, taken = 0] = words.subarray(at, at + COUNT_WORDS);
      const one = this.table.at(this.#owners[owner] as string, linearPage + BigInt(offset));
      one.executed += executed & ~FAULTED;
      one.taken += taken;
      one.faulted ||= (executed & FAULTED) !== 0;
    }
  }
}

const sorted = ({ found }: ExecutionTable): [string, unknown][] =>
  [...found].filter(([, one]) => one.executed > 0 || one.faulted).sort(([a], [b]) => (a < b ? -1 : 1));

describeWithOracle(gcc, 'counted executions of the guest', () => {
  let machine: Machine;
  let prompt: Snapshot;
  let end: number;
  let hash: string;

  const rewind = (): void => {
    machine.restore(prompt);
    machine.console.write(COMMAND);
  };
  /** Runs the command in slices, counting, and calls `between` after each. */
  const count = (slice: number, between: (counter: Counter) => void = () => {}): ExecutionTable => {
    rewind();
    const counter = new Counter(machine);
    machine.cpu.countExecutions(counter);
    while (machine.position < end) {
      machine.core.run({ untilPosition: Math.min(end, machine.position + slice) });
      between(counter);
    }
    machine.cpu.countExecutions(undefined);
    expect(machine.stateHash()).toBe(hash);
    return counter.table;
  };

  beforeAll(async () => {
    machine = Machine.create({ ...(await guestImage()), commandLine: COMMAND_LINE });
    machine.run({ text: PROMPT });
    prompt = machine.snapshot();
    rewind();
    machine.run({ text: PROMPT });
    end = machine.position;
    hash = machine.stateHash();
  });

  describe('against steps, one by one', () => {
    let stepped: [string, unknown][];

    beforeAll(() => {
      rewind();
      const table = stepTo(machine, end);
      expect(machine.stateHash()).toBe(hash);
      stepped = sorted(table);
    });

    it('should tell how often each instruction ran and branched, and which faulted', () => {
      expect(sorted(count(Number.MAX_SAFE_INTEGER))).toEqual(stepped);
      const owners = new Set(stepped.map(([key]) => key.split(' ')[0]));
      expect([...owners].sort()).toEqual(['echo', 'kernel', 'ksh', 'ls', 'wc']);
    });

    it('should tell the same in slices of 97 steps', () => {
      expect(sorted(count(97))).toEqual(stepped);
    });

    it('should tell the same when it is asked now and then', () => {
      expect(sorted(count(10_007, () => machine.cpu.readExecutionCounts()))).toEqual(stepped);
    });

    it('should tell the same when everything that was decoded is dropped now and then', () => {
      expect(sorted(count(20_011, () => machine.cpu.flush()))).toEqual(stepped);
    });

    it('should tell the same with breakpoints that come and go', () => {
      const table = count(50_021, () => {
        const detach = machine.core.breakpoints.add(machine.image.address('mi_syscall'), () => {
          detach();
          return 'continue';
        });
      });
      expect(sorted(table)).toEqual(stepped);
    });
  });

  it('should be those of one test only after a restore', () => {
    const counter = new Counter(machine);
    rewind();
    machine.cpu.countExecutions(counter);
    const runs = [0, 1].map(() => {
      rewind();
      machine.core.run({ untilPosition: end });
      machine.cpu.readExecutionCounts();
      const run = sorted(counter.table);
      counter.table.found.clear();
      return run;
    });
    machine.cpu.countExecutions(undefined);
    expect(runs[0]).toEqual(runs[1]);
    expect(runs[0]?.length).toBeGreaterThan(5000);
  });

  it('should be told to each of several listeners that come and go', () => {
    const [first, second] = [new Counter(machine), new Counter(machine)];
    const middle = Math.floor((prompt.position + end) / 2);
    rewind();
    machine.cpu.countExecutions(first);
    machine.core.run({ untilPosition: middle });
    machine.cpu.countExecutions(second);
    machine.core.run({ untilPosition: end });
    machine.cpu.stopCounting(first);
    machine.cpu.stopCounting(second);
    const whole = sorted(count(Number.MAX_SAFE_INTEGER));
    expect(sorted(first.table)).toEqual(whole);
    rewind();
    machine.core.run({ untilPosition: middle });
    const half = new Counter(machine);
    machine.cpu.countExecutions(half);
    machine.core.run({ untilPosition: end });
    machine.cpu.stopCounting(half);
    expect(sorted(second.table)).toEqual(sorted(half.table));
  });

  it('should be nobody’s when nobody counts', () => {
    const counter = new Counter(machine);
    machine.cpu.countExecutions(counter);
    machine.cpu.countExecutions(undefined);
    rewind();
    machine.core.run({ untilPosition: end });
    machine.cpu.readExecutionCounts();
    expect(counter.table.found.size).toBe(0);
  });
});

describe('the interpreter that counts nothing', () => {
  it('should be generated without a trace of counting', async () => {
    const { generateInterpreter } = await import('../../emu/cpu/interpreter/generate.ts');
    const { formTable } = await import('../../emu/cpu/interpreter/module.ts');
    const plain = generateInterpreter(formTable().forms);
    expect(generateInterpreter(formTable().forms, { counting: false })).toEqual(plain);
    expect(generateInterpreter(formTable().forms, { counting: true }).length).toBeGreaterThan(plain.length);
  });
});
