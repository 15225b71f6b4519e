import { afterEach, beforeAll, expect, it } from 'vitest';
import { buildGuest } from '../../scripts/guest/index.ts';
import { gcc } from '../kernel/support/fixture-kernel.ts';
import { describeWithOracle } from '../oracles/require.ts';
import { DebugGuest } from './support/debug-guest.ts';

/** The shell waits for its input, and the idle thread runs. */
const IDLE = ['break ttread', 'continue', 'delete', 'tbreak cpu_idle_cycle', 'continue'];

describeWithOracle(gcc, "a program's names from outside of it", () => {
  let guest: DebugGuest | undefined;
  beforeAll(() => buildGuest());
  afterEach(() => guest?.close());

  const ask = async (command: string): Promise<string> => ((await guest?.run(command)) ?? '').trim();

  it("should be found in the program's process, with what they point to", async () => {
    guest = await DebugGuest.boot(['ls']);
    await guest.run(...IDLE);
    expect(await ask('print curproc->p_p->ps_comm')).toContain('"idle0"');
    expect(await ask('print prog:ksh:environ[0]')).toMatch(/"\w+=.*"$/);
    expect(await ask('print (long)prog:ksh:f_interactive + kernel:nprocesses')).toMatch(/= [1-9]\d*$/);
    expect(await ask('output &prog:ksh:errno')).toMatch(/^\(int \*\) 0x41/);
    expect(await ask('x/s prog:ksh:environ[0]')).toMatch(/"\w+=/);
    expect(await ask('whatis prog:ksh:environ')).toBe('type = char **');
    expect((await guest.fails('print prog:ksh:nonesuch')).message).toBe('nothing in ksh is named nonesuch');
    expect((await guest.fails('print prog:ls:errno')).message).toBe('no process runs ls now');
    expect((await guest.fails('print prog:nope:errno')).message).toMatch(/no program nope is known/);
    expect((await guest.fails('print prog:ksh:3')).message).toMatch(/name is missing after ksh:/);
  });

  it('should be watched, asked about and written there', async () => {
    guest = await DebugGuest.boot(['nonesuch', 'echo hi']);
    await guest.run(...IDLE);
    await guest.run('set prog:ksh:errno = 99');
    expect(await ask('output prog:ksh:errno')).toBe('99');
    expect(await ask('watch prog:ksh:errno')).toMatch(/^Watchpoint \d+: prog:ksh:errno \(4 bytes at 0x41/);
    const stop = await guest.run('continue');
    expect(stop).toMatch(/prog:ksh:errno/);
    expect(stop).toMatch(/99/);
    expect(await ask('print curproc->p_p->ps_comm')).toContain('"ksh"');
    const errno = await ask('output errno');
    expect(errno).not.toBe('99');
    await guest.run('delete', 'break cpu_idle_cycle if prog:ksh:errno != 99', 'continue');
    expect(await ask('print curproc->p_p->ps_comm')).toContain('"idle0"');
    expect(await ask('who-wrote prog:ksh:errno')).toMatch(/<__cerror.*pid \d+ ksh/);
  });

  it('should say which processes there are when it is not clear whose is meant', async () => {
    guest = await DebugGuest.boot(['ls']);
    await guest.run('tbreak fork1 if curp->p_p->ps_pid > 1', 'continue', 'tbreak sys_execve', 'continue');
    // The child is a ksh until its exec is done.
    await guest.run('thread 232866');
    expect((await guest.fails('print prog:ksh:errno')).message).toMatch(
      /2 processes run ksh: pids \d+, \d+; select a thread of one/,
    );
  });
});
