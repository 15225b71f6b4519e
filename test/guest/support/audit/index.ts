import type { Kernel, Machine } from '../../../../emu/index.ts';
import { Findings } from './findings.ts';
import { MemoryAudit } from './memory.ts';
import { auditProcesses } from './processes.ts';
import { auditSignals } from './signals.ts';
import { auditThreads } from './threads.ts';

/**
 * Holds the kernel's structures against each other: counts against what they count, lists against the states that they stand for, page
 * tables against maps. The running thread must be in user mode. Returns what is wrong, one sentence each.
 */
export function audit(kernel: Kernel): readonly string[] {
  const findings = new Findings();
  auditThreads(kernel, findings);
  auditProcesses(kernel, findings);
  auditSignals(kernel, findings);
  new MemoryAudit(kernel, findings).run();
  return findings.texts;
}

/** Audits a machine while it runs: at a system call now and then, before the kernel's first instruction. */
export class Auditor {
  readonly #machine: Machine;
  readonly #detach: () => void;
  #wrong: string | undefined;
  #audits = 0;
  #calls = 0;
  #next = 0;

  /** From the first call on, and then always after a `share` more of the calls than before: often at first, and never too often. */
  constructor(machine: Machine, share = 0.1) {
    this.#machine = machine;
    this.#detach = machine.core.breakpoints.add(machine.image.address('Xsyscall'), () => {
      if (this.#calls++ < this.#next) return 'continue';
      this.#next = Math.ceil(this.#calls * (1 + share));
      return this.#look() === undefined ? 'continue' : 'stop';
    });
  }

  /** How often it has looked. */
  get audits(): number {
    return this.#audits;
  }

  /** The first thing that was wrong; undefined when nothing was. */
  get wrong(): string | undefined {
    return this.#wrong;
  }

  stop(): void {
    this.#detach();
  }

  #look(): string | undefined {
    this.#audits++;
    try {
      this.#wrong = audit(this.#machine.kernel)[0];
    } catch (error) {
      this.#wrong = error instanceof Error ? error.message : String(error);
    }
    return this.#wrong;
  }
}
