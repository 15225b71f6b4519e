import { decodePFlag, decodePsFlags, type Kernel, threadStateName, type View } from '../../kernel/index.ts';
import { definitions, table } from './table.ts';

/** A thread of the process table. */
export interface ThreadRow {
  /** `p_tid`. */
  readonly tid: number;
  /** `ps_pid`. */
  readonly pid: number;
  readonly parent: number | undefined;
  /** `p_stat` by name. */
  readonly state: string;
  /** `p_wmesg` of a thread that sleeps. */
  readonly wait: string | undefined;
  readonly priority: number;
  readonly command: string;
  /** Address of its struct proc. */
  readonly proc: bigint;
  readonly isCurrent: boolean;
}

/** Every thread of every process, the newest first, then zombies, which have none. */
export function threadRows(kernel: Kernel): ThreadRow[] {
  const current = kernel.currentThread()?.address;
  const rows: ThreadRow[] = [];
  for (const process of [...kernel.processes(), ...kernel.zombies()]) {
    const common = {
      pid: process.number('ps_pid'),
      parent: process.pointer('ps_pptr') === 0n ? undefined : process.number('ps_pptr.ps_pid'),
      command: process.text('ps_comm') ?? '',
    };
    const threads = [...kernel.threadsOf(process)];
    if (threads.length === 0)
      rows.push({
        ...common,
        tid: 0,
        state: 'SZOMB',
        wait: undefined,
        priority: 0,
        proc: 0n,
        isCurrent: false,
      });
    for (const thread of threads) {
      const state = threadStateName(thread.number('p_stat'));
      rows.push({
        ...common,
        tid: thread.number('p_tid'),
        state,
        wait: state === 'SSLEEP' ? thread.text('p_wmesg') : undefined,
        priority: thread.number('p_priority'),
        proc: thread.address,
        isCurrent: thread.address === current,
      });
    }
  }
  return rows;
}

export function renderThreads(rows: readonly ThreadRow[]): string {
  return table(
    ['', 'TID', 'PID', 'PPID', 'STATE', 'WAIT', 'PRI', 'COMMAND', 'STRUCT PROC'],
    rows.map((row) => [
      row.isCurrent ? '*' : '',
      row.tid === 0 ? '-' : `${row.tid}`,
      `${row.pid}`,
      row.parent === undefined ? '-' : `${row.parent}`,
      row.state,
      row.wait ?? '-',
      `${row.priority}`,
      row.command,
      row.proc === 0n ? '-' : `0x${row.proc.toString(16)}`,
    ]),
  );
}

/** One process, as a person asks for it. */
export interface ProcessView {
  readonly address: bigint;
  readonly pid: number;
  readonly command: string;
  readonly flags: readonly string[];
  readonly parent: number | undefined;
  readonly children: readonly number[];
  readonly processGroup: number | undefined;
  readonly session: number | undefined;
  readonly uid: number;
  readonly vmspace: bigint;
  readonly threads: readonly {
    readonly address: bigint;
    readonly tid: number;
    readonly state: string;
    readonly flags: readonly string[];
    readonly wait: string | undefined;
    readonly trapframe: bigint;
    readonly uarea: bigint;
  }[];
}

/** Throws KernelError when this kernel's structures are of another kind. */
export function processView(kernel: Kernel, process: View): ProcessView {
  const group = process.pointer('ps_pgrp');
  const leader = group === 0n ? 0n : process.pointer('ps_pgrp.pg_session.s_leader');
  return {
    address: process.address,
    pid: process.number('ps_pid'),
    command: process.text('ps_comm') ?? '',
    flags: decodePsFlags(process.number('ps_flags')),
    parent: process.pointer('ps_pptr') === 0n ? undefined : process.number('ps_pptr.ps_pid'),
    children: [...kernel.childrenOf(process)].map((child) => child.number('ps_pid')),
    processGroup: group === 0n ? undefined : process.number('ps_pgrp.pg_id'),
    session: leader === 0n ? undefined : process.number('ps_pgrp.pg_session.s_leader.ps_pid'),
    uid: process.number('ps_ucred.cr_uid'),
    vmspace: process.pointer('ps_vmspace'),
    threads: [...kernel.threadsOf(process)].map((thread) => {
      const state = threadStateName(thread.number('p_stat'));
      return {
        address: thread.address,
        tid: thread.number('p_tid'),
        state,
        flags: decodePFlag(thread.number('p_flag')),
        wait: state === 'SSLEEP' ? thread.text('p_wmesg') : undefined,
        trapframe: thread.pointer('p_md.md_regs'),
        uarea: thread.pointer('p_addr'),
      };
    }),
  };
}

export function renderProcess(view: ProcessView): string {
  const hex = (value: bigint): string => `0x${value.toString(16)}`;
  const none = (value: number | undefined): string => (value === undefined ? 'none' : `${value}`);
  const lines = definitions([
    ['struct process', `${hex(view.address)}  pid ${view.pid}  ${view.command}`],
    ['ps_flags', view.flags.join(' ') || '0'],
    ['parent', none(view.parent)],
    ['children', view.children.join(' ') || 'none'],
    ['group, session', `${none(view.processGroup)}, ${none(view.session)}`],
    ['uid', `${view.uid}`],
    ['vmspace', hex(view.vmspace)],
  ]);
  const threads = view.threads.map((thread) =>
    definitions([
      [
        'struct proc',
        `${hex(thread.address)}  tid ${thread.tid}  ${thread.state}${thread.wait === undefined ? '' : ` on ${thread.wait}`}`,
      ],
      ['  p_flag', thread.flags.join(' ') || '0'],
      ['  trapframe', hex(thread.trapframe)],
      ['  uarea', hex(thread.uarea)],
    ]),
  );
  return lines + threads.join('');
}
