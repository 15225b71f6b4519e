import { hex } from '../hexadecimal.ts';
import type { Census } from './census.ts';
import type { Findings } from './findings.ts';
import { refer } from './findings.ts';
import { chains, listMembers } from './lists.ts';
import type { Structures } from './structures.ts';

/** SIGKILL and SIGSTOP in a sigset_t. */
const NEVER_BLOCKED = (1 << 8) | (1 << 16);
const P_WEXIT = 0x2000;
const PS_NOZOMBIE = 0x4000;
const PS_EMBRYO = 0x2_0000;
const PS_ZOMBIE = 0x4_0000;

/** Processes: hashes, families, threads, counts. */
export function checkProcesses(s: Structures, census: Census, findings: Findings): void {
  checkThreads(s, census, findings);
  checkHashes(s, census, findings);
  checkFamilies(s, census, findings);
  checkUsers(s, census, findings);
}

function checkThreads(
  s: Structures,
  { threadsOf, threads, dead, processes }: Census,
  findings: Findings,
): void {
  const owner = s.field('proc', 'p_p');
  const refcount = s.field('process', 'ps_refcnt');
  const nameless = new Set(threads);
  for (const [process, own] of threadsOf) {
    for (const thread of own) {
      nameless.delete(thread);
      if (s.pointer(thread, owner) !== process) {
        findings.add('thread owner', `the thread at ${hex(thread)} is in ps_threads of another process`);
      }
      checkThread(s, process, thread, findings);
    }
    // A main thread that has ended is on no list and still counts.
    const most = Math.max(1, own.length + 1);
    const kept = s.number(process, refcount);
    if (kept < Math.max(1, own.length) || kept > most) {
      findings.add(
        'ps_refcnt',
        `${nameOf(s, process)}: ps_refcnt is ${kept}, and it has ${own.length} threads`,
      );
    }
  }
  for (const thread of nameless) {
    // One that exits leaves its process's list first, and may have to wait for others then.
    if ((s.number(thread, s.field('proc', 'p_flag')) & P_WEXIT) !== 0) continue;
    findings.add(
      'thread owner',
      `the thread at ${hex(thread)} is in allproc, and in no process's ps_threads`,
    );
  }
  const mainThread = s.field('process', 'ps_mainproc');
  const known = new Set([...threads, ...dead, ...processes.map((one) => s.pointer(one, mainThread))]);
  findings.compare('nthreads', 'nthreads', s.int(s.global('nthreads')), known.size);
}

/** What a thread has of its process's, for speed, and what no thread may hold back. */
function checkThread(s: Structures, process: bigint, thread: bigint, findings: Findings): void {
  const caches = [
    ['p_vmspace', 'ps_vmspace'],
    ['p_fd', 'ps_fd'],
  ] as const;
  for (const [own, whole] of caches) {
    const cached = s.pointer(thread, s.field('proc', own));
    // A thread that exits has none any more.
    if (cached === 0n || cached === s.pointer(process, s.field('process', whole))) continue;
    findings.add(
      own,
      `${nameOf(s, process)}: ${own} of a thread is ${hex(cached)}, which is not the process's ${whole}`,
    );
  }
  const mask = s.number(thread, s.field('proc', 'p_sigmask'));
  if ((mask & NEVER_BLOCKED) !== 0) {
    findings.add(
      'p_sigmask',
      `${nameOf(s, process)}: a thread holds back SIGKILL or SIGSTOP (p_sigmask ${mask.toString(16)})`,
    );
  }
}

/** Every living process and thread can be found by its number, and nothing else. */
function checkHashes(s: Structures, { living, threads }: Census, findings: Findings): void {
  const hashes = [
    {
      name: 'pidhash',
      table: 'pidhashtbl',
      structure: 'process',
      link: 'ps_hash',
      id: 'ps_pid',
      all: living,
    },
    { name: 'tidhash', table: 'tidhashtbl', structure: 'proc', link: 'p_hash', id: 'p_tid', all: threads },
  ] as const;
  for (const { name, table, structure, link, id, all } of hashes) {
    const mask = s.word(s.global(name));
    const idField = s.field(structure, id);
    const missing = new Set(all);
    for (const { index, head } of chains(s, s.word(s.global(table)), mask)) {
      const place = { name, head, link: s.field(structure, link).offset };
      for (const element of listMembers(s, place, findings)) {
        const number = s.number(element, idField);
        if (!missing.delete(element)) {
          findings.add(
            name,
            `${structure} ${number} at ${hex(element)} is in ${name} and in no list of living ones`,
          );
        }
        if ((BigInt(number) & mask) !== BigInt(index)) {
          findings.add(name, `${structure} ${number} is in chain ${index} of ${name}`);
        }
      }
    }
    for (const element of missing) {
      // proc0 and process0 are never looked up.
      if (s.number(element, idField) === 0) continue;
      findings.add(name, `${structure} ${s.number(element, idField)} at ${hex(element)} is not in ${name}`);
    }
  }
}

/** Parents, children and flags. */
function checkFamilies(s: Structures, { living, zombies, processes }: Census, findings: Findings): void {
  const children = s.field('process', 'ps_children').offset;
  const sibling = s.field('process', 'ps_sibling').offset;
  const parent = s.field('process', 'ps_pptr');
  const flags = s.field('process', 'ps_flags');
  const first = s.global('process0');
  const orphans = new Set(processes);
  orphans.delete(first);
  for (const process of processes) {
    const place = { name: 'ps_children', head: process + BigInt(children), link: sibling };
    for (const child of listMembers(s, place, findings)) {
      const known = orphans.delete(child);
      // Between its exit and the reaper, who leaves no zombie is on neither list.
      if (!known && (s.number(child, flags) & PS_NOZOMBIE) === 0) {
        findings.add('family', `${hex(child)} is a child of ${nameOf(s, process)}, and no process`);
      }
      if (s.pointer(child, parent) !== process) {
        findings.add(
          'family',
          `${nameOf(s, child)} is a child of ${nameOf(s, process)} and has another parent`,
        );
      }
    }
  }
  for (const process of orphans) {
    if ((s.number(process, flags) & PS_EMBRYO) !== 0) continue;
    findings.add('family', `${nameOf(s, process)} is nobody's child`);
  }
  for (const process of living) {
    if ((s.number(process, flags) & PS_ZOMBIE) !== 0) {
      findings.add('zombie', `${nameOf(s, process)} is a zombie and in allprocess`);
    }
  }
  const leaving = zombies.length + living.length;
  const kept = s.int(s.global('nprocesses'));
  if (kept < leaving) findings.compare('nprocesses', 'nprocesses', kept, leaving);
}

/** Processes of each user. */
function checkUsers(s: Structures, { processes }: Census, findings: Findings): void {
  const owned = new Map<bigint, number>();
  for (const process of processes) {
    const cred = s.pointer(process, s.field('process', 'ps_ucred'));
    refer(owned, BigInt(s.number(cred, s.field('ucred', 'cr_ruid'))) + 1n);
  }
  const mask = s.word(s.global('uihash'));
  for (const { head } of chains(s, s.word(s.global('uihashtbl')), mask)) {
    const link = s.field('uidinfo', 'ui_hash').offset;
    for (const info of listMembers(s, { name: 'uihash', head, link }, findings)) {
      const uid = s.number(info, s.field('uidinfo', 'ui_uid'));
      const kept = s.number(info, s.field('uidinfo', 'ui_proccnt'));
      findings.compare('ui_proccnt', `ui_proccnt of user ${uid}`, kept, owned.get(BigInt(uid) + 1n) ?? 0);
    }
  }
}

/** For reports: `ksh (4711)`. */
export function nameOf(s: Structures, process: bigint): string {
  const comm = s.text(process + BigInt(s.field('process', 'ps_comm').offset));
  return `${comm} (${s.number(process, s.field('process', 'ps_pid'))})`;
}
