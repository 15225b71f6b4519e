import {
  decodeForkFlags,
  decodePsFlags,
  describeWaitStatus,
  errorName,
  RLIMIT_NPROC,
  threadStateName,
} from '../constants.ts';
import type {
  EventOf,
  EventValue,
  FieldCopy,
  FunctionValues,
  ReturnRegisters,
  StructureCopy,
} from '../events.ts';
import type { TracedFunction } from '../function-watch.ts';
import type { Kernel } from '../kernel.ts';
import type { Fact, FactValue, ForkRole } from './report.ts';

/** What a fact may look at besides the call it is about. */
export interface FactContext {
  readonly kernel: Kernel;
  /** fork1()'s entry, when it has been seen. */
  readonly fork1: FunctionValues | undefined;
}

type Entry = FunctionValues;
type Return = EventOf<'kprobe:return'> | undefined;

/** A function whose calls the report shows. */
export interface ReportedFunction extends TracedFunction {
  /** In whose thread a call counts. */
  readonly role: ForkRole;
  /** The argument that must be the child's struct proc for the call to belong to the fork. */
  readonly about?: string;
  /** A line for the return, too. */
  readonly leaves?: true;
  /** What the line says, at the entry (`returned` undefined) and again after the return. */
  readonly facts?: (entry: Entry, returned: Return, context: FactContext) => Fact[];
  /** What the line of the return says. */
  readonly leaveFacts?: (entry: Entry, returned: NonNullable<Return>, context: FactContext) => Fact[];
}

const argument = (entry: Entry, name: string): bigint | undefined =>
  entry.arguments.find((one) => one.name === name)?.value;

const integer = (value: EventValue): number | undefined =>
  typeof value === 'number' ? value : typeof value === 'bigint' ? Number(value) : undefined;

/** A number that was read, as a fact; undefined says that it could not be read. */
function shown(value: EventValue): FactValue {
  return typeof value === 'boolean' ? Number(value) : value;
}

/** A watched value; undefined when it could not be read or there is no call to ask. */
const read = (values: FunctionValues | undefined, path: string): EventValue => values?.watched[path];
const seen = (values: FunctionValues | undefined, path: string): FactValue => shown(read(values, path));

/** The soft limit on the processes of the running thread's user. */
const PROCESS_LIMIT = `$curproc.p_p.ps_limit.pl_rlimit[${RLIMIT_NPROC}].rlim_cur`;
const RLIM_INFINITY = 2n ** 63n - 1n;

function limit(values: FunctionValues, path: string): string {
  const value = read(values, path);
  if (value === undefined) return '(not known)';
  return value === RLIM_INFINITY ? 'infinity' : String(value);
}

function named(value: EventValue, name: (number: number) => string): FactValue {
  const number = integer(value);
  return number === undefined ? undefined : name(number);
}

function symbol(context: FactContext, address: bigint | undefined): FactValue {
  if (address === undefined) return undefined;
  return address === 0n ? 'NULL' : (context.kernel.image.symbols.allAt(address)[0]?.name ?? address);
}

const flags = (names: readonly string[]): string => (names.length === 0 ? 'none' : names.join(' '));

/** "returns" for a function that answers 0 or an errno. */
function errorFact(returned: Return): Fact[] {
  const error = integer(returned?.result);
  return error === undefined || error === 0 ? [] : [{ label: 'returns', value: errorName(error) }];
}

/** What a function makes and gives back: an address. */
const madeAt = (_entry: Entry, returned: Return): Fact[] =>
  returned === undefined ? [] : [{ label: '→', value: returned.result }];

/**
 * The functions of the report with what is read in each, in the order in which a fork passes them. The names are those of
 * OpenBSD 6.6; a kernel that lacks one gets a report that says so.
 */
export const REPORTED_FUNCTIONS: readonly ReportedFunction[] = [
  {
    name: 'syscall',
    role: 'parent',
    leaves: true,
    before: ['$frame.tf_rax', '$frame.tf_rip', '$frame.tf_rsp'],
    after: ['$frame.tf_rax', '$frame.tf_rdx', '$frame.tf_rflags'],
    facts: (entry) => [
      { label: 'trapframe', value: argument(entry, 'frame') },
      { label: 'tf_rax', value: integer(read(entry, '$frame.tf_rax')) },
    ],
    leaveFacts: (entry, returned) => [
      {
        label: 'tf_rax',
        from: integer(read(entry, '$frame.tf_rax')),
        value: integer(read(returned, '$frame.tf_rax')),
      },
      { label: 'tf_rdx', value: integer(read(returned, '$frame.tf_rdx')) },
    ],
  },
  {
    name: 'mi_syscall',
    role: 'parent',
    facts: (entry, _returned, { kernel }) => {
      const code = integer(argument(entry, 'code'));
      return [
        { label: 'code', value: code, note: code === undefined ? '' : (kernel.systemCallName(code) ?? '') },
      ];
    },
  },
  {
    name: 'sys_fork',
    role: 'parent',
    before: ['$p.p_p.ps_pid', '$p.p_p.ps_ptmask'],
    facts: (entry) => [
      { label: 'p', value: argument(entry, 'p') },
      { label: 'ps_ptmask', value: seen(entry, '$p.p_p.ps_ptmask') },
    ],
  },
  { name: 'sys_vfork', role: 'parent', facts: (entry) => [{ label: 'p', value: argument(entry, 'p') }] },
  {
    name: 'sys___tfork',
    role: 'parent',
    facts: (entry) => [{ label: 'p', value: argument(entry, 'p') }],
  },
  {
    name: 'thread_fork',
    role: 'parent',
    leaves: true,
    facts: (entry) => [
      { label: 'stack', value: argument(entry, 'stack') },
      { label: 'tcb', value: argument(entry, 'tcb') },
    ],
    leaveFacts: (_entry, returned) => errorFact(returned),
  },
  {
    name: 'fork1',
    role: 'parent',
    leaves: true,
    before: ['nprocesses', 'uvmexp.forks', 'forkstat.cntfork', '$curp.p_ucred.cr_ruid'],
    after: ['uvmexp.forks', 'forkstat.cntfork', 'nthreads', 'nprocesses'],
    facts: (entry, _returned, context) => [
      { label: 'flags', value: flags(decodeForkFlags(integer(argument(entry, 'flags')) ?? 0)) },
      { label: 'func', value: symbol(context, argument(entry, 'func')) },
      { label: 'real uid', value: seen(entry, '$curp.p_ucred.cr_ruid') },
    ],
    leaveFacts: (entry, returned) => {
      const error = integer(returned.result) ?? 0;
      return [
        { label: 'returns', value: error === 0 ? 0 : errorName(error) },
        {
          label: 'uvmexp.forks',
          from: seen(entry, 'uvmexp.forks'),
          value: seen(returned, 'uvmexp.forks'),
        },
        {
          label: 'forkstat.cntfork',
          from: seen(entry, 'forkstat.cntfork'),
          value: seen(returned, 'forkstat.cntfork'),
        },
      ];
    },
  },
  {
    name: 'fork_check_maxthread',
    role: 'parent',
    before: ['nthreads', 'maxthread'],
    after: ['nthreads'],
    facts: (entry, returned) => [
      { label: 'uid', value: integer(argument(entry, 'uid')) },
      {
        label: 'nthreads',
        from: seen(entry, 'nthreads'),
        value: seen(returned, 'nthreads'),
        note: `of maxthread ${limit(entry, 'maxthread')}`,
      },
      ...errorFact(returned),
    ],
  },
  {
    name: 'chgproccnt',
    role: 'parent',
    before: ['nprocesses', 'maxprocess', PROCESS_LIMIT],
    facts: (entry, returned, { fork1 }) => [
      {
        label: 'nprocesses',
        from: seen(fork1, 'nprocesses'),
        value: seen(entry, 'nprocesses'),
        note: `of maxprocess ${limit(entry, 'maxprocess')}`,
      },
      {
        label: 'ui_proccnt',
        value: integer(returned?.result),
        note: `of RLIMIT_NPROC ${limit(entry, PROCESS_LIMIT)}`,
      },
    ],
  },
  { name: 'uvm_uarea_alloc', role: 'parent' },
  {
    name: 'thread_new',
    role: 'parent',
    after: ['$result.p_stat', '$result.p_addr'],
    facts: (_entry, returned) => [
      { label: 'struct proc', value: returned?.result },
      { label: 'p_stat', value: named(read(returned, '$result.p_stat'), threadStateName) },
      { label: 'p_addr', value: seen(returned, '$result.p_addr') },
    ],
  },
  {
    name: 'process_new',
    role: 'parent',
    after: ['$result.ps_pid', '$result.ps_flags'],
    facts: (_entry, returned) => [
      { label: 'struct process', value: returned?.result },
      { label: 'ps_pid', value: seen(returned, '$result.ps_pid') },
      {
        label: 'ps_flags',
        value: named(read(returned, '$result.ps_flags'), (word) => flags(decodePsFlags(word))),
      },
    ],
  },
  { name: 'process_initialize', role: 'parent' },
  {
    name: 'allocpid',
    role: 'parent',
    facts: (_entry, returned) => [{ label: 'pid', value: integer(returned?.result) }],
  },
  { name: 'lim_fork', role: 'parent' },
  { name: 'fdcopy', role: 'parent', facts: madeAt },
  { name: 'fdshare', role: 'parent', facts: madeAt },
  { name: 'sigactsinit', role: 'parent', facts: madeAt },
  { name: 'sigactsshare', role: 'parent', facts: madeAt },
  {
    name: 'uvmspace_fork',
    role: 'parent',
    after: ['$result.vm_dsize', '$result.vm_ssize', '$result.vm_tsize'],
    facts: (_entry, returned) => [
      { label: 'struct vmspace', value: returned?.result },
      { label: 'text', value: seen(returned, '$result.vm_tsize') },
      { label: 'data', value: seen(returned, '$result.vm_dsize') },
      { label: 'stack', value: seen(returned, '$result.vm_ssize'), note: 'pages' },
    ],
  },
  { name: 'uvmspace_share', role: 'parent', facts: madeAt },
  { name: 'cpu_fork', role: 'parent' },
  {
    name: 'alloctid',
    role: 'parent',
    facts: (_entry, returned) => [{ label: 'tid', value: integer(returned?.result) }],
  },
  {
    name: 'fork_thread_start',
    role: 'parent',
    about: 'p',
    before: ['$p.p_p.ps_flags'],
    facts: (entry) => [
      {
        label: 'ps_flags',
        value: named(read(entry, '$p.p_p.ps_flags'), (word) => flags(decodePsFlags(word))),
      },
    ],
  },
  {
    name: 'setrunqueue',
    role: 'parent',
    about: 'p',
    before: ['$p.p_stat'],
    after: ['$p.p_stat', '$p.p_runpri'],
    facts: (entry, returned) => [
      {
        label: 'p_stat',
        from: named(read(entry, '$p.p_stat'), threadStateName),
        value: named(read(returned, '$p.p_stat'), threadStateName),
      },
      { label: 'priority', value: seen(returned, '$p.p_runpri') },
    ],
  },
  {
    name: 'proc_trampoline',
    role: 'child',
    entryOnly: true,
    before: ['$curproc', '$curproc.p_stat'],
    facts: (entry) => [
      { label: 'curproc', value: seen(entry, '$curproc') },
      { label: 'p_stat', value: named(read(entry, '$curproc.p_stat'), threadStateName) },
    ],
  },
  { name: 'proc_trampoline_mp', role: 'child' },
  { name: 'fork_return', role: 'child', facts: (entry) => [{ label: 'arg', value: argument(entry, 'arg') }] },
  { name: 'child_return', role: 'child' },
  { name: 'mi_child_return', role: 'child' },
];

/** The rows of a structure that was copied: every field that is not the same, and how many are. */
export function copyFacts(copy: StructureCopy, notes: Readonly<Record<string, string>> = {}): Fact[] {
  const changed = copy.fields.filter((field) => !isSame(field));
  const same = copy.fields.filter(isSame).map(({ field }) => field);
  const rows = changed.map((field): Fact => ({ ...fieldFact(field), ...noteOf(field, notes), row: true }));
  return same.length === 0 ? rows : [...rows, { label: 'the same', value: same.join(' '), row: true }];
}

const isSame = (field: FieldCopy): boolean => ('equal' in field ? field.equal : field.from === field.to);

function fieldFact(field: FieldCopy): Fact {
  if ('equal' in field) return { label: field.field, value: `${field.size} bytes, not equal` };
  return { label: field.field, from: field.from, value: field.to };
}

function noteOf(field: FieldCopy, notes: Readonly<Record<string, string>>): { note?: string } {
  const note = notes[field.field];
  return note === undefined ? {} : { note };
}

/** What cpu_fork() did. */
export function pcbCopyFacts(event: EventOf<'proc:pcb_copy'>): Fact[] {
  const { pcb, trapframe, switchframe } = event;
  const facts: Fact[] = [];
  if (pcb !== undefined) {
    facts.push({ label: 'pcb copied', from: pcb.from, value: pcb.to });
    facts.push(...copyFacts(pcb, { pcb_rsp: 'switchframe', pcb_kstack: 'top of the kernel stack' }));
  }
  if (trapframe !== undefined) {
    facts.push({ label: 'trapframe copied', from: trapframe.from, value: trapframe.to, row: true });
    facts.push(...copyFacts(trapframe).filter(({ label }) => label !== 'the same'));
  }
  if (switchframe !== undefined) {
    facts.push({ label: 'switchframe made', value: switchframe.address, row: true });
    for (const { field, value, symbol: name } of switchframe.fields) {
      const note = name ?? (value === event.childProc ? "the child's struct proc" : undefined);
      if (value === 0n && note === undefined) continue;
      facts.push({ label: field, value, ...(note === undefined ? {} : { note }), row: true });
    }
  }
  return facts;
}

/** The lists that have the child now. */
export function listFacts(event: EventOf<'sched:fork'>): Fact[] {
  return event.lists.map(({ list, element }): Fact => {
    const isChild =
      element === event.childAddress || (element !== undefined && element === event.childProcess);
    return { label: list, value: element, note: isChild ? 'the child' : 'not the child', row: true };
  });
}

/** rax, rdx and carry of a child, before and after child_return(). */
export function childReturnFacts({ before, after }: EventOf<'proc:child_return'>): Fact[] {
  return [
    { label: 'rax', from: small(before?.rax), value: small(after?.rax) },
    { label: 'rdx', from: small(before?.rdx), value: small(after?.rdx) },
    { label: 'carry', from: bit(before?.carry), value: bit(after?.carry) },
  ];
}

/** What user mode gets. */
export function returnFacts({ rax, rdx, carry }: ReturnRegisters): Fact[] {
  const answer: Fact = carry
    ? { label: 'rax', value: errorName(Number(rax)) }
    : { label: 'rax', value: small(rax) };
  return [answer, { label: 'rdx', value: small(rdx) }, { label: 'carry', value: bit(carry) }];
}

/** A register that may hold a number: those below 2^32 are shown in decimal. */
function small(value: bigint | undefined): FactValue {
  return value !== undefined && value < 2n ** 32n ? Number(value) : value;
}

const bit = (value: boolean | undefined): FactValue => (value === undefined ? undefined : Number(value));

/** A wait status as number and words. */
export function statusFact(status: number | undefined): Fact {
  if (status === undefined) return { label: 'status', value: 'not asked for' };
  return { label: 'status', value: status, note: describeWaitStatus(status) };
}
