import { hex } from '../hexadecimal.ts';
import type { Findings } from './findings.ts';
import { P_SELECT, P_SIGSUSPEND, P_SINTR, P_SUSPSINGLE, P_TIMEOUT } from './flags.ts';
import type { Structures } from './structures.ts';

/** `p_flag` of a thread inside of the kernel. */
const INSIDE = P_SIGSUSPEND | P_SINTR | P_SELECT | P_TIMEOUT | P_SUSPSINGLE;

/** In user mode a thread holds no lock, sleeps on nothing and has the priority of users. */
export function checkRunningThread(s: Structures, findings: Findings): void {
  const cpu = s.global('cpu_info_primary');
  const scheduler = cpu + BigInt(s.field('cpu_info', 'ci_schedstate').offset);
  const thread = s.pointer(cpu, s.field('cpu_info', 'ci_curproc'));
  const priority = s.number(thread, s.field('proc', 'p_usrpri'));
  const is = (kind: string, what: string, found: number, wanted: number): void => {
    if (found !== wanted) findings.add(kind, `${what} is ${found} in user mode, not ${wanted}`);
  };
  const flags = s.number(thread, s.field('proc', 'p_flag')) & INSIDE;
  if (flags !== 0)
    findings.add('p_flag', `the running thread has flags in user mode that end with a call: ${hex(flags)}`);
  const channel = s.pointer(thread, s.field('proc', 'p_wchan'));
  if (channel !== 0n) findings.add('p_wchan', `the running thread waits for ${hex(channel)}`);
  is(
    'p_priority',
    'p_priority of the running thread',
    s.number(thread, s.field('proc', 'p_priority')),
    priority,
  );
  const current = s.number(scheduler, s.field('schedstate_percpu', 'spc_curpriority'));
  is('spc_curpriority', 'spc_curpriority', current, priority);
  const space = s.pointer(thread, s.field('proc', 'p_vmspace'));
  const owner = s.pointer(space, s.field('vmspace', 'vm_map.lock.rwl_owner'));
  if (owner !== 0n) findings.add('lock of the map', `the running thread's map is locked by ${hex(owner)}`);
  const depth = s.number(s.global('kernel_lock'), s.field('__mp_lock', 'mpl_depth'));
  is('kernel_lock', 'the depth of the kernel lock', depth, 0);
  is('sched_lock', 'the depth of the scheduler lock', s.int(s.global('sched_lock_depth')), 0);
  is('ci_ilevel', 'the interrupt level', s.number(cpu, s.field('cpu_info', 'ci_ilevel')), 0);
}
