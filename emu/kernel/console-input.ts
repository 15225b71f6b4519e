import { KernelError } from './errors.ts';
import type { Kernel } from './kernel.ts';

/** The wait message of a thread that sleeps in a read of a terminal (guest/sys/kern/tty.c, ttyin). */
const TERMINAL_INPUT = 'ttyin';

/**
 * Whether a thread waits for terminal input. undefined when this kernel cannot tell: it has no threads of OpenBSD's shape.
 */
export function waitsForInput(kernel: Kernel): boolean | undefined {
  try {
    for (const thread of kernel.threads()) {
      if (thread.pointer('p_wmesg') !== 0n && thread.text('p_wmesg') === TERMINAL_INPUT) return true;
    }
    return false;
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    // Before it has mapped itself a kernel waits for nothing.
    return error.code === 'unmapped' || error.code === 'null-pointer' ? false : undefined;
  }
}
