import { type Kernel, listElements, type View } from '../../../../emu/index.ts';
import { hashed, openFiles } from '../census.ts';
import { type Findings, Tally } from './findings.ts';

/** sys/proc.h: ps_flags. */
const PS_EXITING = 0x8;
const PS_PPWAIT = 0x40;
const PS_ISPWAIT = 0x80;
const PS_TRACED = 0x200;
const PS_SINGLEEXIT = 0x1000;
const PS_SINGLEUNWIND = 0x2000;
const PS_ZOMBIE = 0x4_0000;
const P_SUSPSINGLE = 0x8_0000;
/** Threads that may sleep in a call with the same file. */
const MOST_SLEEPERS = 4;
const BITS_OF_WORD = 32;

/** Looks at processes, groups, sessions, users and open files. */
export function auditProcesses(kernel: Kernel, findings: Findings): void {
  const living = [...kernel.processes()];
  const zombies = [...kernel.zombies()];
  auditCounts(kernel, living, zombies, findings);
  const threads = new Set([...kernel.threads()].map(({ address }) => address));
  for (const process of living) auditProcess(kernel, process, threads, findings);
  for (const process of zombies) {
    findings.holds('a process without PS_ZOMBIE is on zombprocess', has(process, PS_ZOMBIE));
  }
  auditFamily(kernel, [...living, ...zombies], findings);
  auditGroups(kernel, living, findings);
  auditFiles(kernel, living, findings);
}

const has = (process: View, flag: number): boolean => (process.number('ps_flags') & flag) !== 0;
const nameOf = (process: View): string => `of pid ${process.number('ps_pid')}`;

function auditCounts(
  kernel: Kernel,
  living: readonly View[],
  zombies: readonly View[],
  findings: Findings,
): void {
  const ofUser = new Tally<number>();
  for (const process of [...living, ...zombies]) {
    if (process.pointer('ps_ucred') !== 0n) ofUser.add(process.number('ps_ucred.cr_ruid'));
  }
  for (const user of hashed(kernel, 'uihashtbl', 'uihash', 'uidinfo', 'ui_hash')) {
    const uid = user.number('ui_uid');
    const counted = user.number('ui_proccnt');
    // A zombie's credentials may be gone already, but it is counted until it is waited for.
    const known = ofUser.of(uid);
    findings.holds(
      `ui_proccnt of user ${uid} is ${counted} with ${known} processes`,
      counted >= known && counted <= known + zombies.length,
    );
  }
  const ids = new Set(
    [...hashed(kernel, 'pidhashtbl', 'pidhash', 'process', 'ps_hash')].map((one) => one.address),
  );
  for (const process of living) {
    findings.holds(
      `pid ${process.number('ps_pid')} is not found by it`,
      process.number('ps_pid') === 0 || ids.has(process.address),
    );
  }
  findings.holds('allprocess and the table of pids differ', ids.size >= living.length - 1);
}

function auditProcess(kernel: Kernel, process: View, threads: ReadonlySet<bigint>, findings: Findings): void {
  const name = nameOf(process);
  findings.holds(`a zombie ${name} is on allprocess`, !has(process, PS_ZOMBIE));
  const own = [...kernel.threadsOf(process)];
  findings.equal(`ps_refcnt ${name}`, process.number('ps_refcnt'), own.length);
  for (const thread of own) {
    findings.equal(`p_p of a thread ${name}`, thread.pointer('p_p'), process.address);
    findings.holds(`a thread ${name} is not on allproc`, threads.has(thread.address));
    if (has(process, PS_EXITING)) continue;
    for (const field of ['fd', 'vmspace']) {
      findings.equal(
        `p_${field} of a thread ${name}`,
        thread.pointer(`p_${field}`),
        process.pointer(`ps_${field}`),
      );
    }
  }
  if (process.pointer('ps_single') !== 0n || has(process, PS_EXITING)) return;
  findings.holds(`PS_SINGLE flags ${name} without ps_single`, !has(process, PS_SINGLEEXIT | PS_SINGLEUNWIND));
  const suspended = own.some((thread) => (thread.number('p_flag') & P_SUSPSINGLE) !== 0);
  findings.holds(`a thread ${name} is to stop for nobody`, !suspended);
}

function auditFamily(kernel: Kernel, processes: readonly View[], findings: Findings): void {
  const byAddress = new Map(processes.map((process) => [process.address, process]));
  const children = new Tally<bigint>();
  for (const process of processes) {
    for (const child of kernel.childrenOf(process)) {
      children.add(child.address);
      findings.equal(`ps_pptr of a child ${nameOf(process)}`, child.pointer('ps_pptr'), process.address);
    }
  }
  for (const process of processes) {
    const parent = byAddress.get(process.pointer('ps_pptr'));
    const name = nameOf(process);
    if (process.number('ps_pid') !== 0) {
      findings.equal(`lists of children with the process ${name}`, children.of(process.address), 1);
    }
    if (parent === undefined) continue;
    if (has(process, PS_PPWAIT) && !has(process, PS_TRACED)) {
      findings.holds(`no parent waits for the vfork child ${name}`, has(parent, PS_ISPWAIT));
    }
    if (!has(process, PS_TRACED)) findings.equal(`ps_oppid ${name}`, process.number('ps_oppid'), 0);
  }
}

function auditGroups(kernel: Kernel, living: readonly View[], findings: Findings): void {
  const groups = [...hashed(kernel, 'pgrphashtbl', 'pgrphash', 'pgrp', 'pg_hash')];
  const known = new Set(groups.map(({ address }) => address));
  const sessions = new Tally<bigint>();
  const member = new Tally<bigint>();
  for (const group of groups) {
    sessions.add(group.pointer('pg_session'));
    const members = [...listElements(group.at('pg_members'), kernel.struct('process'), 'ps_pglist')];
    const name = `of group ${group.number('pg_id')}`;
    findings.holds(`there is no member ${name}`, members.length > 0);
    for (const process of members) {
      member.add(process.address);
      findings.equal(`ps_pgrp of a member ${name}`, process.pointer('ps_pgrp'), group.address);
    }
    findings.equal(`pg_jobc ${name}`, group.number('pg_jobc'), members.filter(controlled).length);
  }
  for (const process of living) {
    const name = nameOf(process);
    const group = process.pointer('ps_pgrp');
    findings.holds(
      `the group ${name} is not in the table`,
      known.has(group) || process.number('ps_pid') === 0,
    );
    if (known.has(group)) findings.equal(`groups with the process ${name}`, member.of(process.address), 1);
  }
  for (const [address, count] of sessions) {
    const session = kernel.struct('session').at(address);
    const terminal = session.pointer('s_ttyp');
    const held = terminal !== 0n && session.pointer('s_ttyp.t_session') === address ? 1 : 0;
    findings.equal('s_count', session.number('s_count'), count + held);
    const leader = session.pointer('s_leader');
    const alive = leader === 0n || living.some((process) => process.address === leader);
    findings.holds('the leader of a session is gone', alive);
  }
}

/** Whether the parent is in another group of the same session, and could continue the process: what pg_jobc counts. */
function controlled(process: View): boolean {
  if (process.pointer('ps_pptr') === 0n || has(process, PS_EXITING) || has(process, PS_ZOMBIE)) return false;
  const parent = process.at('ps_pptr');
  return (
    parent.pointer('ps_pgrp') !== process.pointer('ps_pgrp') &&
    parent.pointer('ps_pgrp.pg_session') === process.pointer('ps_pgrp.pg_session')
  );
}

function auditFiles(kernel: Kernel, living: readonly View[], findings: Findings): void {
  const tables = new Tally<bigint>();
  for (const process of living) if (process.pointer('ps_fd') !== 0n) tables.add(process.pointer('ps_fd'));
  const references = new Tally<bigint>();
  const seen = new Set<bigint>();
  for (const process of living) {
    const table = process.pointer('ps_fd');
    if (table === 0n || seen.has(table)) continue;
    seen.add(table);
    const name = nameOf(process);
    findings.equal(`fd_refcnt ${name}`, process.number('ps_fd.fd_refcnt'), tables.of(table));
    const files = openFiles(process);
    findings.equal(
      `fd_openfd ${name}`,
      process.number('ps_fd.fd_openfd'),
      files.filter((file) => file).length,
    );
    findings.holds(`fd_lastfile ${name} is free`, files.length === 0 || files.at(-1) !== undefined);
    const firstFree = files.indexOf(undefined);
    const lowest = firstFree < 0 ? files.length : firstFree;
    findings.holds(
      `fd_freefile ${name} lies above a free one`,
      process.number('ps_fd.fd_freefile') <= lowest,
    );
    files.forEach((file, descriptor) => {
      const word = process.number(`ps_fd.fd_lomap[${Math.floor(descriptor / BITS_OF_WORD)}]`);
      const marked = ((word >>> (descriptor % BITS_OF_WORD)) & 1) === 1;
      findings.equal(`descriptor ${descriptor} ${name} in use by fd_lomap`, marked, file !== undefined);
      if (file !== undefined) references.add(file.address);
    });
  }
  for (const [file, count] of references) {
    const counted = kernel.struct('file').at(file).number('f_count');
    // A system call in which a thread sleeps has one more.
    findings.holds(
      `f_count is ${counted} with ${count} descriptors`,
      counted >= count && counted <= count + MOST_SLEEPERS,
    );
  }
}
