import { hex } from '../hexadecimal.ts';
import { type Findings, refer } from './findings.ts';
import { PS_EXITING, PS_ZOMBIE } from './flags.ts';
import { chains, listMembers } from './lists.ts';
import { nameOf, type Population } from './population.ts';
import type { Structures } from './structures.ts';

/** Process groups and sessions: members, and who could continue a stopped job. */
export function checkGroups(s: Structures, { processes, living }: Population, findings: Findings): void {
  const groupOf = s.field('process', 'ps_pgrp');
  const sessionOf = s.field('pgrp', 'pg_session');
  const membersHead = s.field('pgrp', 'pg_members').offset;
  const memberLink = s.field('process', 'ps_pglist').offset;
  const mask = s.word(s.global('pgrphash'));
  const groups = new Set<bigint>();
  const sessions = new Map<bigint, number>();
  const outside = new Set(processes);
  for (const { index, head } of chains(s, s.word(s.global('pgrphashtbl')), mask)) {
    const place = { name: 'pgrphash', head, link: s.field('pgrp', 'pg_hash').offset };
    for (const group of listMembers(s, place, findings)) {
      groups.add(group);
      refer(sessions, s.pointer(group, sessionOf));
      const id = s.number(group, s.field('pgrp', 'pg_id'));
      if ((BigInt(id) & mask) !== BigInt(index)) findings.add('pgrphash', `group ${id} is in chain ${index}`);
      const list = { name: 'pg_members', head: group + BigInt(membersHead), link: memberLink };
      const members = listMembers(s, list, findings);
      if (members.length === 0) findings.add('group', `group ${id} has no member`);
      for (const member of members) {
        outside.delete(member);
        if (s.pointer(member, groupOf) !== group) {
          findings.add('group', `${nameOf(s, member)} is a member of group ${id} and says it is in another`);
        }
      }
    }
  }
  for (const process of outside) {
    findings.add(
      'group',
      `${nameOf(s, process)} is a member of no group (ps_pgrp ${hex(s.pointer(process, groupOf))})`,
    );
  }
  // A terminal holds the session that it controls.
  const terminals = new Set([...sessions.keys()].map((one) => s.pointer(one, s.field('session', 's_ttyp'))));
  terminals.delete(0n);
  for (const tty of terminals) refer(sessions, s.pointer(tty, s.field('tty', 't_session')));
  findings.references('session', sessions, (at) => s.number(at, s.field('session', 's_count')), true);
  const alive = new Set([0n, ...living]);
  for (const session of sessions.keys()) {
    const leader = s.pointer(session, s.field('session', 's_leader'));
    if (!alive.has(leader)) {
      findings.add(
        's_leader',
        `the session at ${hex(session)} is led by ${hex(leader)}, which is no process`,
      );
    }
  }
  if (outside.size === 0) checkJobControl(s, processes, groups, findings);
}

/** pg_jobc: living members whose parent is in another group of the same session. */
function checkJobControl(
  s: Structures,
  processes: readonly bigint[],
  groups: ReadonlySet<bigint>,
  findings: Findings,
): void {
  const groupOf = s.field('process', 'ps_pgrp');
  const sessionOf = s.field('pgrp', 'pg_session');
  const flags = s.field('process', 'ps_flags');
  const parentOf = s.field('process', 'ps_pptr');
  const found = new Map<bigint, number>([...groups].map((group) => [group, 0]));
  for (const process of processes) {
    // Who exits has taken its part out of the counts.
    if ((s.number(process, flags) & (PS_ZOMBIE | PS_EXITING)) !== 0) continue;
    const group = s.pointer(process, groupOf);
    const parent = s.pointer(process, parentOf);
    if (parent === 0n) continue;
    const other = s.pointer(parent, groupOf);
    if (other === group || s.pointer(other, sessionOf) !== s.pointer(group, sessionOf)) continue;
    if ((s.number(parent, flags) & PS_EXITING) !== 0) continue;
    refer(found, group);
  }
  for (const [group, count] of found) {
    const id = s.number(group, s.field('pgrp', 'pg_id'));
    findings.compare('pg_jobc', `pg_jobc of group ${id}`, s.number(group, s.field('pgrp', 'pg_jobc')), count);
  }
}
