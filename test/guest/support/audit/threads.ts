import { type Kernel, listElements, type View } from '../../../../emu/index.ts';
import { type Findings, Tally } from './findings.ts';

/** sys/proc.h: p_stat. */
const SRUN = 2;
const SSLEEP = 3;
const SSTOP = 4;
const SONPROC = 7;
/** sys/proc.h: flags of a thread inside of the kernel. */
const P_SIGSUSPEND = 0x8;
const P_SINTR = 0x80;
const P_SELECT = 0x40;
const P_TIMEOUT = 0x400;
const P_SUSPSINGLE = 0x8_0000;
const INSIDE = P_SIGSUSPEND | P_SINTR | P_SELECT | P_TIMEOUT | P_SUSPSINGLE;
const QUEUES = 32;
const PRIORITIES_OF_QUEUE = 4;
const SLEEP_QUEUES = 128;
const CHANNEL_SHIFT = 8n;

/** Looks at the scheduler's queues and at the running thread, at a moment when that is in user mode. */
export function auditThreads(kernel: Kernel, findings: Findings): void {
  const cpu = kernel.cpuInfo();
  const current = kernel.currentThread();
  if (cpu === undefined || current === undefined) return;
  const state = cpu.at('ci_schedstate');
  const idle = state.pointer('spc_idleproc');
  const queued = auditRunQueues(kernel, state, findings);
  const asleep = auditSleepQueues(kernel, findings);
  for (const thread of kernel.threads()) {
    if (thread.address === idle) continue;
    const name = `the thread ${thread.number('p_tid')}`;
    const status = thread.number('p_stat');
    findings.equal(`${name} on run queues`, queued.of(thread.address), status === SRUN ? 1 : 0);
    const sleeps = thread.pointer('p_wchan') !== 0n;
    findings.equal(`${name} on sleep queues`, asleep.of(thread.address), sleeps ? 1 : 0);
    findings.equal(`${name} is running`, status === SONPROC, thread.address === current.address);
    if (sleeps) findings.holds(`${name} sleeps in state ${status}`, status === SSLEEP || status === SSTOP);
    else findings.holds(`${name} sleeps for nothing`, status !== SSLEEP);
  }
  auditCurrent(kernel, cpu, current, findings);
}

/** In user mode a thread holds no lock, sleeps on nothing and has the priority of users. */
function auditCurrent(kernel: Kernel, cpu: View, current: View, findings: Findings): void {
  const name = 'of the running thread';
  findings.equal(`flags ${name} that end with a system call`, current.number('p_flag') & INSIDE, 0);
  findings.equal(`p_wchan ${name}`, current.pointer('p_wchan'), 0n);
  findings.equal(`p_priority ${name}`, current.number('p_priority'), current.number('p_usrpri'));
  const state = cpu.at('ci_schedstate');
  findings.equal('spc_curpriority', state.number('spc_curpriority'), current.number('p_usrpri'));
  findings.equal(
    `the owner of the map's lock ${name}`,
    current.pointer('p_vmspace.vm_map.lock.rwl_owner'),
    0n,
  );
  findings.equal('depth of the kernel lock', kernel.global('kernel_lock').number('mpl_depth'), 0);
  findings.equal('depth of the scheduler lock', kernel.global('sched_lock_depth').number(), 0);
  findings.equal('interrupt level', cpu.number('ci_ilevel'), 0);
}

function auditRunQueues(kernel: Kernel, state: View, findings: Findings): Tally<bigint> {
  const queued = new Tally<bigint>();
  let count = 0;
  let filled = 0;
  for (let index = 0; index < QUEUES; index++) {
    for (const thread of listElements(state.at(`spc_qs[${index}]`), kernel.struct('proc'), 'p_runq')) {
      queued.add(thread.address);
      count++;
      filled |= 1 << index;
      const queue = Math.floor(thread.number('p_runpri') / PRIORITIES_OF_QUEUE);
      findings.equal(`the run queue of the thread ${thread.number('p_tid')}`, index, queue);
      findings.equal('p_priority of a queued thread', thread.number('p_priority'), thread.number('p_runpri'));
    }
  }
  findings.equal('spc_nrun', state.number('spc_nrun'), count);
  findings.equal('spc_whichqs', state.number('spc_whichqs'), filled >>> 0);
  return queued;
}

function auditSleepQueues(kernel: Kernel, findings: Findings): Tally<bigint> {
  const asleep = new Tally<bigint>();
  const queues = kernel.global('slpque');
  for (let index = 0; index < SLEEP_QUEUES; index++) {
    for (const thread of listElements(queues.at(`[${index}]`), kernel.struct('proc'), 'p_runq')) {
      asleep.add(thread.address);
      const queue = Number((thread.pointer('p_wchan') >> CHANNEL_SHIFT) % BigInt(SLEEP_QUEUES));
      findings.equal(`the sleep queue of the thread ${thread.number('p_tid')}`, index, queue);
    }
  }
  return asleep;
}
