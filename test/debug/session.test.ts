import { afterEach, describe, expect, it } from 'vitest';
import { DebugGuest } from './support/debug-guest.ts';

const guests: DebugGuest[] = [];

async function boot(...args: Parameters<typeof DebugGuest.boot>): Promise<DebugGuest> {
  const guest = await DebugGuest.boot(...args);
  guests.push(guest);
  return guest;
}

afterEach(() => {
  for (const guest of guests.splice(0)) guest.close();
});

/** At the first instruction of fork1() of the shell's fork. */
async function atFork(): Promise<DebugGuest> {
  const guest = await boot(['ls']);
  await guest.run('break fork1 if curp->p_p->ps_pid > 1', 'continue');
  return guest;
}

interface FrameValue {
  readonly function: string;
  readonly program: string;
  readonly file: string;
  readonly line: number;
}

interface StopValue {
  readonly reason: string;
  readonly position: number;
  readonly frame: FrameValue;
  readonly arrivals: readonly { readonly number: number; readonly position: number }[];
  readonly notes: readonly string[];
}

const stop = async (guest: DebugGuest, line: string): Promise<StopValue> =>
  (await guest.data(line)) as StopValue;

describe('the stack', () => {
  it('should lead from fork1 through the trapframe into the shell', async () => {
    const guest = await atFork();
    const frames = (await guest.data('backtrace')) as FrameValue[];
    expect(frames.map(({ function: name, program }) => `${program}:${name}`)).toEqual(
      expect.arrayContaining([
        'kernel:fork1',
        'kernel:sys_fork',
        'kernel:mi_syscall',
        'kernel:syscall',
        'kernel:Xsyscall',
        'ksh:fork',
        'ksh:main',
      ]),
    );
    const names = frames.map(({ function: name }) => name);
    expect(names.slice(0, 6)).toEqual(['fork1', 'sys_fork', 'mi_syscall', 'syscall', 'Xsyscall', 'fork']);
    expect(names.indexOf('main')).toBeGreaterThan(names.indexOf('fork'));
  });

  it('should show the variables of every frame', async () => {
    const guest = await atFork();
    expect(await guest.run('print flags')).toMatch(/= 1$/m);
    await guest.run('frame 2');
    expect(await guest.run('print code')).toMatch(/= 2$/m);
    expect(await guest.run('print callp->sy_call')).toMatch(/<sys_fork>/);
    expect(await guest.run('info registers rip')).toMatch(/<mi_syscall\+/);
    await guest.run('down');
    expect(await guest.run('frame')).toMatch(/^#1 .* in sys_fork/);
    const { code } = await guest.fails('frame 99');
    expect(code).toBe('not-found');
  });

  it('should be shown of threads that do not run', async () => {
    const guest = await atFork();
    const threads = (await guest.data('info threads')) as {
      tid: number;
      command: string;
      isCurrent: boolean;
    }[];
    const init = threads.find(({ command }) => command === 'init');
    await guest.run(`thread ${init?.tid}`);
    const names = ((await guest.data('bt')) as FrameValue[]).map(
      ({ function: name, program }) => `${program}:${name}`,
    );
    expect(names).toContain('kernel:sys_wait4');
    expect(names).toContain('init:main');
    expect(await guest.run('print curproc->p_p->ps_comm')).toMatch(/"ksh"/);
    await guest.run('thread');
    expect(((await guest.data('bt')) as FrameValue[])[0]?.function).toBe('fork1');
  });
});

describe('moving forward', () => {
  it('should step lines, into functions and over them', async () => {
    const guest = await atFork();
    await guest.run('next', 'next', 'next', 'next', 'next');
    const into = await boot(['ls']);
    await into.run('break fork1 if curp->p_p->ps_pid > 1', 'continue');
    const seen: string[] = [];
    for (let count = 0; count < 12; count++) seen.push((await stop(into, 'step')).frame.function);
    expect(seen).toContain('fork_check_maxthread');
    const over: string[] = [];
    for (let count = 0; count < 12; count++) over.push((await stop(guest, 'next')).frame.function);
    expect(new Set(over)).toEqual(new Set(['fork1']));
  });

  it('should step from the program into the kernel, and finish back into it', async () => {
    const guest = await boot(['ls']);
    await guest.run('break fork1 if curp->p_p->ps_pid > 1', 'continue', 'delete');
    await guest.run('frame 5');
    // Out of the kernel: the library's stub returns to ksh.
    const back = await stop(guest, 'finish');
    expect(back.frame.program).toBe('ksh');
    const again = await boot(['ls']);
    await again.run('tbreak main', 'continue', 'catch exec', 'continue', 'continue', 'delete');
    // The shell's program is known now: its own stub of fork.
    await again.run('tbreak prog:ksh:fork', 'continue');
    const stub = await stop(again, 'when');
    expect(stub.position).toBeGreaterThan(0);
    let frame: FrameValue = ((await again.data('bt 1')) as FrameValue[])[0] as FrameValue;
    expect(frame.program).toBe('ksh');
    for (let count = 0; count < 6 && frame.program === 'ksh'; count++)
      frame = (await stop(again, 'step')).frame;
    expect(frame.function).toBe('Xsyscall');
  });

  it('should print what a function returns', async () => {
    const guest = await atFork();
    await guest.run('delete', 'tbreak uvm_uarea_alloc', 'continue');
    const text = await guest.run('finish');
    expect(text).toMatch(/Returned from uvm_uarea_alloc/);
    expect(text).toMatch(/Value returned is \$\d+ = \d+/);
    const value = /= (\d+)/.exec(text)?.[1] ?? '';
    expect(await guest.run(`print/x ${value}`)).toMatch(/0xffff8/);
  });

  it('should leave a call that was inlined where its code ends, and say that nothing called it', async () => {
    const guest = await boot(['ls']);
    await guest.run('break prog:ls:main', 'continue', 'step');
    expect(await guest.run('frame')).toMatch(/^#0 .*parse_options /);
    expect((await guest.fails('reverse-finish')).code).toBe('not-now');
    const value = await stop(guest, 'finish');
    expect(value.frame.function).toBe('main');
    expect(value.frame.program).toBe('ls');
  });

  it('should remember what was printed', async () => {
    const guest = await boot();
    expect((await guest.fails('print $')).code).toBe('unknown-name');
    await guest.run('print 7', 'print 8');
    expect(await guest.run('print $ * 10 + $1')).toMatch(/= 87$/m);
    expect(await guest.run('print $$')).toMatch(/= 8$/m);
    expect(await guest.run('print $$3')).toMatch(/= 7$/m);
  });

  it('should not leave a system call that sleeps to another thread’s return', async () => {
    const guest = await boot(['ls']);
    await guest.run('tbreak prog:ksh:fork', 'continue');
    const before = (await guest.data('print curproc->p_p->ps_pid')) as { value: string };
    await guest.run('next', 'next');
    await guest.run('finish');
    const after = (await guest.data('print curproc->p_p->ps_pid')) as { value: string };
    expect(after.value).toBe(before.value);
  });

  it('should say when a step enters an interrupt, run over it by lines, and hold it off when asked to', async () => {
    const guest = await boot(['while true; do true; done']);
    await guest.run('tbreak Xintr0 if curproc->p_p->ps_pid > 1', 'continue', 'goto -1', 'mark before');
    const before = guest.machine.stateHash();
    let entered: StopValue | undefined;
    for (let count = 0; count < 4 && entered?.notes.length !== 1; count++)
      entered = await stop(guest, 'stepi');
    expect(entered?.notes[0]).toMatch(/interrupt \d+: this step entered its handler/);
    expect(entered?.frame.function).toBe('Xintr0');
    await guest.run('goto before');
    const notes: string[] = [];
    for (let count = 0; count < 4; count++) notes.push(...(await stop(guest, 'nexti')).notes);
    expect(notes[0]).toMatch(/interrupt \d+ was handled meanwhile \(\d+ steps\)/);
    await guest.run('goto before');
    expect(guest.machine.stateHash()).toBe(before);
    // Another course from here on: what is held off is no part of the old one.
    await guest.run('interrupts hold', 'set $rax = $rax');
    for (let count = 0; count < 50; count++) expect((await stop(guest, 'stepi')).notes).toEqual([]);
    await guest.run('interrupts come');
    const [came] = (await stop(guest, 'stepi')).notes;
    expect(came).toMatch(/interrupt \d+/);
  });

  it('should stop at conditions, counts, and once', async () => {
    const guest = await boot(['ls', 'ls', 'ls']);
    await guest.run('break sys_fork', 'ignore 1 1');
    const first = await stop(guest, 'continue');
    expect(first.arrivals).toMatchObject([{ number: 1 }]);
    const listed = (await guest.data('info breakpoints')) as { hits: number }[];
    expect(listed[0]?.hits).toBe(2);
    await guest.run('delete', 'tbreak sys_fork');
    const again = await stop(guest, 'continue');
    expect(again.arrivals).toHaveLength(1);
    expect(await guest.run('info breakpoints')).toMatch(/no stop points/);
    expect((await stop(guest, 'continue')).reason).toBe('waiting');
  });

  it('should print and go on, and run commands at a stop', async () => {
    const guest = await boot(['ls']);
    await guest.run('dprintf fork1,"fork of %s, flags %#x\\n",curp->p_p->ps_comm,flags', 'continue');
    expect(guest.host.printed).toContain('fork of ksh, flags 0x1\n');
    expect(guest.host.printed).toContain('fork of swapper, flags 0x2f4\n');
    const other = await boot(['ls']);
    await other.run('break sys_fork', 'commands 1 print nprocesses ; print 1 + 1');
    expect(await other.run('continue')).toMatch(/= 2$/m);
  });

  it('should catch system calls, forks and execs', async () => {
    const guest = await boot(['ls']);
    await guest.run('catch syscall fork');
    const entry = await stop(guest, 'continue');
    expect(entry.arrivals).toMatchObject([
      { number: 1, event: { name: 'raw_syscalls:sys_enter', number: 2 } },
    ]);
    const exit = await stop(guest, 'continue');
    expect(exit.arrivals).toMatchObject([{ event: { name: 'raw_syscalls:sys_exit', number: 2, error: 0 } }]);
    await guest.run('delete', 'catch exec');
    const exec = await stop(guest, 'continue');
    expect(exec.arrivals).toMatchObject([{ event: { name: 'proc:exec', path: '/bin/ksh' } }]);
    const next = await stop(guest, 'continue');
    expect(next.arrivals).toMatchObject([{ event: { name: 'proc:exec', path: '/bin/ls' } }]);
    expect((await guest.fails('catch nothing')).code).toBe('usage');
    expect((await guest.fails('catch syscall nothing')).code).toBe('not-found');
  });

  it('should watch memory: changes, reads, both', async () => {
    const guest = await boot(['ls']);
    await guest.run('tbreak sys_fork', 'continue', 'watch nprocesses');
    const more = await guest.run('continue');
    const [, old = '', now = ''] = /Old value = (\d+)\nNew value = (\d+)/.exec(more) ?? [];
    expect(Number(now)).toBe(Number(old) + 1);
    expect(more).toMatch(/^(0x\w+ in )?fork1 /m);
    const fewer = await guest.run('continue');
    expect(fewer).toMatch(/New value = \d+/);
    await guest.run('delete', 'rwatch maxprocess', 'type ls');
    expect((await stop(guest, 'continue')).arrivals).toMatchObject([{ access: 'read' }]);
  });
});

describe('going back', () => {
  it('should come to the very state that was there', async () => {
    const guest = await boot(['ls', 'echo hello | cat'], { interval: 20_000 });
    const hashes = new Map<number, string>();
    await guest.run('break fork1', 'break exit1');
    for (let count = 0; count < 8; count++) {
      const { position } = await stop(guest, 'continue');
      hashes.set(position, guest.machine.stateHash());
    }
    await guest.run('delete');
    const positions = [...hashes.keys()];
    for (const position of [...positions.toReversed(), ...positions]) {
      await guest.run(`goto ${position}`);
      expect(guest.machine.stateHash()).toBe(hashes.get(position));
    }
  });

  it('should undo every way of moving forward, step by step', async () => {
    const guest = await atFork();
    const hashes = new Map<number, string>();
    const note = (): void => {
      const { position } = guest.machine;
      const hash = guest.machine.stateHash();
      expect(hashes.get(position) ?? hash).toBe(hash);
      hashes.set(position, hash);
    };
    note();
    const moves = [
      'stepi',
      'step',
      'nexti',
      'next',
      'reverse-stepi',
      'reverse-step',
      'reverse-nexti',
      'reverse-next',
      'finish',
      'reverse-finish',
    ];
    let seed = 12345;
    for (let count = 0; count < 120; count++) {
      seed = (seed * 1103515245 + 12345) % 2 ** 31;
      const move = moves[(seed >> 8) % moves.length] ?? 'stepi';
      if (move === 'finish' && ((await guest.data('bt 3')) as FrameValue[]).length < 3) continue;
      await guest.run(move);
      note();
    }
  });

  it('should meet the same stop points in the opposite order', async () => {
    const guest = await boot(['ls'], { interval: 30_000 });
    await guest.run('break fork1', 'break sys_execve', 'watch nprocesses');
    const forward: string[] = [];
    for (;;) {
      const { reason, arrivals } = await stop(guest, 'continue');
      if (reason !== 'stopPoint') break;
      forward.push(...arrivals.map(({ number, position }) => `${number} at ${position}`));
    }
    const backward: string[] = [];
    for (;;) {
      const { reason, arrivals } = await stop(guest, 'reverse-continue');
      if (reason !== 'stopPoint') {
        expect(reason).toBe('historyBegin');
        break;
      }
      backward.push(...arrivals.map(({ number, position }) => `${number} at ${position}`));
    }
    // Before there are page tables the watched address means other memory.
    const mapped = forward.filter((one) => backward.includes(one));
    expect(forward.length).toBeGreaterThan(6);
    expect(backward.toReversed()).toEqual(mapped);
    expect(forward.length - mapped.length).toBeLessThanOrEqual(1);
  });

  it('should go back by lines to where the line before began', async () => {
    const guest = await atFork();
    await guest.run('delete');
    const places: string[] = [];
    const place = (value: StopValue): string => `${value.frame.function}:${value.frame.line}`;
    for (let count = 0; count < 8; count++) places.push(place(await stop(guest, 'next')));
    for (let count = 6; count >= 0; count--)
      expect(place(await stop(guest, 'reverse-next'))).toBe(places[count]);
  });

  it('should go back to the call of a function', async () => {
    const guest = await atFork();
    const value = await stop(guest, 'reverse-finish');
    expect(value.frame.function).toBe('sys_fork');
    expect((await stop(guest, 'stepi')).frame.function).toBe('fork1');
  });

  it('should report both ends of history and go no further', async () => {
    const guest = await boot(['ls']);
    await guest.run('break fork1', 'continue', 'mark here');
    expect((await stop(guest, 'goto begin')).position).toBe(0);
    expect((await stop(guest, 'reverse-stepi')).reason).toBe('historyBegin');
    expect((await stop(guest, 'reverse-continue')).reason).toBe('historyBegin');
    expect((await stop(guest, 'goto 999999999')).reason).toBe('historyEnd');
    const here = await stop(guest, 'goto here');
    expect(here.frame.function).toBe('fork1');
    expect((await guest.fails('goto nowhere')).message).toContain('here');
  });

  it('should say who wrote something last', async () => {
    const guest = await atFork();
    const written = (await guest.data('who-wrote nprocesses')) as {
      write: { position: number; symbol: string; line: number };
    };
    expect(written.write.symbol).toMatch(/^fork1\+/);
    const { position } = guest.machine;
    expect(written.write.position).toBeLessThan(position);
    await guest.run('delete', 'watch nprocesses');
    expect((await stop(guest, 'reverse-continue')).position).toBe(written.write.position);
    await guest.run(`goto ${position}`);
    const never = (await guest.data('who-wrote *(long *)0xffffffff81000000')) as { write: unknown };
    expect(never.write).toBeNull();
    expect(guest.machine.position).toBe(position);
  });

  it('should stop a search that is interrupted', async () => {
    const guest = await boot(['ls'], { interval: 10_000 });
    await guest.run('break sys_fork', 'continue', 'delete', 'break *0xffffffff81999999');
    let looks = 0;
    guest.host.onBreath = () => {
      looks++;
      if (looks === 5) guest.host.interrupted = true;
    };
    expect((await stop(guest, 'reverse-continue')).reason).toBe('interrupted');
  });

  it('should take another course where something is written', async () => {
    const guest = await atFork();
    await guest.run('delete', 'mark fork');
    const end = await stop(guest, 'continue');
    expect(end.reason).toBe('waiting');
    await guest.run('goto fork', 'set nprocesses = 9999');
    expect(await guest.run('print nprocesses')).toMatch(/= 9999/);
    const when = (await guest.data('when')) as { latest: number; position: number };
    expect(when.latest).toBe(when.position);
    // The table is full now: the fork is refused.
    await guest.run('tbreak tablefull', 'continue');
    expect(((await guest.data('bt 2')) as FrameValue[])[1]?.function).toBe('fork1');
  });
});

describe('looking at the kernel', () => {
  it('should walk lists, maps and page tables', async () => {
    const guest = await atFork();
    const list = (await guest.data('print allprocess')) as { elements: bigint[]; value: string };
    expect(list.elements.length).toBeGreaterThanOrEqual(4);
    expect(list.value).toContain('ps_comm "ksh"');
    const rows = (await guest.data('vmmap')) as { protection: string; start: bigint; end: bigint }[];
    expect(rows.map(({ protection }) => protection)).toEqual(expect.arrayContaining(['r-x', 'rw-']));
    for (const [index, row] of rows.slice(1).entries()) {
      expect(row.start).toBeGreaterThanOrEqual(rows[index]?.end ?? 0n);
    }
    const walk = (await guest.data('ptwalk $rsp')) as { physical: number; steps: { flags: string[] }[] };
    const inspector = guest.session.debuggee.cpu.system.inspector;
    expect(walk.physical).toBe(inspector.translateAny(guest.session.debuggee.kernel.registers.get('rsp')));
    expect(walk.steps).toHaveLength(4);
    expect(walk.steps[3]?.flags).toContain('no-execute');
    const hole = (await guest.data('ptwalk 0x10')) as { fault: string; physical: unknown };
    expect(hole.fault).toMatch(/page fault/);
    expect((await guest.fails('proc 99999')).code).toBe('not-found');
  });

  it('should answer every command with something, or say why not', async () => {
    const guest = await atFork();
    const lines = [
      'help',
      'help print',
      'help info threads',
      'info vm',
      'info pool',
      'info runq',
      'pcb',
      'ps',
      'proc',
      'list',
      'list 264,270',
      'disassemble',
      'disassemble/r fork1,+16',
      'info line',
      'info source',
      'info frame',
      'info locals',
      'info args',
      'x/4i $rip',
      'x/8xb $rsp',
      'x/s curp->p_p->ps_comm',
      'ptype/o struct pcb',
      'ptype curp',
      'display/x $rip',
      'display',
      'undisplay',
      'echo hello',
      'until',
      'advance cpu_fork',
      'output 1 + 1',
      'bt full 3',
    ];
    for (const line of lines) expect(await guest.run(line), line).not.toBe(undefined);
    for (const line of [
      'nonsense',
      're',
      'x/99q 0',
      'break nowhere',
      'break kern_fork.c:99999',
      'break prog:nothing:main',
      'watch 1',
      'info nothing',
      'delete 99',
      'print/q 1',
      'thread 1',
      'continue 0',
      'goto x',
      'mark begin',
      'ptype nothing',
      'frame -1',
    ])
      expect((await guest.fails(line)).message, line).not.toBe('');
  });
});
