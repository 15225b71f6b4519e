import { KERNEL_HALF, type Kernel, KernelError, type View } from '../../kernel/index.ts';
import { processBias } from './process-bias.ts';
import { Program } from './program.ts';

/** The file of a program by the name it runs under (`ps_comm`), with its debugging information; undefined when nobody has it. */
export type ProgramFiles = (comm: string) => Uint8Array | undefined;

const KERNEL = 'kernel';
/** Bytes of code that tell whether a file is what really runs. */
export const SAMPLE = 8;

/** Whose code is where: the kernel's symbols in its half, in the other half those of the program that the process runs now. */
export class Programs {
  readonly kernel: Program;
  readonly #kernel: Kernel;
  readonly #files: ProgramFiles;
  readonly #opened = new Map<string, Program | undefined>();
  /** The last position-independent program that was looked for: many questions are asked of one moment. */
  #last:
    | {
        readonly position: number;
        readonly process: bigint;
        readonly file: Program;
        readonly bias: bigint | undefined;
      }
    | undefined;

  constructor(kernel: Kernel, files: ProgramFiles) {
    this.#kernel = kernel;
    this.#files = files;
    this.kernel = new Program(KERNEL, kernel.image);
  }

  /** A program by name: `kernel`, or a file's. Throws ElfError and DwarfError when the file is damaged. */
  byName(name: string): Program | undefined {
    if (name === KERNEL) return this.kernel;
    if (!this.#opened.has(name)) {
      const bytes = this.#files(name);
      this.#opened.set(name, bytes && Program.open(name, bytes));
    }
    return this.#opened.get(name);
  }

  /** The program that a process runs, by the addresses of its file; the running process's when none is given. */
  of(process: View | undefined = attempt(() => this.#kernel.currentProcess())): Program | undefined {
    const comm = process && attempt(() => process.text('ps_comm'));
    return comm === undefined || comm === '' ? undefined : this.byName(comm);
  }

  /** The program that a process runs, where it lies there; undefined for one that the process has not loaded (yet). */
  loaded(process: View | undefined = attempt(() => this.#kernel.currentProcess())): Program | undefined {
    const program = this.of(process);
    if (process === undefined || program === undefined || !program.isRelocatable) return program;
    const bias = this.#biasOf(process, program);
    return bias === undefined ? undefined : program.loadedAt(bias);
  }

  /** A program as a process has it, when the process runs it. */
  inProcess(program: Program, process: View | undefined): Program {
    if (!program.isRelocatable || this.of(process) !== program.file) return program;
    return this.loaded(process) ?? program;
  }

  #biasOf(process: View, file: Program): bigint | undefined {
    const { position } = this.#kernel.machine;
    const last = this.#last;
    if (last?.position === position && last.process === process.address && last.file === file)
      return last.bias;
    const bias = attempt(() => processBias(this.#kernel, process, file.image.elf));
    this.#last = { position, process: process.address, file, bias };
    return bias;
  }

  /**
   * The program whose code an address of a process belongs to. A file whose bytes differ from those in memory is not it: another program
   * of that name was put into the image.
   */
  at(
    address: bigint,
    process?: View,
    read?: (address: bigint, size: number) => Uint8Array | undefined,
  ): Program | undefined {
    if (address >= KERNEL_HALF) return this.kernel;
    const program = this.loaded(process);
    const inFile = program?.bytesAt(address, SAMPLE);
    if (inFile === undefined) return undefined;
    const inMemory = (read ?? ((at, size) => this.#kernel.memory.tryRead(at, size)))(address, SAMPLE);
    return inMemory?.every((byte, index) => byte === inFile[index]) === false ? undefined : program;
  }
}

/** What a look into the kernel gives; undefined for one that has not come so far, or is of another kind. */
export function attempt<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof KernelError) return undefined;
    throw error;
  }
}
