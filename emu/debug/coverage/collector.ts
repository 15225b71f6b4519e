import { COUNT_WORDS, type ExecutionListener } from '../../cpu/interpreter/execution-counts.ts';
import { FAULTED } from '../../cpu/interpreter/record.ts';
import { KERNEL_HALF, type Kernel } from '../../kernel/index.ts';
import { keyOfAddress } from '../../symbols/index.ts';
import { type ProgramFiles, Programs } from '../programs/programs.ts';
import { CoverageError } from './errors.ts';
import { CoverageData } from './execution-data.ts';
import { loadBias, physicalBias } from './load-bias.ts';

const USER_PRIVILEGE = 3;
const SUPERVISOR = 'kernel';

/** Whose code a page is: what must be taken from an address to have that of the program's file. */
interface Owner {
  readonly name: string;
  readonly buildId: string | undefined;
  readonly bias: number;
}

/**
 * Collects which instructions of the kernel and of each user program a machine executes, from now on and across restores. The run is the
 * same, step by step. Code that nobody has a file for is left out.
 */
export class CoverageCollector implements ExecutionListener {
  readonly #kernel: Kernel;
  readonly #programs: Programs;
  readonly #owners: (Owner | undefined)[] = [];
  readonly #numbers = new Map<string, number>();
  #data = new CoverageData();

  /** `files`: the program of a name, with its debugging information. Throws CoverageError 'not-counting'. */
  constructor(kernel: Kernel, files: ProgramFiles) {
    this.#kernel = kernel;
    this.#programs = new Programs(kernel, files);
    const { processor } = kernel.machine;
    if (processor.countExecutions === undefined) {
      throw new CoverageError('not-counting', 'this processor does not count what it executes');
    }
    processor.countExecutions(this);
  }

  /** What has run since the last call. Between two runs only. */
  take(): CoverageData {
    this.#kernel.machine.processor.readExecutionCounts?.();
    const data = this.#data;
    this.#data = new CoverageData();
    return data;
  }

  /** Takes what has run, and counts no longer. */
  stop(): CoverageData {
    const data = this.take();
    this.#kernel.machine.processor.stopCounting?.(this);
    return data;
  }

  /** Of the processor: a page is about to be decoded. */
  ownerOf(linearPage: bigint, privilege: number): number {
    const owner = privilege === USER_PRIVILEGE ? this.#user(linearPage) : this.#supervisor(linearPage);
    const key = owner === undefined ? '' : `${owner.name}\0${owner.bias}`;
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#owners.push(owner) - 1;
      this.#numbers.set(key, number);
    }
    return number;
  }

  /** Of the processor: what has been executed in a page. */
  counted(number: number, linearPage: bigint, words: Uint32Array): void {
    const owner = this.#owners[number];
    if (owner === undefined) return;
    const program = this.#data.program(owner.name, owner.buildId);
    const { executed, taken, faulted } = program.page(keyOfAddress(linearPage) - owner.bias);
    for (let at = 0; at < words.length; at += COUNT_WORDS) {
      const offset = words[at] as number;
      const count = words[at + 1] as number;
      (executed[offset] as number) += count & ~FAULTED;
      (taken[offset] as number) += words[at + 2] as number;
      if ((count & FAULTED) !== 0) faulted[offset] = 1;
    }
  }

  #supervisor(linearPage: bigint): Owner | undefined {
    const { elf } = this.#kernel.image;
    // Before it has turned paging on, a kernel runs at its physical addresses.
    const bias = linearPage >= KERNEL_HALF ? 0 : physicalBias(elf, linearPage);
    return bias === undefined ? undefined : { name: SUPERVISOR, buildId: elf.buildId, bias };
  }

  #user(linearPage: bigint): Owner | undefined {
    const program = this.#programs.of();
    if (program === undefined) return undefined;
    const { elf } = program.image;
    const bias = loadBias(elf, linearPage, (address, size) => this.#kernel.memory.tryRead(address, size));
    return bias === undefined ? undefined : { name: program.name, buildId: elf.buildId, bias };
  }
}
