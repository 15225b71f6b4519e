import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { KernelImage } from '../../../emu/index.ts';
import { guestImage } from '../../../emu/vitest/guest-image.ts';
import { absolute } from '../../../scripts/guest/paths.ts';

/**
 * The functions on a process's way through OpenBSD's kernel, and where they stand here: in OpenBSD's file, or, where that one is
 * split or the function is inline in a header there, in the file that OpenBSD's name is given behind.
 */
const FUNCTIONS: readonly (readonly [file: string, functions: string, openbsd?: string])[] = [
  [
    'kern/kern_fork.c',
    'sys_fork fork_return sys_vfork sys___tfork fork_check_maxthread fork1 thread_new process_initialize process_new allocpid ' +
      'ispidtaken freepid alloctid thread_fork fork_thread_start proc_trampoline_mp',
  ],
  ['kern/subr_prf.c', 'tablefull panic'],
  ['kern/kern_time.c', 'ratecheck realitexpire'],
  [
    'kern/kern_proc.c',
    'procinit uid_find chgproccnt prfind pgfind zombiefind tfind enternewpgrp enterthispgrp leavepgrp pgdelete fixjobc killjobc ' +
      'orphanpg proc_printit db_show_all_procs',
  ],
  ['kern/kern_resource.c', 'lim_startup lim_fork lim_cur lim_free ruadd tuagg calcru rucheck'],
  ['kern/kern_prot.c', 'crget crhold crfree crcopy crdup refreshcreds'],
  ['kern/kern_timeout.c', 'timeout_set timeout_add timeout_del softclock'],
  ['kern/kern_synch.c', 'tsleep sleep_setup sleep_finish endtsleep unsleep wakeup wakeup_n'],
  ['kern/kern_descrip.c', 'fdinit fdshare fdcopy fdfree fdcloseexec'],
  ['kern/kern_sigacts.c', 'sigactsshare sigactsinit sigactsfree sigstkinit execsigs', 'kern/kern_sig.c'],
  ['kern/kern_sig.c', 'psignal ptsignal cursig postsig sigexit trapsignal userret signotify'],
  [
    'kern/kern_sigsys.c',
    'single_thread_set single_thread_check single_thread_clear sys_sigsuspend',
    'kern/kern_sig.c',
  ],
  ['kern/kern_clock.c', 'hardclock statclock startprofclock stopprofclock'],
  ['kern/kern_ktrace.c', 'ktrsettrace'],
  ['kern/kern_unveil.c', 'unveil_copy'],
  ['kern/kern_event.c', 'knote_processexit'],
  ['kern/event_filters.c', 'filt_proc', 'kern/kern_event.c'],
  ['kern/kern_kthread.c', 'kthread_create kthread_create_deferred kthread_run_deferred_queue kthread_exit'],
  [
    'kern/kern_sched.c',
    'sched_init_runqueues sched_kthreads_create sched_idle sched_exit sched_chooseproc sched_choosecpu_fork setrunqueue remrunqueue',
  ],
  [
    'kern/sched_bsd.c',
    'scheduler_start roundrobin schedcpu schedclock updatepri resetpriority mi_switch mi_ast preempt yield setrunnable ' +
      'need_resched',
  ],
  ['kern/sched_bsd.c', 'scheduler_fork_hook scheduler_wait_hook', 'sys/sched.h'],
  ['kern/init_main.c', 'main start_init'],
  ['kern/syscall_mi.c', 'mi_syscall mi_syscall_return mi_child_return', 'sys/syscall_mi.h'],
  ['kern/kern_exec.c', 'sys_execve check_exec copyargs'],
  ['kern/exec_elf.c', 'exec_elf_makecmds'],
  ['kern/exec_script.c', 'exec_script_makecmds'],
  ['kern/exec_subr.c', 'exec_process_vmcmds vmcmd_map_zero'],
  [
    'kern/kern_exit.c',
    'sys_exit exit1 exit2 reaper proc_reparent proc_free process_zap sys_wait4 dowait4 proc_finish_wait',
  ],
  ['kern/kern_pledge.c', 'pledge_syscall pledge_fail'],
  ['uvm/uvm_glue.c', 'uvm_uarea_alloc uvm_uarea_free uvm_exit'],
  ['uvm/uvm_map.c', 'uvm_map uvm_map_inentry uvm_map_printit'],
  [
    'uvm/uvm_vmspace.c',
    'uvmspace_share uvmspace_fork uvmspace_exec uvmspace_free uvm_mapent_forkcopy uvm_mapent_forkshared uvm_mapent_forkzero',
    'uvm/uvm_map.c',
  ],
  ['uvm/uvm_fault.c', 'uvm_fault'],
  ['uvm/uvm_unix.c', 'uvm_grow'],
  ['uvm/uvm_meter.c', 'uvmexp_print'],
  ['arch/amd64/amd64/vm_machdep.c', 'cpu_fork cpu_exit setguardpage'],
  ['arch/amd64/amd64/trap.c', 'syscall child_return ast usertrap kerntrap'],
  ['arch/amd64/amd64/pmap.c', 'pmap_activate pmap_copy pmap_protect'],
  ['arch/amd64/amd64/sendsig.c', 'sendsig sys_sigreturn setregs', 'arch/amd64/amd64/machdep.c'],
  ['ddb/db_trap.c', 'db_trap'],
  ['ddb/db_command.c', 'db_command db_command_loop db_error'],
  ['ddb/db_sym.c', 'db_search_symbol db_printsym'],
  ['ddb/db_examine.c', 'db_examine_cmd db_print_cmd'],
  ['arch/amd64/amd64/db_interface.c', 'db_enter db_ktrap'],
  ['arch/amd64/amd64/db_trace.c', 'db_stack_trace_print'],
];

/** What is written in assembly, of which the compiler tells nothing. */
const ASSEMBLY: readonly (readonly [file: string, functions: string])[] = [
  ['arch/amd64/amd64/locore.S', 'Xsyscall Xsyscall32 cpu_switchto proc_trampoline fpusave setjmp longjmp'],
  ['arch/amd64/amd64/vector.S', 'alltraps_kernel alltraps_user allintrs_kernel allintrs_user intr_user_ast'],
  ['arch/amd64/amd64/copy.S', 'copyin copyout copyinstr'],
];

const rows = (table: readonly (readonly [string, string, string?])[]): [string, string][] =>
  table.flatMap(([file, functions]) => functions.split(' ').map((name): [string, string] => [name, file]));

describe('the functions of OpenBSD’s process code', () => {
  let image: KernelImage;
  beforeAll(async () => {
    image = KernelImage.open((await guestImage({})).kernel.bytes);
  });

  it.each(rows(FUNCTIONS))('should have %s in %s, to be stopped at', (name, file) => {
    const found = image.debug.function(name);
    expect(found?.declFile).toBe(`guest/sys/${file}`);
    // A global function with code of its own, and with its name in the kernel's own symbol table.
    expect(found?.isExternal).toBe(true);
    expect(image.symbols.byName(name)?.address).toBe(found?.lowPc);
  });

  it.each(rows(ASSEMBLY))('should have %s in %s', (name, file) => {
    const address = image.addressOf(name);
    expect(image.lines.at(address ?? 0n)?.file).toBe(`guest/sys/${file}`);
  });

  it('should say in the kernel’s README where a file of OpenBSD is split', () => {
    const readme = readFileSync(absolute('guest/sys/README.md'), 'utf8');
    for (const [file, , openbsd] of FUNCTIONS)
      if (openbsd !== undefined) expect(readme).toContain(file.split('/').at(-1));
  });
});
