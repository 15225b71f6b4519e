import type { FileTables } from './descriptors.ts';
import { type Findings, refer } from './findings.ts';
import { PS_EXITING } from './flags.ts';
import type { Population } from './population.ts';
import type { Structures } from './structures.ts';

const DTYPE_VNODE = 1;

/**
 * Reference counts of what processes, threads and open files share. `exact`: nobody is in the middle of a system call, who might
 * hold a reference that cannot be seen.
 */
export function checkReferences(
  s: Structures,
  population: Population,
  tables: FileTables,
  findings: Findings,
  exact: boolean,
): void {
  const credentials = new Map<bigint, number>();
  const limits = new Map<bigint, number>();
  const actions = new Map<bigint, number>();
  const spaces = new Map<bigint, number>();
  const vnodes = new Map<bigint, number>();
  const process = (path: string) => s.field('process', path);
  const thread = (path: string) => s.field('proc', path);
  for (const one of population.processes) {
    refer(credentials, s.pointer(one, process('ps_ucred')));
    refer(credentials, s.pointer(one, process('ps_tracecred')));
    refer(limits, s.pointer(one, process('ps_limit')));
    refer(vnodes, s.pointer(one, process('ps_textvp')));
    refer(vnodes, s.pointer(one, process('ps_tracevp')));
    // What an exiting process has given back already is not cleared.
    if ((s.number(one, process('ps_flags')) & PS_EXITING) !== 0) continue;
    refer(actions, s.pointer(one, process('ps_sigacts')));
    refer(spaces, s.pointer(one, process('ps_vmspace')));
  }
  const mainThreads = population.processes.map((one) => s.pointer(one, process('ps_mainproc')));
  for (const one of new Set([...population.threads, ...population.dead, ...mainThreads])) {
    refer(credentials, s.pointer(one, thread('p_ucred')));
    refer(limits, s.pointer(one, thread('p_limit')));
  }
  for (const one of tables.files) {
    refer(credentials, s.pointer(one, s.field('file', 'f_cred')));
    if (s.number(one, s.field('file', 'f_type')) === DTYPE_VNODE) {
      refer(vnodes, s.pointer(one, s.field('file', 'f_data')));
    }
  }
  for (const one of tables.descriptors.keys()) {
    refer(vnodes, s.pointer(one, s.field('filedesc', 'fd_cdir')));
    refer(vnodes, s.pointer(one, s.field('filedesc', 'fd_rdir')));
  }
  for (const one of sessionsOf(s, population)) refer(vnodes, s.pointer(one, s.field('session', 's_ttyvp')));
  refer(vnodes, s.word(s.global('rootvnode')));

  const counts = [
    { what: 'ucred', found: credentials, structure: 'ucred', member: 'cr_ref' },
    { what: 'plimit', found: limits, structure: 'plimit', member: 'pl_refcnt' },
    { what: 'sigacts', found: actions, structure: 'sigacts', member: 'ps_refcnt' },
    // Nobody sleeps while it holds another's address space.
    { what: 'vmspace', found: spaces, structure: 'vmspace', member: 'vm_refcnt', always: true },
    { what: 'vnode', found: vnodes, structure: 'vnode', member: 'v_usecount' },
  ];
  for (const { what, found, structure, member, always = false } of counts) {
    const field = s.field(structure, member);
    findings.references(what, found, (address) => s.number(address, field), exact || always);
  }
}

function sessionsOf(s: Structures, { processes }: Population): Set<bigint> {
  const group = s.field('process', 'ps_pgrp');
  const session = s.field('pgrp', 'pg_session');
  const sessions = new Set<bigint>();
  for (const process of processes) {
    const at = s.pointer(process, group);
    if (at !== 0n) sessions.add(s.pointer(at, session));
  }
  return sessions;
}
