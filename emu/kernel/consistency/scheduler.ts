import { hex } from '../hexadecimal.ts';
import type { Findings } from './findings.ts';
import { tailqMembers } from './lists.ts';
import { nameOf, type Population } from './population.ts';
import type { Structures } from './structures.ts';

/** `p_stat`. */
const SRUN = 2;
const SSLEEP = 3;
const SSTOP = 4;
const SONPROC = 7;
const QUEUES = 32;
const PRIORITIES_OF_QUEUE = 4;
const TAILQ_HEAD_SIZE = 16;
/** `slpque`: TABLESIZE. */
const SLEEP_QUEUES = 128;
const SLEEP_SHIFT = 8n;
const TIMEOUT_ONQUEUE = 2;

/** Run queues, sleep queues and timeouts: who is on them, and in which state. */
export function checkScheduler(s: Structures, population: Population, findings: Findings): void {
  const queued = checkRunQueues(s, findings);
  const asleep = checkSleepQueues(s, findings);
  const state = s.field('proc', 'p_stat');
  const channel = s.field('proc', 'p_wchan');
  const idle = s.pointer(s.global('cpu_info_primary'), {
    ...s.field('schedstate_percpu', 'spc_idleproc'),
    offset: s.field('cpu_info', 'ci_schedstate').offset + s.field('schedstate_percpu', 'spc_idleproc').offset,
  });
  const current = s.pointer(s.global('cpu_info_primary'), s.field('cpu_info', 'ci_curproc'));
  for (const thread of population.threads) {
    const stat = s.number(thread, state);
    const who = (): string => nameOf(s, s.pointer(thread, s.field('proc', 'p_p')));
    if ((stat === SONPROC) !== (thread === current)) {
      findings.add(
        'running',
        `a thread of ${who()} has p_stat ${stat}, and is ${thread === current ? '' : 'not '}on the processor`,
      );
    }
    if ((stat === SRUN && thread !== idle) !== queued.has(thread)) {
      findings.add(
        'run queue',
        `a thread of ${who()} has p_stat ${stat}, and is ${queued.has(thread) ? '' : 'not '}on a run queue`,
      );
    }
    const waits = s.pointer(thread, channel);
    if ((waits !== 0n) !== asleep.has(thread)) {
      findings.add(
        'sleep queue',
        `a thread of ${who()} waits for ${hex(waits)}, and is ${waits === 0n ? '' : 'not '}on a sleep queue`,
      );
    }
    // The idle thread sleeps for nothing.
    if (thread === idle) continue;
    if (waits === 0n ? stat === SSLEEP : stat !== SSLEEP && stat !== SSTOP) {
      findings.add('p_wchan', `a thread of ${who()} has p_stat ${stat}, and waits for ${hex(waits)}`);
    }
  }
  if (!population.threads.includes(current)) {
    findings.add('running', `what runs at ${hex(current)} is in no list of threads`);
  }
  checkTimeouts(s, findings);
}

function checkRunQueues(s: Structures, findings: Findings): Set<bigint> {
  const scheduler = s.global('cpu_info_primary') + BigInt(s.field('cpu_info', 'ci_schedstate').offset);
  const which = s.number(scheduler, s.field('schedstate_percpu', 'spc_whichqs'));
  const queues = scheduler + BigInt(s.field('schedstate_percpu', 'spc_qs').offset);
  const link = s.field('proc', 'p_runq').offset;
  const queued = new Set<bigint>();
  for (let index = 0; index < QUEUES; index++) {
    const place = { name: 'spc_qs', head: queues + BigInt(index * TAILQ_HEAD_SIZE), link };
    const members = tailqMembers(s, place, findings);
    for (const one of members) {
      queued.add(one);
      checkPriority(s, one, index, findings);
    }
    if (members.length > 0 !== (((which >>> index) & 1) !== 0)) {
      findings.add(
        'spc_whichqs',
        `bit ${index} of spc_whichqs is wrong: the queue has ${members.length} threads`,
      );
    }
  }
  findings.compare(
    'spc_nrun',
    'spc_nrun',
    s.number(scheduler, s.field('schedstate_percpu', 'spc_nrun')),
    queued.size,
  );
  return queued;
}

/** A queue is for some priorities, and a thread stays in it until its own changes. */
function checkPriority(s: Structures, thread: bigint, queue: number, findings: Findings): void {
  const who = (): string => nameOf(s, s.pointer(thread, s.field('proc', 'p_p')));
  const queuedWith = s.number(thread, s.field('proc', 'p_runpri'));
  if (Math.floor(queuedWith / PRIORITIES_OF_QUEUE) !== queue) {
    findings.add('run queue', `a thread of ${who()} with p_runpri ${queuedWith} is in run queue ${queue}`);
  }
  const priority = s.number(thread, s.field('proc', 'p_priority'));
  if (priority !== queuedWith) {
    findings.add(
      'p_priority',
      `a thread of ${who()} has p_priority ${priority}, and is queued with ${queuedWith}`,
    );
  }
}

function checkSleepQueues(s: Structures, findings: Findings): Set<bigint> {
  const link = s.field('proc', 'p_runq').offset;
  const channel = s.field('proc', 'p_wchan');
  const asleep = new Set<bigint>();
  for (let index = 0; index < SLEEP_QUEUES; index++) {
    const head = s.global('slpque') + BigInt(index * TAILQ_HEAD_SIZE);
    for (const thread of tailqMembers(s, { name: 'slpque', head, link }, findings)) {
      asleep.add(thread);
      const waits = s.pointer(thread, channel);
      if (((waits >> SLEEP_SHIFT) & BigInt(SLEEP_QUEUES - 1)) !== BigInt(index)) {
        findings.add('sleep queue', `a thread that waits for ${hex(waits)} is in sleep queue ${index}`);
      }
    }
  }
  return asleep;
}

function checkTimeouts(s: Structures, findings: Findings): void {
  const link = s.field('timeout', 'to_list').offset;
  const flags = s.field('timeout', 'to_flags');
  const time = s.field('timeout', 'to_time');
  let before: number | undefined;
  for (const one of tailqMembers(s, { name: 'timeout_due', head: s.global('timeout_due'), link }, findings)) {
    if ((s.number(one, flags) & TIMEOUT_ONQUEUE) === 0) {
      findings.add('timeout', `the timeout at ${hex(one)} is on the list and says it is not`);
    }
    const due = s.number(one, time);
    if (before !== undefined && ((due - before) | 0) < 0) {
      findings.add(
        'timeout',
        `the timeout at ${hex(one)} is due at ${due}, behind one that is due at ${before}`,
      );
    }
    before = due;
  }
}
