import { beforeAll, expect, it } from 'vitest';
import {
  type Fact,
  ForkRecorder,
  type ForkReport,
  type ForkStep,
  KernelTracer,
  programPlaces,
  renderForkReport,
  toJson,
} from '../../emu/kernel/index.ts';
import { describeWithOracle } from '../oracles/require.ts';
import { gcc } from './support/fixture-kernel.ts';
import { type Booted, BUDGET, boot, type Guest, programFile, readGuest } from './support/guest.ts';

/** Runs commands and reports their forks. */
function record(
  guest: Guest,
  commands: readonly string[],
  from: 'prompt' | 'power-on' = 'prompt',
): { reports: readonly ForkReport[]; booted: Booted } {
  const booted = boot(guest, commands);
  const recorder = new ForkRecorder(new KernelTracer(booted.kernel), {
    from,
    userPlace: programPlaces(programFile),
  });
  expect(booted.machine.run({ budget: BUDGET }).reason).toBe('inputEnd');
  recorder.finish();
  return { reports: recorder.reports, booted };
}

function step(report: ForkReport, name: string, kind: ForkStep['kind'] = 'enter'): ForkStep {
  const found = report.steps.find((one) => one.name === name && one.kind === kind);
  if (found === undefined) throw new Error(`the report has no step ${name}`);
  return found;
}

function fact(
  report: ForkReport,
  name: string,
  label: string,
  kind: ForkStep['kind'] = 'enter',
): Fact | undefined {
  return step(report, name, kind).facts.find((one) => one.label === label);
}

describeWithOracle(gcc, 'the report of a fork', () => {
  let guest: Guest;
  let ls: ForkReport;
  let booted: Booted;
  beforeAll(async () => {
    guest = await readGuest();
    const run = record(guest, ['ls']);
    expect(run.reports).toHaveLength(1);
    ls = run.reports[0] as ForkReport;
    booted = run.booted;
  });

  it('has what happened in the order in which it happened', () => {
    expect(ls.outcome).toBe('waited');
    expect(ls.missing).toEqual([]);
    expect(ls.steps.flatMap(({ name, missing }) => missing.map((text) => `${name}: ${text}`))).toEqual([]);
    expect(ls.steps.map(({ kind, name, role }) => `${role} ${kind} ${name}`)).toEqual([
      'parent user fork: SYSCALL',
      'parent enter Xsyscall',
      'parent enter syscall',
      'parent enter mi_syscall',
      'parent enter sys_fork',
      'parent enter fork1',
      'parent enter fork_check_maxthread',
      'parent enter chgproccnt',
      'parent enter uvm_uarea_alloc',
      'parent enter thread_new',
      'parent enter process_new',
      'parent enter process_initialize',
      'parent enter allocpid',
      'parent enter lim_fork',
      'parent enter fdcopy',
      'parent enter sigactsinit',
      'parent enter uvmspace_fork',
      'parent enter cpu_fork',
      'parent enter alloctid',
      'parent enter fork_thread_start',
      'parent enter setrunqueue',
      'parent leave fork1',
      'parent leave syscall',
      'parent user user mode, ksh (parent)',
      'parent enter cpu_switchto',
      'child enter proc_trampoline',
      'child enter proc_trampoline_mp',
      'child enter fork_return',
      'child enter child_return',
      'child enter mi_child_return',
      'child user user mode, ksh (child)',
      'child enter sys_execve',
      'child enter exit1',
      'parent leave dowait4',
    ]);
    expect(ls.steps.map(({ position }) => position)).toEqual(
      ls.steps.map(({ position }) => position).toSorted((a, b) => a - b),
    );
  });

  it('names files and lines where the functions really begin', () => {
    for (const one of ls.steps) {
      if (one.kind === 'user') continue;
      const address = guest.image.address(one.name);
      const place = guest.image.place(address);
      expect([one.name, one.file, one.line]).toEqual([one.name, place.file, place.line]);
    }
    expect(step(ls, 'fork1').file).toBe('guest/sys/kern/kern_fork.c');
    expect(step(ls, 'fork: SYSCALL', 'user').file).toBe('guest/lib/libc/arch/amd64/syscalls.S');
  });

  it('counts the new thread and the new process, and gives them back after the wait', () => {
    const threads = fact(ls, 'fork_check_maxthread', 'nthreads');
    expect(threads?.value).toBe((threads?.from as number) + 1);
    expect(threads?.note).toBe(`of maxthread ${booted.kernel.global('maxthread').number()}`);
    const processes = fact(ls, 'chgproccnt', 'nprocesses');
    expect(processes?.value).toBe((processes?.from as number) + 1);
    expect(booted.kernel.global('nthreads').number()).toBe(threads?.from);
    expect(booted.kernel.global('nprocesses').number()).toBe(processes?.from);
    expect(fact(ls, 'fork1', 'uvmexp.forks', 'leave')?.value).toBe(
      booted.kernel.global('uvmexp').get('forks'),
    );
  });

  it('gives the child a machine state that begins in proc_trampoline and a kernel stack of its own', () => {
    const value = (label: string) => fact(ls, 'cpu_fork', label)?.value as bigint;
    const uarea = fact(ls, 'uvm_uarea_alloc', '→');
    expect(uarea?.note).toBe('6 pages');
    expect(value('pcb copied')).toBe(uarea?.value);
    // The fact sheet of cpu_fork(): 176 bytes of trapframe, below it 56 of switchframe.
    expect(value('trapframe copied')).toBe(value('pcb_kstack') - 176n);
    expect(value('pcb_rsp')).toBe(value('trapframe copied') - 56n);
    expect(value('switchframe made')).toBe(value('pcb_rsp'));
    expect(value('pcb_rbp')).toBe(0n);
    expect(value('pcb_kstack') - (uarea?.value as bigint)).toBeLessThan(6n * 4096n);
    expect(fact(ls, 'cpu_fork', 'pcb_cr3')?.from).not.toBe(value('pcb_cr3'));
    expect(fact(ls, 'cpu_fork', 'sf_rip')?.note).toBe('proc_trampoline');
    expect(fact(ls, 'cpu_fork', 'sf_r12')?.note).toBe('fork_return');
    expect(value('sf_r13')).toBe(fact(ls, 'thread_new', 'struct proc')?.value);
    expect(fact(ls, 'cpu_fork', 'the same')?.value).toBe('pcb_savefpu pcb_fsbase pcb_onfault');
  });

  it('follows the child through its states and puts it first on every list', () => {
    expect(fact(ls, 'thread_new', 'p_stat')?.value).toBe('SIDL');
    expect(fact(ls, 'process_new', 'ps_flags')?.value).toBe('PS_CONTROLT PS_EMBRYO');
    expect(fact(ls, 'fork_thread_start', 'ps_flags')?.value).toBe('PS_CONTROLT');
    expect(fact(ls, 'setrunqueue', 'p_stat')).toMatchObject({ from: 'SIDL', value: 'SRUN' });
    expect(fact(ls, 'proc_trampoline', 'p_stat')?.value).toBe('SONPROC');
    const lists = step(ls, 'fork_thread_start').facts.filter(({ row }) => row);
    expect(lists).toHaveLength(6);
    for (const list of lists) expect(list.note).toBe('the child');
  });

  it('answers the parent with the pid and the child with 0 at the same place', () => {
    const pid = fact(ls, 'process_new', 'ps_pid')?.value as number;
    expect([ls.childPid, ls.child?.pid]).toEqual([pid, pid]);
    expect(fact(ls, 'syscall', 'tf_rax', 'leave')).toMatchObject({ from: 2, value: pid });
    const [parent, child] = ['parent', 'child'].map((role) =>
      Object.fromEntries(
        step(ls, `user mode, ksh (${role})`, 'user').facts.map(({ label, value }) => [label, value]),
      ),
    );
    expect(parent).toMatchObject({ rax: pid, rdx: 0, carry: 0 });
    expect(child).toMatchObject({ rip: parent?.rip, rax: 0, rdx: 1, carry: 0 });
    expect(fact(ls, 'child_return', 'rax')).toMatchObject({ from: 2, value: 0 });
    expect(fact(ls, 'sys_execve', 'path')?.value).toBe('/bin/ls');
    expect(fact(ls, 'sys_execve', 'ps_comm')?.value).toBe('ls');
    expect(fact(ls, 'dowait4', 'pid', 'leave')?.value).toBe(pid);
  });

  it('keeps forks apart that are under way at the same time', () => {
    const { reports } = record(guest, ['echo one two | cat | wc', '(exit 3)']);
    expect(reports.map(({ outcome }) => outcome)).toEqual(Array(4).fill('waited'));
    expect(new Set(reports.map(({ childPid }) => childPid)).size).toBe(4);
    const paths = reports.map(
      (report) => report.steps.find(({ name }) => name === 'sys_execve')?.facts[0]?.value,
    );
    expect(paths.toSorted()).toEqual(['/bin/cat', '/bin/echo', '/usr/bin/wc', undefined]);
    for (const report of reports) {
      for (const name of ['fork1', 'cpu_fork', 'setrunqueue', 'cpu_switchto', 'child_return', 'exit1']) {
        expect(report.steps.filter((one) => one.name === name && one.kind === 'enter')).toHaveLength(1);
      }
      expect(report.missing).toEqual([]);
    }
    expect(reports.map((report) => fact(report, 'exit1', 'status')?.note)).toContain('exit 3');
  });

  it('can begin at power-on, with the processes that the kernel makes', () => {
    const { reports } = record(guest, [], 'power-on');
    const init = reports.find(({ childPid }) => childPid === 1);
    expect(init?.call).toBe('fork1');
    expect(fact(init as ForkReport, 'fork1', 'func')?.value).toBe('start_init');
    expect(fact(init as ForkReport, 'sys_execve', 'path')?.value).toBe('/sbin/init');
    expect(reports.some(({ call, parent }) => call === 'fork' && parent?.pid === 1)).toBe(true);
    expect(reports.every(({ outcome }) => outcome === 'unfinished')).toBe(true);
  });

  it('begins after the first prompt unless told otherwise', () => {
    expect(record(guest, []).reports).toEqual([]);
  });

  it('fits the page, with colours only when asked', () => {
    for (const width of [80, 100, 132]) {
      const text = renderForkReport(ls, { width });
      expect(text).not.toContain('\u001b');
      expect(text).toContain('sys_fork');
      expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(width);
    }
    const colored = renderForkReport(ls, { width: 132, color: true });
    expect(colored).toContain('\u001b[1m');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the escape sequences
    expect(colored.replaceAll(/\u001b\[\d+m/g, '')).toBe(renderForkReport(ls, { width: 132 }));
  });

  it('is plain data', () => {
    const back = JSON.parse(toJson(ls)) as ForkReport;
    expect(back.schema).toBe('puffer-fork-report');
    expect(back.steps).toHaveLength(ls.steps.length);
    const pcb = back.steps.find(({ name }) => name === 'cpu_fork')?.facts[0];
    const address = fact(ls, 'cpu_fork', 'pcb copied')?.value as bigint;
    expect(pcb?.value).toBe(`0x${address.toString(16)}`);
  });
});
