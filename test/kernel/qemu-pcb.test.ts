import { expect, it } from 'vitest';
import { type EventOf, KernelTracer } from '../../emu/kernel/index.ts';
import { describeWithOracle } from '../oracles/require.ts';
import { gcc } from './support/fixture-kernel.ts';
import { BUDGET, boot, COMMAND_LINE, readGuest } from './support/guest.ts';
import { gdb, gdbOnQemu, qemu } from './support/qemu-gdb.ts';

const WORDS = ['pcb_cr3', 'pcb_rsp', 'pcb_rbp', 'pcb_kstack', 'pcb_fsbase', 'pcb_onfault', 'pcb_pmap'];

/** `name=1a` lines as gdb's printf writes them. */
function parse(output: string): Record<string, bigint> {
  return Object.fromEntries(
    [...output.matchAll(/^([\w.]+)=([0-9a-f]+)$/gm)].map(([, name = '', digits]) => [
      name,
      BigInt(`0x${digits}`),
    ]),
  );
}

describeWithOracle([gcc, gdb, qemu], 'the copied pcb of a fork', () => {
  it('is what gdb sees when the same kernel forks on QEMU', async () => {
    const guest = await readGuest();
    const { machine, kernel } = boot(guest, ['ls']);
    const copies: EventOf<'proc:pcb_copy'>[] = [];
    new KernelTracer(kernel).on('proc:pcb_copy', (event) => copies.push(event));
    machine.run({ budget: BUDGET });
    const copy = copies.find(({ thread }) => thread?.comm === 'ksh');
    const seen: Record<string, bigint> = {
      parent: copy?.pcb?.from ?? 0n,
      child: copy?.pcb?.to ?? 0n,
      md_regs: copy?.trapframe?.to ?? 0n,
      pid: BigInt(copy?.childPid ?? 0),
    };
    for (const field of copy?.pcb?.fields ?? []) {
      if (!('from' in field)) continue;
      seen[`parent.${field.field}`] = field.from;
      seen[`child.${field.field}`] = field.to;
    }
    for (const { field, value } of copy?.switchframe?.fields ?? []) seen[`frame.${field}`] = value;

    const frame = kernel.image.struct('switchframe').members.map(({ name }) => name);
    const printed = parse(
      await gdbOnQemu({ ...guest, commandLine: COMMAND_LINE }, 'ls', [
        'break cpu_fork if $_streq(((struct proc *)$rdi)->p_p->ps_comm, "ksh")',
        'continue',
        'set $parent = &((struct proc *)$rdi)->p_addr->u_pcb',
        'set $p = (struct proc *)$rsi',
        'set $child = &$p->p_addr->u_pcb',
        'finish',
        'printf "parent=%lx\\nchild=%lx\\nmd_regs=%lx\\npid=%x\\n", $parent, $child, $p->p_md.md_regs, $p->p_p->ps_pid',
        ...WORDS.flatMap((word) => [
          `printf "parent.${word}=%lx\\n", $parent->${word}`,
          `printf "child.${word}=%lx\\n", $child->${word}`,
        ]),
        'set $frame = (struct switchframe *)$child->pcb_rsp',
        ...frame.map((field) => `printf "frame.${field}=%lx\\n", $frame->${field}`),
      ]),
    );
    expect(Object.keys(printed)).toHaveLength(4 + 2 * WORDS.length + frame.length);
    // Where the parent last slept depends on when the line was typed, and QEMU's far end is a program of its own.
    for (const field of ['parent.pcb_rsp', 'parent.pcb_rbp']) {
      delete seen[field];
      delete printed[field];
    }
    expect(seen).toEqual(printed);
  });
});
