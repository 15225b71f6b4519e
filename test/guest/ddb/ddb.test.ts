import { beforeAll, describe, expect, it } from 'vitest';
import { Machine } from '../../../emu/index.ts';
import { guestImage, type ImageContents } from '../../../emu/vitest/guest-image.ts';
import { AT_DDB, AT_SHELL, DDB_COMMAND_LINE } from './ddb-script.ts';
import { DdbConsole } from './puffer-console.ts';

const boot = async (commandLine = DDB_COMMAND_LINE, setup: ImageContents = {}): Promise<DdbConsole> =>
  new DdbConsole(Machine.create({ ...(await guestImage(setup)), commandLine }));

/** The functions of a trace, in order, and the lines about entries. */
const functionsOf = (trace: string): string[] =>
  trace.split('\n').flatMap((line) => {
    const match = /^(\w+)\(\) at \1\+0x[0-9a-f]+$/.exec(line);
    if (match?.[1] !== undefined) return [match[1]];
    return line.startsWith('---') ? [line] : [];
  });

describe('ddb, entered by a break on the console', () => {
  let console: DdbConsole;
  beforeAll(async () => {
    console = await boot();
    console.until(AT_SHELL);
    // The shell waits for a line; the processor is idle.
    console.rest();
    expect(console.breakIn()).toMatch(/^Stopped at {6}db_enter\+0x1\nddb> $/);
  });

  it('should trace from the interrupt handler into the idle loop that it came upon', () => {
    expect(functionsOf(console.ddb('trace'))).toEqual([
      'db_enter',
      'comintr',
      'intr_run',
      'intr_handler',
      '--- interrupt ---',
      'cpu_idle_cycle',
      'sched_idle',
      'proc_trampoline',
    ]);
  });

  it('should trace a thread that sleeps, by its process, through the system call it is in', () => {
    const init = [...console.machine.kernel.processes()].find((one) => one.number('ps_pid') === 1);
    expect(init?.number('ps_pid')).toBe(1);
    expect(functionsOf(console.ddb('trace /p 1'))).toEqual([
      'mi_switch',
      'sleep_finish',
      'tsleep',
      'dowait4',
      'sys_wait4',
      'mi_syscall',
      'syscall',
      '--- syscall (number 11) ---',
    ]);
    expect(console.ddb('trace /p 1,3')).toMatch(/^mi_switch.*\nsleep_finish.*\ntsleep.*\nend trace frame/);
  });

  it('should trace a thread by its tid, and a stack by a frame address', () => {
    const thread = [...console.machine.kernel.threads()].find((one) => one.text('p_p.ps_comm') === 'reaper');
    const tid = (thread?.number('p_tid') ?? 0) + 100_000;
    expect(functionsOf(console.ddb(`trace /t 0t${tid}`))).toEqual([
      'mi_switch',
      'sleep_finish',
      'tsleep',
      'reaper',
      'proc_trampoline',
    ]);
    expect(console.ddb('trace /t 0t1')).toBe('not found\n');
    expect(functionsOf(console.ddb('trace $rbp'))).toEqual([
      'intr_run',
      'intr_handler',
      '--- interrupt ---',
      'cpu_idle_cycle',
      'sched_idle',
      'proc_trampoline',
    ]);
    expect(console.ddb('trace 8')).toBe('no frame there\n');
  });

  it('should list processes and kernel threads, with a star at the one that runs', () => {
    const lines = console.ddb('ps').trimEnd().split('\n');
    expect(lines[0]).toBe('   PID     TID   PPID    UID  S       FLAGS  WAIT          COMMAND');
    const rows = lines.slice(1).map((line) => line.replace('*', ' * ').trim().split(/\s+/));
    expect(rows.map((row) => row.at(-1))).toEqual(['ksh', 'reaper', 'softclock', 'idle0', 'init', 'swapper']);
    expect(rows.filter((row) => row[0] === '*').map((row) => row.at(-1))).toEqual(['idle0']);
    expect(lines[1]).toMatch(/^ 80270 +\d{6} +1 +0 {2}3 +0x83 {2}ttyin +ksh$/);
    expect(console.ddb('ps /o').trimEnd().split('\n')).toHaveLength(2);
    expect(console.ddb('ps /w')).toMatch(/ksh +native +0xf[0-9a-f]+ {2}ttyin\n/);
    expect(console.ddb('ps /z')).toBe('usage: show all procs [/a] [/n] [/o] [/w]\n');
  });

  it('should head each list of threads with the names of its columns', () => {
    const heading = (command: string): string => console.ddb(command).split('\n')[0] ?? '';
    const first = '   PID     TID   PPID    UID  S       FLAGS  WAIT          COMMAND';
    expect(heading('ps')).toBe(first);
    expect(heading('ps /n')).toBe(first);
    expect(heading('ps /a')).toBe(
      '    TID  COMMAND               STRUCT PROC *             UAREA *           VMSPACE *',
    );
    expect(heading('ps /o')).toBe('    TID    PID    UID     PRFLAGS     PFLAGS  CPU  COMMAND');
    expect(heading('ps /w')).toBe('    TID  COMMAND          EMUL            WAIT-CHANNEL  WAIT-MSG');
  });

  it('should show a thread by its address, with its flags by name', () => {
    const address = /(0xf[0-9a-f]+)/.exec(/ init .*/.exec(console.ddb('ps /a'))?.[0] ?? '')?.[1];
    const shown = console.ddb(`show proc ${address}`);
    expect(shown).toMatch(/^PROC \(init\) tid=\d{6} pid=1 stat=sleep\n/);
    expect(shown).toContain('flags process=2<EXEC> proc=80<SINTR>\n');
    expect(shown).toContain('wmesg=wait\n');
    expect(console.ddb('show proc')).toMatch(/^PROC \(idle0\) .* stat=onproc\n/);
  });

  it('should show the counts of uvm as they are in memory', () => {
    const { kernel } = console.machine;
    const uvmexp = kernel.global('uvmexp');
    const shown = console.ddb('show uvm');
    for (const [label, field] of [
      ['faults', 'faults'],
      ['traps', 'traps'],
      ['syscalls', 'syscalls'],
      ['forks', 'forks'],
      ['przero', 'flt_przero'],
    ] as const)
      expect(shown).toMatch(new RegExp(`\\b${label}=${uvmexp.number(field)}\\b`));
    expect(shown).toContain(`${uvmexp.number('npages')} VM pages: ${uvmexp.number('active')} active`);
  });

  it('should show what a map holds', () => {
    const map = console.ddb('show map kernel_map');
    expect(map).toMatch(/^MAP 0x/);
    expect(console.ddb('show map/f *kernel_map')).toMatch(
      / - 0x.*\n {4}cow=F, nc=T, stack=F, prot\(max\)=3\/3, inh=2, wc=1/,
    );
  });

  it('should come back to the prompt from a fault of its own', () => {
    expect(console.ddb('x 0')).toBe('0x0:kernel: page fault trap, code=0\nFaulted in DDB; continuing...\n');
    // Not canonical: a protection fault.
    expect(console.ddb('x 8000000000000000')).toContain('protection fault trap, code=0\nFaulted in DDB');
    expect(console.ddb('show proc 0')).toContain('Faulted in DDB');
    expect(console.ddb('p/d 1')).toBe('1\n');
  });

  it('should repeat the examination with an empty line, from where it ended', () => {
    expect(console.ddb('x/bx ostype,2')).toBe('ostype:\t4f\t70\n');
    expect(console.ddb('')).toBe('ostype+0x2:\t65\n');
    expect(console.ddb('x/s ostype')).toBe('ostype:\tOpenBSD\n');
  });

  it('should show the registers of what was stopped', () => {
    const shown = console.ddb('show registers');
    expect(shown).toMatch(/^rip +0xffffffff81[0-9a-f]+ {4}db_enter\+0x1$/m);
    expect(shown).toMatch(/^cs +0x8$/m);
    expect(console.ddb('p/a $rip')).toBe('db_enter+0x1\n');
  });
});

describe('ddb and the machine it stops', () => {
  it('should take no interrupt and change no count between a break and continue', async () => {
    const console = await boot();
    console.until(AT_SHELL);
    console.rest();
    console.breakIn();
    const counts = (): unknown =>
      ['intrs', 'traps', 'swtch', 'syscalls', 'softs', 'forks', 'free'].map((field) =>
        console.machine.kernel.global('uvmexp').number(field),
      );
    const ticks = (): number => console.machine.kernel.global('ticks').number();
    const before = { counts: counts(), ticks: ticks(), census: console.inventory() };
    console.ddb('ps');
    console.ddb('trace');
    console.ddb('show uvmexp');
    // Much more than a tick of the clock.
    console.machine.run({ budget: 50_000_000 });
    expect({ counts: counts(), ticks: ticks(), census: console.inventory() }).toEqual(before);
    expect(console.type('continue\n\n', AT_SHELL)).toBe('continue\n\n# ');
    expect(console.type('echo $((6*7))\n', AT_SHELL)).toContain('\n42\n');
  });

  it('should leave a break to the terminal when nobody asked for a debugger', async () => {
    const console = await boot('seed=1 time=1700000000');
    console.until(AT_SHELL);
    console.rest();
    console.machine.console.sendBreak();
    // BRKINT is set: the shell gets SIGINT and prompts anew.
    expect(console.until(AT_SHELL)).toBe('\n# ');
    expect(console.type('echo alive\n', AT_SHELL)).toBe('echo alive\nalive\n# ');
  });

  it('should boot by the same steps whether a debugger is asked for or not', async () => {
    const [asked, unasked] = [await boot(), await boot('seed=1 time=1700000000')];
    asked.until(AT_SHELL);
    unasked.until(AT_SHELL);
    expect(asked.machine.position).toBe(unasked.machine.position);
  });

  it.each([
    ['boot reboot', 'rebooting...\n'],
    ['boot sync', 'rebooting...\n'],
    ['boot halt', 'The operating system has halted.\n'],
    ['boot poweroff', ''],
    ['boot crash', 'rebooting...\n'],
  ])('should end the machine by %s', async (command, printed) => {
    const console = await boot();
    console.until(AT_SHELL);
    console.breakIn();
    expect(console.toEnd(`${command}\n`)).toEqual({ reason: 'powerOff', shown: `${command}\n${printed}` });
  });

  it('should stop within a break that comes while a program runs', async () => {
    const console = await boot();
    console.until(AT_SHELL);
    console.machine.console.write('while :; do :; done\n');
    console.machine.run({ budget: 30_000_000 });
    console.breakIn();
    const trace = console.ddb('trace');
    expect(functionsOf(trace).slice(0, 4)).toEqual(['db_enter', 'comintr', 'intr_run', 'intr_handler']);
    expect(trace).toContain('--- interrupt ---\nend of kernel\n');
    expect(console.ddb('ps /o')).toMatch(/\*\d+ +80270 +0 .* ksh\n/);
  });
});

describe('a panic', () => {
  /** The kernel finds no root file system. */
  const withoutInitrd = async (commandLine: string): Promise<DdbConsole> => {
    const { kernel } = await guestImage({});
    return new DdbConsole(Machine.create({ kernel, commandLine }));
  };

  it('should print its trace by name and end the machine where nobody is asked', async () => {
    const console = await withoutInitrd('seed=1');
    const { reason, shown } = console.toEnd('');
    expect(reason).toBe('panic');
    const [, trace = ''] = shown.split('panic: no initrd: there is nothing to mount as root\n');
    expect(trace).toMatch(/^Starting stack trace\.\.\.\n/);
    expect(functionsOf(trace)).toEqual(['panic', 'main_mountroot', 'main', 'start']);
    expect(trace).toMatch(/\nEnd of stack trace\.\n$/);
  });

  it('should stop in ddb with what runs and its trace where somebody is', async () => {
    const console = await withoutInitrd(DDB_COMMAND_LINE);
    const shown = console.until(AT_DDB);
    expect(shown).toContain(
      'panic: no initrd: there is nothing to mount as root\nStopped at      db_enter+0x1\n',
    );
    expect(shown).toMatch(/\* *100000 +0 +0 .* swapper\ndb_enter\(\) at/);
    expect(functionsOf(shown)).toEqual(['db_enter', 'panic', 'main_mountroot', 'main', 'start']);
    expect(console.ddb('show panic')).toBe('no initrd: there is nothing to mount as root\n');
    expect(console.toEnd('boot reboot\n').reason).toBe('panic');
  });

  it('should end the machine when it is continued', async () => {
    const console = await withoutInitrd(DDB_COMMAND_LINE);
    console.until(AT_DDB);
    expect(console.toEnd('continue\n').reason).toBe('panic');
  });

  it('should stop at the fault of a kernel that calls what is no function, and name the caller', async () => {
    const console = await boot();
    console.until(AT_SHELL);
    console.breakSystemCall('sys_umask');
    const shown = console.type('umask\n', AT_DDB);
    expect(shown).toContain('kernel: page fault trap, code=10\nStopped at      0x0\n');
    const trace = console.ddb('trace');
    expect(trace).toMatch(/^0x0\(\)\nmi_syscall\(\) at/);
    expect(functionsOf(trace)).toEqual(['mi_syscall', 'syscall', '--- syscall (number 60) ---']);
  });

  it('should trace through the trap of a fault when nobody is asked', async () => {
    const console = await boot('seed=1');
    console.until(AT_SHELL);
    console.breakSystemCall('sys_umask');
    const { reason, shown } = console.toEnd('umask\n');
    expect(reason).toBe('panic');
    expect(functionsOf(shown)).toEqual([
      'panic',
      'kerntrap',
      '--- trap (number 6) ---',
      'mi_syscall',
      'syscall',
      '--- syscall (number 60) ---',
    ]);
  });
});
