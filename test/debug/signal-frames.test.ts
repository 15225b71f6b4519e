import { afterEach, expect, it } from 'vitest';
import { builtProgram } from '../../scripts/guest/index.ts';
import { gcc } from '../guest-qemu/support/guest.ts';
import { describeWithOracle } from '../oracles/require.ts';
import { gdb, PufferUnderGdb } from './gdb/support/gdb.ts';
import { DebugGuest } from './support/debug-guest.ts';

/** The shell signals itself: its handler runs in the middle of its kill(2). */
const LINES = ["trap 'echo caught' USR1", 'kill -USR1 $$'];
const HANDLER = 'note_signal';
const REGISTERS = 'rax rbx rcx rdx rsi rdi rbp rsp r8 r9 r10 r11 r12 r13 r14 r15 rip'.split(' ');

interface Frame {
  readonly function: string;
  readonly program: string | undefined;
}

/** The functions that gdb's back-trace or puffer's names. */
const functionsOf = (text: string | undefined): string[] =>
  Array.from((text ?? '').matchAll(/^#\d+ +(?:0x[0-9a-f]+ in )?(<.*>|\w+)/gm), ([, name]) => name ?? '');

describeWithOracle(gcc, 'the stack of a signal handler', () => {
  let guest: DebugGuest;
  afterEach(() => guest.close());

  const inHandler = async (): Promise<void> => {
    guest = await DebugGuest.boot(LINES);
    await guest.run(`break prog:ksh:${HANDLER}`, 'continue');
  };
  const registers = async (): Promise<string[]> =>
    Promise.all(REGISTERS.map(async (name) => (await guest.run(`print/x $${name}`)).replace(/^.* = /, '')));

  it('should lead through the trampoline to what was interrupted', async () => {
    await inHandler();
    const frames = (await guest.data('backtrace')) as Frame[];
    expect(frames.slice(0, 4).map((one) => one.function)).toEqual([
      HANDLER,
      '<signal handler called>',
      'kill',
      'c_kill',
    ]);
    expect(frames.at(-1)?.function).toBe('__start');
    expect(frames.slice(2).every(({ program }) => program === 'ksh')).toBe(true);
    expect(await guest.run('backtrace 2')).toMatch(/^#1 {2}<signal handler called>$/m);
  });

  it('should have the registers there that the interrupted code goes on with', async () => {
    await inHandler();
    await guest.run('up 2');
    const seen = await registers();
    expect(await guest.run('down')).toMatch(/^#1 {2}<signal handler called>\n/);
    await guest.run('down');
    expect(await guest.run('finish')).toMatch(/^Returned from note_signal\.\n<signal handler called>\n/);
    expect(functionsOf(await guest.run('backtrace 3'))).toEqual([
      '<signal handler called>',
      'kill',
      'c_kill',
    ]);
    expect(await guest.run('finish')).toMatch(
      /^The signal is handled: back where it came\.\n0x\w+ in kill \(\)/,
    );
    expect(await registers()).toEqual(seen);
  });

  it('should lead there from the kernel too, and from each instruction of the trampoline', async () => {
    await inHandler();
    await guest.run('finish', 'break sys_sigreturn');
    for (const tail of ['call', 'mov', 'mov']) {
      expect(functionsOf(await guest.run('backtrace 3')), tail).toEqual([
        '<signal handler called>',
        'kill',
        'c_kill',
      ]);
      if (tail !== 'call') await guest.run('stepi');
    }
    await guest.run('continue');
    const functions = functionsOf(await guest.run('backtrace'));
    const at = functions.indexOf('<signal handler called>');
    expect(functions.slice(0, at)).toEqual(['sys_sigreturn', 'mi_syscall', 'syscall', 'Xsyscall']);
    expect(functions[at + 1]).toBe('kill');
  });
});

describeWithOracle([gcc, gdb], 'the stack of a signal handler in gdb', () => {
  it('should be the same when gdb is told where the trampoline is', async () => {
    const puffer = new PufferUnderGdb(LINES.flatMap((line) => ['--run', line]));
    try {
      const program = builtProgram('ksh');
      const commands = [
        `add-symbol-file ${program}`,
        `tbreak ${HANDLER}`,
        'continue',
        'monitor sigcode',
        // gdb takes the command from the frame: the handler returns behind the trampoline's CALL.
        'add-symbol-file guest/obj/guest/sys/arch/amd64/amd64/locore.S.o -s .rodata (*(long*)$sp-2)',
        'backtrace 4',
        'up 2',
        'info registers rbx rsp rip',
        'down 2',
        'finish',
        'finish',
        'info registers rbx rsp rip',
        'kill',
      ];
      const outputs = await puffer.gdb(...commands);
      const told = outputs[3] ?? '';
      const address = /-s \.rodata (0x[0-9a-f]+)$/.exec(told)?.[1];
      expect(told).toMatch(/^pid \d+ ksh: 0x/);
      expect(outputs[4]).toContain(`.rodata_addr = ${address}`);
      expect(functionsOf(outputs[5])).toEqual([HANDLER, '<signal handler called>', 'kill', 'c_kill']);
      expect(outputs[7]).toMatch(/<kill\+\d+>/);
      expect(outputs[11]).toBe(outputs[7]);
    } finally {
      await puffer.close();
    }
  });
});
