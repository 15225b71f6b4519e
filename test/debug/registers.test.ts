import { afterEach, expect, it } from 'vitest';
import { buildGuest } from '../../scripts/guest/index.ts';
import { gcc } from '../kernel/support/fixture-kernel.ts';
import { describeWithOracle } from '../oracles/require.ts';
import { gdb, PufferUnderGdb } from './gdb/support/gdb.ts';
import { DebugGuest } from './support/debug-guest.ts';

const AT_THE_FORK = ['break fork1 if curp->p_p->ps_pid > 1', 'continue'];
const REGISTERS = 'rip rsp eflags cs fs_base cr0 cr3 efer mxcsr xmm0 xmm1 st0 fctrl';
/** One process alone, so that both sides have the same: first what is there, then what is written. */
const QUESTIONS = [
  ...[
    'eflags',
    'cs',
    'fs_base',
    'cr0',
    'cr3',
    'efer',
    'mxcsr',
    'xmm0',
    'xmm1.v2_int64[1]',
    'st0',
    'rip',
    'sp',
  ].map((name) => `print $${name}`),
  ...['eflags', 'cr0', 'xmm0', 'xmm0.uint128'].map((name) => `print/x $${name}`),
  'whatis $eflags',
  'print $eflags & 1',
  `info registers ${REGISTERS}`,
];
const WRITES = [
  'set var $xmm0.v4_float[1] = 0.1',
  'set var $xmm1.v8_int16[7] = -2',
  'set var $eflags = 0x206',
];

/** Line breaks and the width of columns are each debugger's own. */
const plain = (text: string | undefined): string =>
  (text ?? '').replace(/\s+/g, ' ').replaceAll('{ ', '{').replaceAll(' }', '}').trim();

describeWithOracle([gdb, gcc], 'registers beyond those of the frame', () => {
  let guest: DebugGuest | undefined;
  let puffer: PufferUnderGdb | undefined;
  afterEach(async () => {
    guest?.close();
    await puffer?.close();
  });

  it("have gdb's shapes, and are written in the same way", async () => {
    await buildGuest();
    guest = await DebugGuest.boot(['ls']);
    puffer = new PufferUnderGdb(['--run', 'ls']);
    const commands = [...QUESTIONS, ...WRITES, ...QUESTIONS];
    const theirs = (await puffer.gdb(...AT_THE_FORK, ...commands)).slice(AT_THE_FORK.length);
    await guest.run(...AT_THE_FORK);
    for (const [index, command] of commands.entries()) {
      const ours = await guest.run(command);
      if (WRITES.includes(command)) continue;
      expect(plain(ours), command).toBe(plain(theirs[index]));
    }
  });

  it('come in groups, and all at once', async () => {
    guest = await DebugGuest.boot(['ls']);
    await guest.run(...AT_THE_FORK);
    const names = async (command: string): Promise<string[]> =>
      Array.from((await guest?.run(command))?.matchAll(/^(\w+) /gm) ?? [], ([, name = '']) => name);
    expect(await names('info registers system')).toEqual([
      'cr0',
      'cr2',
      'cr3',
      'cr4',
      'cr8',
      'efer',
      'k_gs_base',
    ]);
    expect(await names('info registers float')).toContain('st7');
    expect(await names('info registers vector')).toContain('xmm15');
    expect(await names('info registers general')).toContain('gs_base');
    expect((await names('info all-registers')).length).toBeGreaterThan(55);
    expect((await guest.fails('info registers xmm99')).message).toMatch(/no register or group xmm99/);
    // What a sleeping thread has left is what cpu_switchto() saves.
    await guest.run('thread 232866');
    expect(await guest.run('info registers rbx xmm0')).toMatch(/^rbx +0x[0-9a-f]+ .*\nxmm0 +<not saved>\n$/);
    expect((await guest.fails('print $xmm0')).message).toMatch(/does not run/);
  });
});
