import type { Findings } from './findings.ts';
import { PS_SYSTEM } from './flags.ts';
import { listMembers, tailqMembers } from './lists.ts';
import type { Structures } from './structures.ts';

/** All processes and threads that there are, by address. */
export interface Population {
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
export function findPopulation(s: Structures, findings: Findings): Population {
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

/** The address spaces of user programs, with a process that each belongs to: also of processes that wait for the reaper. */
export function addressSpaces(s: Structures, population: Population): Map<bigint, bigint> {
  const owner = s.field('proc', 'p_p');
  const space = s.field('process', 'ps_vmspace');
  const flags = s.field('process', 'ps_flags');
  const processes = new Set(population.processes);
  // Who leaves no zombie is on neither list then.
  for (const thread of population.dead) processes.add(s.pointer(thread, owner));
  const spaces = new Map<bigint, bigint>();
  for (const process of processes) {
    const at = s.pointer(process, space);
    if (at !== 0n && (s.number(process, flags) & PS_SYSTEM) === 0) spaces.set(at, process);
  }
  return spaces;
}

/** For reports: `ksh (4711)`. */
export function nameOf(s: Structures, process: bigint): string {
  const comm = s.text(process + BigInt(s.field('process', 'ps_comm').offset));
  return `${comm} (${s.number(process, s.field('process', 'ps_pid'))})`;
}
