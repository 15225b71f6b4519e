import type { Findings } from './findings.ts';
import { listMembers, tailqMembers } from './lists.ts';
import type { Structures } from './structures.ts';

/** All processes and threads that there are, by address. */
export interface Census {
  /** `allprocess`. */
  readonly living: readonly bigint[];
  /** `zombprocess`. */
  readonly zombies: readonly bigint[];
  /** Both. */
  readonly processes: readonly bigint[];
  /** `allproc`. */
  readonly threads: readonly bigint[];
  /** Threads that have ended and wait for the reaper. */
  readonly dead: readonly bigint[];
  /** The threads of each process that have not ended. */
  readonly threadsOf: ReadonlyMap<bigint, readonly bigint[]>;
}

/** Walks the lists of processes and threads. */
export function takeCensus(s: Structures, findings: Findings): Census {
  const processLink = s.field('process', 'ps_list').offset;
  const list = (name: string, link: number): bigint[] =>
    listMembers(s, { name, head: s.global(name), link }, findings);
  const living = list('allprocess', processLink);
  const zombies = list('zombprocess', processLink);
  const processes = [...living, ...zombies];
  const threads = s.field('process', 'ps_threads').offset;
  const threadLink = s.field('proc', 'p_thr_link').offset;
  const idle =
    s.field('schedstate_percpu', 'spc_deadproc').offset + s.field('cpu_info', 'ci_schedstate').offset;
  const hashLink = s.field('proc', 'p_hash').offset;
  return {
    living,
    zombies,
    processes,
    threads: list('allproc', s.field('proc', 'p_list').offset),
    dead: [
      ...list('deadproc', hashLink),
      ...listMembers(
        s,
        { name: 'spc_deadproc', head: s.global('cpu_info_primary') + BigInt(idle), link: hashLink },
        findings,
      ),
    ],
    threadsOf: new Map(
      processes.map((process) => [
        process,
        tailqMembers(s, { name: 'ps_threads', head: process + BigInt(threads), link: threadLink }, findings),
      ]),
    ),
  };
}
