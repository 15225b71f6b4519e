import type { MemoryInspector } from '../../cpu/index.ts';
import { KERNEL_HALF, type Kernel, type View } from '../../kernel/index.ts';
import { DWARF_REGISTER_NAMES } from '../../symbols/index.ts';
import { attempt } from '../programs/programs.ts';
import type { StackOrigin } from './call-stack.ts';

export interface RunningOrigin extends StackOrigin {
  /** CR3 of the address space that the stack belongs to; undefined for the processor's. */
  readonly root: bigint | undefined;
}

/**
 * The processor's own stack. While cpu_switchto() goes from one thread to another, curproc, the stack and CR3 change one after the
 * other: the stack says whose calls these are, and so whose memory and program go with them.
 */
export function runningOrigin(kernel: Kernel, inspector: MemoryInspector): RunningOrigin {
  const registers = DWARF_REGISTER_NAMES.map((name) => kernel.registers.get(name));
  const isInKernel = kernel.registers.get('rip') >= KERNEL_HALF;
  const owner = isInKernel ? attempt(() => stackOwner(kernel)) : undefined;
  const root = owner && attempt(() => owner.integer('p_addr.u_pcb.pcb_cr3'));
  return {
    registers,
    root,
    thread: owner ?? attempt(() => kernel.currentThread()),
    readMemory: (address, size) => {
      const bytes = inspector.within(root, () => inspector.readMemory(BigInt.asUintN(64, address), size));
      return bytes.length === size ? bytes : undefined;
    },
  };
}

/** The thread on whose kernel stack the processor is. */
function stackOwner(kernel: Kernel): View | undefined {
  const rsp = kernel.registers.get('rsp');
  const isOn = (thread: View): boolean =>
    rsp >= thread.pointer('p_addr') && rsp <= thread.integer('p_addr.u_pcb.pcb_kstack');
  const current = kernel.currentThread();
  if (current !== undefined && isOn(current)) return current;
  for (const thread of kernel.threads()) if (isOn(thread)) return thread;
  return undefined;
}
