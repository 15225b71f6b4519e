import { hex } from '../hexadecimal.ts';
import type { Findings } from './findings.ts';
import { P_SUSPSINGLE, P_WEXIT, PS_EXITING, PS_SINGLEEXIT, PS_SINGLEUNWIND } from './flags.ts';
import { nameOf, type Population } from './population.ts';
import type { Structures } from './structures.ts';

/** Pointers of the process that its threads have, too, for speed. */
const CACHES = [
  ['p_vmspace', 'ps_vmspace'],
  ['p_fd', 'ps_fd'],
] as const;

/** Threads: whose they are, how many each process counts, and who stops the others. */
export function checkThreads(s: Structures, population: Population, findings: Findings): void {
  const { threadsOf, threads, dead, processes } = population;
  const owner = s.field('proc', 'p_p');
  const refcount = s.field('process', 'ps_refcnt');
  const mainThread = s.field('process', 'ps_mainproc');
  const all = new Set(threads);
  const nameless = new Set(threads);
  for (const [process, own] of threadsOf) {
    for (const thread of own) {
      nameless.delete(thread);
      if (s.pointer(thread, owner) !== process) {
        findings.add('thread owner', `the thread at ${hex(thread)} is in ps_threads of another process`);
      }
      if (!all.has(thread)) {
        findings.add('thread owner', `${nameOf(s, process)} has a thread at ${hex(thread)}, not in allproc`);
      }
      checkCaches(s, process, thread, findings);
    }
    // A main thread that has ended is on no list and still counts.
    const ended = own.includes(s.pointer(process, mainThread)) ? 0 : 1;
    const kept = s.number(process, refcount);
    if (kept !== own.length + ended) {
      findings.add(
        'ps_refcnt',
        `${nameOf(s, process)}: ps_refcnt is ${kept}, and it has ${own.length} threads${ended === 1 ? ' beside its main one, which has ended' : ''}`,
      );
    }
    checkSingleThread(s, process, own, findings);
  }
  for (const thread of nameless) {
    // One that exits leaves its process's list first, and may have to wait for others then.
    if ((s.number(thread, s.field('proc', 'p_flag')) & P_WEXIT) !== 0) continue;
    findings.add(
      'thread owner',
      `the thread at ${hex(thread)} is in allproc, and in no process's ps_threads`,
    );
  }
  const known = new Set([...threads, ...dead, ...processes.map((one) => s.pointer(one, mainThread))]);
  findings.compare('nthreads', 'nthreads', s.int(s.global('nthreads')), known.size);
}

function checkCaches(s: Structures, process: bigint, thread: bigint, findings: Findings): void {
  const exiting = (s.number(process, s.field('process', 'ps_flags')) & PS_EXITING) !== 0;
  for (const [own, whole] of CACHES) {
    const cached = s.pointer(thread, s.field('proc', own));
    // What an exiting process has given back its threads have no more.
    if ((cached === 0n && exiting) || cached === s.pointer(process, s.field('process', whole))) continue;
    findings.add(
      own,
      `${nameOf(s, process)}: ${own} of a thread is ${hex(cached)}, which is not the process's ${whole}`,
    );
  }
}

/** Nobody stops or ends for a thread that wants to be the only one when there is none. */
function checkSingleThread(
  s: Structures,
  process: bigint,
  threads: readonly bigint[],
  findings: Findings,
): void {
  if (s.pointer(process, s.field('process', 'ps_single')) !== 0n) return;
  const flags = s.number(process, s.field('process', 'ps_flags'));
  if ((flags & PS_EXITING) !== 0) return;
  if ((flags & (PS_SINGLEEXIT | PS_SINGLEUNWIND)) !== 0) {
    findings.add('ps_single', `${nameOf(s, process)}: ps_flags ${hex(flags)} without ps_single`);
  }
  const flag = s.field('proc', 'p_flag');
  if (threads.some((thread) => (s.number(thread, flag) & P_SUSPSINGLE) !== 0)) {
    findings.add('ps_single', `${nameOf(s, process)}: a thread is to stop, and for nobody`);
  }
}
