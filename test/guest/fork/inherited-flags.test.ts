import { describe, expect } from 'vitest';
import { decodePsFlags } from '../../../emu/index.ts';
import { type ForkScene, forkTest as it } from '../support/fork-scene.ts';

const PS_SUGID = 0x10;
const PS_SUGIDEXEC = 0x20;
const PS_PROFIL = 0x100;
const PS_NOBROADCASTKILL = 0x8_0000;
const PS_PLEDGE = 0x10_0000;
const PS_WXNEEDED = 0x20_0000;
const PS_EXECPLEDGE = 0x40_0000;

/** The flags of a child whose parent has some more than usual when fork1 is entered. */
function childOf(fork: ForkScene, flags: number): readonly string[] {
  const { machine } = fork.guest;
  fork.at('SYSCALL');
  fork.guest.runTo('fork1');
  const present = fork.parent.number('ps_flags');
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, present | flags, true);
  machine.writeMemory(fork.parent.member('ps_flags').address, bytes);
  fork.guest.runTo('process_new');
  const address = fork.guest.runToReturn();
  return decodePsFlags(fork.guest.kernel.struct('process').at(address).number('ps_flags'));
}

describe('the flags that a child takes from its parent', () => {
  it.for([
    ['PS_SUGID', PS_SUGID],
    ['PS_SUGIDEXEC', PS_SUGIDEXEC],
    ['PS_PLEDGE', PS_PLEDGE],
    ['PS_EXECPLEDGE', PS_EXECPLEDGE],
    ['PS_WXNEEDED', PS_WXNEEDED],
  ] as const)('should hold %s', ([name, flag], { fork }) => {
    expect(childOf(fork, 0)).not.toContain(name);
    expect(childOf(fork, flag)).toContain(name);
  });

  it('should not hold PS_NOBROADCASTKILL', ({ fork }) => {
    expect(childOf(fork, PS_NOBROADCASTKILL)).not.toContain('PS_NOBROADCASTKILL');
  });

  it('should hold PS_PROFIL by a profiling clock that is started anew', ({ fork }) => {
    const profiled = (): number => fork.guest.kernel.global('profprocs').number();
    fork.at('SYSCALL');
    const before = profiled();
    expect(childOf(fork, PS_PROFIL)).toContain('PS_PROFIL');
    expect(profiled()).toBe(before + 1);
  });
});
