import { afterEach, beforeAll, expect, it } from 'vitest';
import { complete } from '../../emu/debug/commands/index.ts';
import { absolute, buildGuest, guestPaths } from '../../scripts/guest/index.ts';
import { gcc } from '../kernel/support/fixture-kernel.ts';
import { GdbSession } from '../oracles/gdb-session.ts';
import { describeWithOracle } from '../oracles/require.ts';
import { gdb } from './gdb/support/gdb.ts';
import { DebugGuest } from './support/debug-guest.ts';

/** One after the other: some go on where the one before has ended. */
const LISTINGS = [
  ...['list fork1', 'list', 'list', 'list -', 'list -', 'list 10,12', 'list', 'list ,30'],
  ...['list 20,', 'list kern_exit.c:5,7', 'list kern_exit.c:30', 'list fork1,', 'list fork1,+2', 'list ,3'],
  ...['list sys_fork,fork1', 'list kern_fork.c:100,104', 'list *fork1'],
];

/** The lines of the source with their numbers; gdb says of an address what it is, and we mark the present line. */
const lines = (text: string): string[] =>
  text.split('\n').flatMap((line) => /^[ >]?(\d+(?:\t.*)?)$/.exec(line.trimEnd())?.[1] ?? []);

describeWithOracle(gcc, 'commands of the debugger', () => {
  let guest: DebugGuest | undefined;
  let oracle: GdbSession | undefined;
  beforeAll(() => buildGuest());
  afterEach(() => {
    guest?.close();
    oracle?.close();
  });

  describeWithOracle(gdb, 'list', () => {
    it("should show gdb's lines, in all its forms", async () => {
      guest = await DebugGuest.boot();
      oracle = new GdbSession(absolute(guestPaths.kernel));
      for (const command of LISTINGS) {
        const theirs = lines(await oracle.ask(command));
        expect(theirs.length, command).toBeGreaterThan(0);
        expect(lines(await guest.run(command)), command).toEqual(theirs);
      }
    });
  });

  it('should say what is wrong with a list, and where there is none', async () => {
    guest = await DebugGuest.boot();
    expect((await guest.fails('list ,')).message).toMatch(/a line is missing/);
    expect((await guest.fails('list nosuch')).message).toMatch(/no function or label nosuch/);
    expect((await guest.fails('list kern_fork.c:5000')).message).toMatch(/out of range: \S+ has \d+ lines/);
    expect((await guest.fails('list fork1,exit1')).message).toMatch(/kern_fork.c and exit1 in .*kern_exit.c/);
    await guest.run('list kern_fork.c:1,3');
    expect((await guest.fails('list -')).message).toMatch(/first line of .*kern_fork.c was listed/);
  });

  it('should refuse a condition with an unknown name at once, and take one that the place knows', async () => {
    guest = await DebugGuest.boot(['ls']);
    expect((await guest.fails('break fork1 if nosuch > 1')).message).toMatch(/nothing there is named nosuch/);
    expect((await guest.fails('break fork1 if')).message).toBe("a condition is missing after 'if'");
    expect((await guest.fails('watch nprocesses if nosuch')).message).toMatch(/named nosuch/);
    expect((await guest.fails('break fork1 if curp->nosuch')).message).toMatch(
      /struct proc has no member nosuch/,
    );
    expect((await guest.fails('break fork1 if 0 && curp->p_p->nosuch')).message).toMatch(
      /struct process has no member nosuch/,
    );
    expect(await guest.run('info breakpoints')).toMatch(/no stop points/);
    await guest.run(
      'break fork1 if curp->p_p->ps_pid > 1 && flags && curproc && nprocesses && sizeof(struct proc)',
    );
    expect((await guest.fails('condition 1 curp->nosuch || nosuch')).message).toMatch(/named nosuch/);
    expect(await guest.run('continue')).toMatch(/Breakpoint 1, fork1 \(/);
    // It is deleted where it has just stopped the machine.
    await guest.run('delete 1');
    expect(await guest.run('continue')).not.toMatch(/Breakpoint/);
  });

  it('should display memory in the formats of x, without changing what x goes on with', async () => {
    guest = await DebugGuest.boot();
    await guest.run('x/2xb $pc');
    expect(await guest.run('display/i $pc')).toMatch(/^1: x\/i \$pc\n=> 0x1000000.*\tcli/);
    expect(await guest.run('display/x $cs')).toMatch(/^2: \$cs = 0x/);
    expect(await guest.run('x')).toMatch(/^0x1000002.*\t0x[0-9a-f]{2}$/m);
    expect(await guest.run('stepi')).toMatch(/^1: x\/i \$pc\n=> 0x1000001/m);
    expect((await guest.fails('display/q 1')).message).toMatch(/no format/);
  });

  it('should run the commands of a temporary breakpoint at its only stop', async () => {
    guest = await DebugGuest.boot(['ls']);
    await guest.run('tbreak fork1', 'commands 1 print 6*7');
    expect(await guest.run('continue')).toMatch(/= 42\n$/);
    expect(await guest.run('info breakpoints')).toMatch(/no stop points/);
  });

  it('should say which bytes it looked for when a number is searched as an address', async () => {
    guest = await DebugGuest.boot();
    await guest.run('break main', 'continue');
    expect(await guest.run('who-wrote $rsp')).toMatch(/8 bytes at 0x/);
  });

  it('should say what is wrong in the words of what was typed', async () => {
    guest = await DebugGuest.boot();
    expect((await guest.fails('frame -1')).message).toMatch(/no frame -1/);
    expect((await guest.fails('disassemble fork1,+-5')).message).toMatch(/at least one byte, not -5/);
    expect((await guest.fails('disassemble fork1,fork1')).message).toMatch(/at least one byte, not 0/);
    expect((await guest.fails('mark')).message).toBe('the name of the mark is missing');
    expect((await guest.fails('mark end')).message).toMatch(/'end' is an end of history/);
    expect((await guest.fails('mark 7')).message).toMatch(/begins with a letter/);
    expect((await guest.fails('mark a b')).message).toMatch(/no blanks: 'a b'/);
    expect((await guest.fails('print 1 + 08')).message).toMatch(/'08' is no number/);
    expect((await guest.fails('print 0x')).message).toMatch(/'0x' is no number/);
    expect((await guest.fails('catch syscall 9999')).message).toMatch(/no system call number 9999/);
    expect(await guest.run('when')).toMatch(/; 1 checkpoint, /);
    expect(await guest.run('printf "%s\\n","five"')).toBe('five\n');
    expect(await guest.run('echo a\\nb\\n')).toBe('a\nb\n');
    expect((await guest.fails('dprintf fork1,"%q\\n",1')).message).toMatch(/'%q' is no conversion/);
    expect((await guest.fails('printf "100%\\n"')).message).toMatch(/'%' is no conversion/);
    expect(await guest.run('printf "%d%%\\n",100')).toBe('100%\n');
    expect(await guest.run('help catch fault')).toMatch(/^catch fault\n.*page faults/);
    expect(await guest.run('ptwalk 0x1000000')).toMatch(/^paging is off/);
    await guest.run('advance main');
    expect(await guest.run('ptwalk main')).not.toMatch(/paging is off/);
  });

  it('should say at power-on that there is no stack yet, and what to do', async () => {
    guest = await DebugGuest.boot();
    const missing = /there is no stack yet, since the machine has not run: 'advance main' goes/;
    for (const line of ['backtrace', 'info locals', 'info args'])
      expect(await guest.run(line)).toMatch(missing);
    for (const line of ['up', 'frame 1', 'finish', 'reverse-finish', 'info frame']) {
      const { code, message } = await guest.fails(line);
      expect([line, code]).toEqual([line, 'not-now']);
      expect(message).toMatch(missing);
    }
    expect((await guest.fails('info threads')).message).toMatch(
      /no memory .* \(paging is off, .*'advance main'/,
    );
    await guest.run('stepi');
    expect(await guest.run('backtrace')).toMatch(/since the kernel does not run at its own addresses/);
    await guest.run('advance main');
    expect(await guest.run('backtrace')).not.toMatch(/no stack yet/);
    expect(await guest.run('info frame')).toMatch(/^frame 0 of main/);
  });

  it("should remove breakpoints by their place, and list them by number and kind, with gdb's short names", async () => {
    guest = await DebugGuest.boot();
    await guest.run('break fork1', 'hbreak sys_fork', 'break *fork1+4', 'tb kern_fork.c:267');
    expect(await guest.run('i b 2')).toMatch(/^2 {3}y {2}breakpoint .* in sys_fork at [^\n]*\n$/);
    await guest.run('dis 2');
    expect(await guest.run('i b 2')).toMatch(/^2 {3}n /);
    await guest.run('en 2');
    expect(await guest.run('i b 2')).toMatch(/^2 {3}y /);
    // What is on the line goes, wherever in it; the function's second instruction belongs to another.
    expect(await guest.run('clear fork1')).toBe('Deleted 1 4\n');
    expect((await guest.fails('clear fork1')).message).toMatch(
      /no breakpoint at fork1 at .*kern_fork\.c:267/,
    );
    expect(await guest.run('i wat')).toBe('There are no watchpoints.\n');
    await guest.run('advance main', 'wat nprocesses');
    expect(await guest.run('i wat')).toMatch(/^5 {3}y {2}watchpoint {2}nprocesses [^\n]*\n$/);
    await guest.run('disp nprocesses');
    expect(await guest.run('i disp')).toBe('1: nprocesses\n');
  });

  it('should go up and down as far as there are frames, and select one by its function', async () => {
    guest = await DebugGuest.boot();
    await guest.run('tbreak fork1', 'continue');
    expect(await guest.run('bt -1')).toMatch(/^#2 {2}[^\n]* in start \(\)[^\n]*\n$/);
    expect(await guest.run('up 100')).toMatch(/^#2 .* in start/);
    expect((await guest.fails('up')).message).toBe('this is the outermost frame already');
    expect(await guest.run('down 100')).toMatch(/^#0 .*fork1 \(/);
    expect((await guest.fails('down')).message).toBe('this is the innermost frame already');
    expect(await guest.run('frame function main')).toMatch(/^#1 .* in main \(\)/);
    expect((await guest.fails('frame function ls')).message).toMatch(/no frame is one of ls/);
    expect(await guest.run('frame level 2')).toMatch(/^#2 /);
    expect((await guest.fails('bt 0')).code).toBe('usage');
  });

  it('should find names by regular expressions', async () => {
    guest = await DebugGuest.boot();
    const found = (await guest.data('info functions ^fork_r')) as { name: string }[];
    expect(found.map(({ name }) => name)).toEqual(['fork_return']);
    expect(await guest.run('info functions ^fork_r')).toMatch(
      /^0xf{8}\w{8} {2}fork_return {2}\S+kern_fork\.c:\d+\n$/,
    );
    expect(await guest.run('info variables ^nproc')).toMatch(/^0xf{8}\w{8} {2}nprocesses\b/);
    expect(await guest.run('info functions')).toMatch(/… \d+ more/);
    expect((await guest.fails('info functions (')).code).toBe('usage');
  });

  it('should say what does the same as a command of gdb that it does not have', async () => {
    guest = await DebugGuest.boot();
    expect((await guest.fails('return')).message).toMatch(/reverse-finish/);
    expect((await guest.fails('start')).message).toMatch(/'advance main'/);
    expect((await guest.fails('info inferiors')).message).toMatch(/'ps'/);
    expect(await guest.run('set pagination off')).toMatch(/^Nothing is set/);
    expect((await guest.fails('set print = 1')).code).toBe('unknown-name');
    expect(await guest.run('call 6 * 7')).toMatch(/^\$1 = 42$/m);
  });

  it('should complete programs, what is in them, and what a condition may name at its place', async () => {
    guest = await DebugGuest.boot(['ls']);
    const { session } = guest;
    await guest.run('tbreak fork1 if curp->p_p->ps_pid > 1', 'continue');
    const words = (line: string): readonly string[] => complete(session, line).words;
    expect(words('b fork1_no')).toEqual([]);
    expect(words('b fork_th')).toEqual(['fork_thread_start']);
    expect(words('b prog:')).toEqual(['prog:init:', 'prog:ksh:']);
    expect(words('b prog:ksh:note_')).toEqual(['prog:ksh:note_signal']);
    expect(words('b prog:init:note_')).toEqual([]);
    expect(words('tbreak prog:ksh:jobt')).toEqual(['prog:ksh:jobtable.c']);
    expect(words('b prog:nonesuch:ma')).toEqual([]);
    // Not a variable of the selected frame, fork1: of the place.
    expect(words('b fork_thread_start if par')).toContain('parent');
    expect(words('b nonesuch if nproc')).toContain('nprocesses');
    expect(words('b fork1 if curp->p_p->ps_pi')).toEqual(['ps_pid']);
    expect(words('print prog:ksh:envir')).toEqual(['environ']);
    expect(complete(session, 'b prog:ksh:note_').replaces).toBe('prog:ksh:note_');
  });

  it('should apply a command to all threads, and look at the same one as before', async () => {
    guest = await DebugGuest.boot(['ls']);
    await guest.run('tbreak fork1 if curp->p_p->ps_pid > 1', 'continue', 'up');
    const threads = (await guest.data('info threads')) as { tid: number; command: string }[];
    const text = await guest.run('thread apply all bt 1');
    for (const { tid, command } of threads)
      expect(text).toMatch(
        new RegExp(`^Thread ${tid} \\(pid \\d+ ${command}\\):\\n#0 .* (?:in )?\\w+ \\(`, 'm'),
      );
    expect(text.match(/^Thread /gm)).toHaveLength(threads.length);
    expect(await guest.run('frame')).toMatch(/^#1 .* sys_fork/);
    const [first] = threads;
    expect((await guest.run(`thread apply ${first?.tid} bt 1`)).match(/^Thread /gm)).toHaveLength(1);
    expect((await guest.fails('thread apply 1 bt')).message).toMatch(/no thread 1;/);
    expect((await guest.fails('thread apply all stepi')).message).toMatch(/moves the whole machine/);
    expect((await guest.fails('thread apply all')).code).toBe('usage');
  });
});
