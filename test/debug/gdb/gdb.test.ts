import { afterEach, expect, it } from 'vitest';
import { gcc } from '../../kernel/support/fixture-kernel.ts';
import { describeWithOracle } from '../../oracles/require.ts';
import { gdb, PufferUnderGdb } from './support/gdb.ts';

/** A shell that is never idle and never ends. */
const BUSY = ['--run', 'while true; do true; done'];

describeWithOracle([gdb, gcc], 'gdb on a guest', () => {
  let puffer: PufferUnderGdb | undefined;
  afterEach(() => puffer?.close());

  const boot = (...args: string[]): PufferUnderGdb => {
    puffer = new PufferUnderGdb(args);
    return puffer;
  };

  it('should find a 64-bit processor at its first instruction, and step through the change of modes', async () => {
    const [registers, , , stopped, after] = await boot('--run', 'true').gdb(
      'info registers rip cr0 cr4 efer eflags cs fs_base',
      'stepi',
      'break main',
      'continue',
      'info registers cr0 efer',
    );
    expect(registers).toMatch(/^rip +0x1000000 /m);
    expect(registers).toMatch(/^cr0 .*\[ PE ET \]$/m);
    expect(registers).toMatch(/^efer +0x0 /m);
    expect(stopped).toContain('Breakpoint 1, main ()');
    expect(after).toMatch(/^cr0 .* PG \]$/m);
    expect(after).toMatch(/^efer .*\[ SCE LME LMA NXE \]$/m);
  });

  it('should stop in the fork of the shell, and see its structures, its callers and its threads', async () => {
    const guest = boot('--run', 'ls');
    const [, , , comm, bt, trace, structure, threads, others] = await guest.gdb(
      'break sys_fork',
      'continue',
      'continue',
      'print p->p_p->ps_comm',
      'backtrace',
      'monitor trace',
      'print *p',
      'info threads',
      'thread apply all -q -s backtrace 3',
    );
    expect(comm).toContain('"ksh"');
    const functions = (text: string | undefined): string[] =>
      Array.from((text ?? '').matchAll(/^#\d+ +(?:0x[0-9a-f]+ in )?(\w+)/gm), ([, name]) => name ?? '');
    expect(functions(bt).slice(0, 4)).toEqual(['sys_fork', 'mi_syscall', 'syscall', 'Xsyscall']);
    expect(functions(trace).slice(0, 4)).toEqual(functions(bt).slice(0, 4));
    const tid = /p_tid = (\d+)/.exec(structure ?? '')?.[1];
    expect(threads).toMatch(new RegExp(`^\\* \\d+ +Thread ${tid} \\(pid \\d+ ksh SONPROC\\)`, 'm'));
    expect(threads).toMatch(/pid 1 init SSLEEP wait\)/);
    expect(threads).toMatch(/pid 0 swapper SSLEEP/);
    // A thread that sleeps has its frames too.
    expect(others).toMatch(/mi_switch \(\)/);
    expect(others).toMatch(/sleep_finish/);
    expect(await guest.ended).toBe(0);
    expect(guest.stdout).toMatch(/# ls\r?\nbin +dev +etc/);
  });

  it('should finish a function, step an instruction and write a variable', async () => {
    const [, , finish, before, , after, , written] = await boot('--run', '/bin/ls').gdb(
      'break fork1',
      'continue',
      'finish',
      'print/x $rip',
      'stepi',
      'print/x $rip',
      'set var nprocesses = 77',
      'print nprocesses',
    );
    expect(finish).toMatch(/Value returned is \$1 = 0$/);
    expect(before).toMatch(/0xffffffff81/);
    expect(after).toMatch(/0xffffffff81/);
    expect(after?.split(' = ')[1]).not.toBe(before?.split(' = ')[1]);
    expect(written).toContain('= 77');
  });

  it('should say what a write to watched memory changed', async () => {
    const [, , , hit, place] = await boot('--run', 'true').gdb(
      'break fork1',
      'continue',
      'watch nprocesses',
      'continue',
      'backtrace 1',
    );
    const values = /Old value = (\d+)\s+New value = (\d+)/.exec(hit ?? '');
    expect(Number(values?.[2])).toBe(Number(values?.[1]) + 1);
    expect(place).toContain('fork1');
  });

  it('should stop at reads and writes of watched memory, forwards and backwards', async () => {
    const outputs = await boot('--run', 'true').gdb(
      'break fork1',
      'continue',
      'delete',
      'awatch nprocesses',
      'rwatch nthreads',
      'continue',
      'continue',
      'continue',
      'monitor position',
      'reverse-continue',
      'reverse-continue',
      'monitor position',
    );
    const stops = outputs.slice(5, 8).join('\n');
    expect(stops).toMatch(/access \(read\/write\) watchpoint \d+: nprocesses/);
    expect(stops).toMatch(/read watchpoint \d+: nthreads/);
    const steps = (text: string | undefined): number => Number(/position (\d+)/.exec(text ?? '')?.[1]);
    expect(outputs[10]).toMatch(/watchpoint \d+: (nprocesses|nthreads)/);
    expect(steps(outputs[11])).toBeLessThan(steps(outputs[8]));
  });

  it('should step back to the same registers, and continue back to the breakpoint before', async () => {
    const guest = boot('--run', 'ls');
    const outputs = await guest.gdb(
      'break fork1',
      'break exit1',
      'continue',
      'continue',
      'continue',
      'continue',
      'info registers',
      'monitor position',
      'stepi 3',
      'reverse-stepi 3',
      'info registers',
      'monitor position',
      'reverse-continue',
      'monitor position',
      'delete',
      'reverse-continue',
      'monitor position',
      'break exit1',
      'continue',
      'monitor position',
    );
    const [registers, position, , , again, same, back, earlier, , begin, first] = outputs.slice(6);
    const steps = (text: string | undefined): number => Number(/position (\d+)/.exec(text ?? '')?.[1]);
    expect(registers).toMatch(/^rip /m);
    expect(again).toBe(registers);
    expect(steps(same)).toBe(steps(position));
    expect(back).toMatch(/Breakpoint [12], (fork1|exit1)/);
    expect(steps(earlier)).toBeGreaterThan(0);
    expect(steps(earlier)).toBeLessThan(steps(position));
    expect(begin).toContain('No more reverse-execution history');
    expect(steps(first)).toBe(0);
    expect(steps(outputs.at(-1))).toBeGreaterThan(steps(earlier));
    expect(await guest.ended).toBe(0);
    // What was run several times is printed once.
    expect(guest.stdout.match(/# ls/g)).toHaveLength(1);
  });

  it('should go on after a detach, and be attached to again', async () => {
    const guest = boot(...BUSY);
    const [, stop] = await guest.gdb('break fork1', 'continue', 'detach');
    expect(stop).toContain('fork1');
    await guest.prints(/# /);
    const [position, registers, step] = await guest.gdb('monitor position', 'info registers rip', 'stepi');
    expect(position).toMatch(/position \d{6,}/);
    expect(registers).toMatch(/^rip /);
    expect(step).not.toContain('Error');
    // gdb leaves without a word about it: it detaches.
    const [ps] = await guest.gdb('monitor ps', 'kill');
    expect(ps).toMatch(/^\d+ +\d+ +\d+ +\w+ +\S+ +ksh$/m);
    expect(await guest.ended).toBe(0);
  });

  it('should stop a running guest for ^C, and find it where it stopped', async () => {
    const guest = boot(...BUSY);
    const session = await guest.startGdb('continue', 'monitor position', 'stepi', 'kill');
    await guest.prints(/# while/);
    session.interrupt();
    const [stopped, position] = await session.outputs;
    expect(stopped).toContain('SIGINT');
    expect(position).toMatch(/position \d+/);
    expect(await guest.ended).toBe(0);
  });

  it("should tell gdb the exit status of puffer's end", async () => {
    const guest = boot('--run', 'true', '--expect', 'never printed');
    const [end] = await guest.gdb('continue');
    expect(end).toContain('exited with code 03');
    expect(await guest.ended).toBe(3);
  });

  it('should not go back while a report follows the run', async () => {
    const guest = boot('--run', 'ls', '--report');
    const [, refusal] = await guest.gdb('stepi', 'reverse-stepi');
    expect(refusal).toContain('does not support');
    expect(await guest.ended).toBe(0);
    expect(guest.stdout).toContain('fork');
  });
});
