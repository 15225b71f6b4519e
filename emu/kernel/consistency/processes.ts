import { hex } from '../hexadecimal.ts';
import { type Findings, refer } from './findings.ts';
import { PS_EMBRYO, PS_ISPWAIT, PS_NOZOMBIE, PS_PPWAIT, PS_TRACED, PS_ZOMBIE } from './flags.ts';
import { chains, listMembers } from './lists.ts';
import { nameOf, type Population } from './population.ts';
import type { Structures } from './structures.ts';

/** Processes: hashes, families, counts. */
export function checkProcesses(s: Structures, population: Population, findings: Findings): void {
  checkHashes(s, population, findings);
  checkFamilies(s, population, findings);
  checkUsers(s, population, findings);
}

/** Every living process and thread can be found by its number, and nothing else. */
function checkHashes(s: Structures, { living, threads }: Population, findings: Findings): void {
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
function checkFamilies(s: Structures, { living, zombies, processes }: Population, findings: Findings): void {
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
    checkParent(s, process, findings);
  }
  for (const process of zombies) {
    if ((s.number(process, flags) & PS_ZOMBIE) === 0) {
      findings.add('zombie', `${nameOf(s, process)} is in zombprocess and not marked as a zombie`);
    }
  }
  const leaving = zombies.length + living.length;
  const kept = s.int(s.global('nprocesses'));
  if (kept < leaving) findings.compare('nprocesses', 'nprocesses', kept, leaving);
}

/** What a process and its parent, or its debugger, know of each other. */
function checkParent(s: Structures, process: bigint, findings: Findings): void {
  const flagsField = s.field('process', 'ps_flags');
  const flags = s.number(process, flagsField);
  const parent = s.pointer(process, s.field('process', 'ps_pptr'));
  if ((flags & PS_TRACED) !== 0 || parent === 0n) return;
  // The flag is one for all: when several threads wait, each for its child, the first child clears it. Threads that have ended count,
  // and the child may be init's by then.
  const threads = s.number(parent, s.field('process', 'ps_refcnt'));
  const own = parent !== s.word(s.global('initprocess'));
  const alone = own && threads === 1 && s.pointer(parent, s.field('process', 'ps_ru')) === 0n;
  if (alone && (flags & PS_PPWAIT) !== 0 && (s.number(parent, flagsField) & PS_ISPWAIT) === 0) {
    findings.add('vfork', `no parent waits for the vfork child ${nameOf(s, process)}`);
  }
  const before = s.number(process, s.field('process', 'ps_oppid'));
  if (before !== 0) {
    findings.add('ps_oppid', `${nameOf(s, process)}: ps_oppid is ${before}, and nobody traces it`);
  }
}

/** Processes of each user. */
function checkUsers(s: Structures, { processes }: Population, findings: Findings): void {
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
