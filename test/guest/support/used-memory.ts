import type { Machine } from '../../../emu/index.ts';

/** What a machine's memory is full of that was used before: no address, no small number, all kinds of flags. */
const USED = 0xdb;
const PAGE_SIZE = 4096;
const KERNBASE = 0xffff_ffff_8000_0000n;
/** hvm_start_info and hvm_modlist_entry (Xen public headers, arch-x86/hvm/start_info.h). */
const MODULE_LIST = 16;
const MODULE_SIZE = 8;

/** Where the loader has put the initrd of a machine at power-on: [start, end). */
function initrdOf(machine: Machine): readonly [number, number] {
  const { ram } = machine.core.state;
  const memory = new DataView(ram.buffer, ram.byteOffset, ram.byteLength);
  const word = (at: number): number => Number(memory.getBigUint64(at, true));
  const list = word(Number(machine.kernel.registers.get('rbx')) + MODULE_LIST);
  return [word(list), word(list) + word(list + MODULE_SIZE)];
}

/**
 * Fills all memory that a PVH loader leaves alone, as it would be on a machine that has been in use: a kernel must not
 * count on zeros there. Only at power-on.
 */
export function fillFreeMemory(machine: Machine): void {
  if (machine.position !== 0) throw new RangeError('the machine has run already');
  const { core, image } = machine;
  const behindKernel = Number(image.address('end') - KERNBASE);
  const [initrd, behindInitrd] = initrdOf(machine);
  const fill = (from: number, to: number): void => {
    const start = Math.ceil(from / PAGE_SIZE) * PAGE_SIZE;
    core.writeMemory(start, new Uint8Array(to - start).fill(USED));
  };
  fill(behindKernel, Math.floor(initrd / PAGE_SIZE) * PAGE_SIZE);
  fill(behindInitrd, core.state.ram.length);
}
