import { expect, test } from 'vitest';
import * as layout from '../../../emu/cpu/layout.ts';
import { Machine } from '../../../emu/machine/index.ts';
import { type GdbRegister, startQemuUnderGdb } from '../../oracles/gdb-remote.ts';
import { assembler, buildFlatImage, qemu } from '../../oracles/qemu-flat.ts';
import { describeWithOracle } from '../../oracles/require.ts';

const MEMORY = 64 * 2 ** 20;
/** RIP's number in the protocol. */
const RIP_NUMBER = 16;
const STEPS = 8_000;

/** The registers of `g` that are slots, in encoding order. */
const GENERAL: readonly GdbRegister[] = [
  'rax',
  'rcx',
  'rdx',
  'rbx',
  'rsp',
  'rbp',
  'rsi',
  'rdi',
  'r8',
  'r9',
  'r10',
  'r11',
  'r12',
  'r13',
  'r14',
  'r15',
];

describeWithOracle([qemu, assembler], 'in lock-step with QEMU through its stub', () => {
  test(`the first ${STEPS} instructions of a flat image leave the same registers`, async () => {
    const image = buildFlatImage([{ name: 'user', code: 'USER\nsyscall' }]);
    const machine = Machine.create({ memory: MEMORY });
    const { entry } = machine.loadKernel(image, { name: 'flat image' });
    const other = await startQemuUnderGdb(image);
    try {
      await other.remote.setBreakpoint(BigInt(entry), 'hardware');
      expect(await other.remote.continue()).toEqual({ kind: 'signal', signal: 5 });
      await other.remote.clearBreakpoint(BigInt(entry), 'hardware');
      // PVH defines RBX alone at the entry: the others start as the firmware left them.
      const start = await other.remote.readRegisters();
      GENERAL.forEach((name, index) => {
        machine.state.set64(layout.GPR + index * 8, start[name]);
      });
      let before = 0n;
      for (let step = 0; step < STEPS; step++) {
        const { state } = machine;
        let registers = await other.remote.readRegisters();
        // QEMU takes one more step to find that a REP has no iteration left.
        if (registers.rip === before && registers.rcx === 0n && state.get64(layout.RIP) !== before) {
          await other.remote.step();
          registers = await other.remote.readRegisters();
        }
        before = registers.rip;
        const ours = GENERAL.map(
          (name, index) => `${name}=${state.get64(layout.GPR + index * 8).toString(16)}`,
        );
        const theirs = GENERAL.map((name) => `${name}=${registers[name].toString(16)}`);
        const at = (rip: bigint) => `step ${step} rip=${rip.toString(16)}`;
        expect([at(state.get64(layout.RIP)), ...ours]).toEqual([at(registers.rip), ...theirs]);
        await other.remote.step();
        machine.run({ budget: 1 });
      }
    } finally {
      other.close();
    }
  });

  test('the stub answers for memory, single registers and both kinds of breakpoint', async () => {
    const image = buildFlatImage([{ name: 'done', code: 'DONE' }]);
    const machine = Machine.create({ memory: MEMORY });
    const { entry } = machine.loadKernel(image, { name: 'flat image' });
    const { remote, close } = await startQemuUnderGdb(image);
    try {
      // The image is not in memory before the firmware has run: only a hardware breakpoint survives that.
      await remote.setBreakpoint(BigInt(entry), 'hardware');
      await remote.continue();
      expect([...(await remote.readMemory(BigInt(entry), 64))]).toEqual([
        ...machine.state.ram.subarray(entry, entry + 64),
      ]);
      expect(await remote.readRegister(RIP_NUMBER)).toBe(BigInt(entry));
      const scratch = 0x30_0000n;
      await remote.writeMemory(scratch, Uint8Array.of(1, 2, 0xff));
      expect([...(await remote.readMemory(scratch, 4))]).toEqual([1, 2, 0xff, 0]);
      machine.run({ budget: 5 });
      const next = machine.state.get64(layout.RIP);
      // QEMU would stop at the one it stands on again.
      await remote.clearBreakpoint(BigInt(entry), 'hardware');
      await remote.setBreakpoint(next);
      expect(await remote.continue()).toEqual({ kind: 'signal', signal: 5 });
      expect((await remote.readRegisters()).rip).toBe(next);
      await expect(remote.request('vKill;1')).resolves.toBe('OK');
    } finally {
      close();
    }
  });
});
