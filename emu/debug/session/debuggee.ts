import type { Cpu } from '../../cpu/index.ts';
import type { Kernel } from '../../kernel/index.ts';
import type { Machine } from '../../machine/index.ts';
import type { Disassembler } from '../disassembler.ts';
import type { Programs } from '../programs/programs.ts';

/** What is debugged: a machine, the kernel in it, and the programs that run there. */
export interface Debuggee {
  readonly machine: Machine;
  readonly cpu: Cpu;
  readonly kernel: Kernel;
  readonly programs: Programs;
  readonly disassembler: Disassembler;
}
