import { GdbStub, machineTarget, type Pace } from '../../../../emu/debug/gdb/index.ts';
import type { CheckpointOptions } from '../../../../emu/debug/time/checkpoints.ts';
import { Kernel, KernelImage } from '../../../../emu/kernel/index.ts';
import { createMachine } from '../../../../emu/machine/create.ts';
import type { Machine } from '../../../../emu/machine/index.ts';
import { makeKernel } from '../../../machine/support/kernel-file.ts';
import { StubClient } from './stub-client.ts';

export const ENTRY = 0x10_0000;
/** A word that the program writes. */
export const COUNTER = 0x20_0000;
/** Its loop's first instruction, and the one that writes. */
export const LOOP = ENTRY + 5;
export const STORE = LOOP + 1;

/** 32-bit code: counts EAX up from 5 and stores it, for ever. */
const COUNT = Uint8Array.of(
  ...[0xb8, 5, 0, 0, 0], // mov eax, 5
  ...[0x40], // loop: inc eax
  ...[0xa3, 0, 0, 0x20, 0], // mov [0x200000], eax
  ...[0xeb, 0xf8], // jmp loop
);
/** Steps of one turn of the loop. */
export const TURN = 3;
const MEMORY = 4 * 2 ** 20;

const breathe = (): Promise<void> => new Promise((resume) => setImmediate(resume));

/** Lets a running machine run on past a position. */
export async function runsPast(machine: Machine, position: number): Promise<void> {
  while (machine.position <= position) await breathe();
}

export interface SmallMachine {
  readonly machine: Machine;
  readonly stub: GdbStub;
  /** Connects a client. */
  readonly connect: () => StubClient;
}

/** A machine with a small program in it, and the stub over it. `code` is another program. */
export function smallMachine(
  options: { code?: Uint8Array; history?: Partial<CheckpointOptions>; reverse?: boolean } = {},
): SmallMachine {
  const bytes = makeKernel({ entry: ENTRY, code: options.code ?? COUNT, memorySize: 0x1000 });
  const { machine, cpu } = createMachine({ memory: MEMORY });
  machine.loadKernel(bytes, { name: 'small' });
  const kernel = new Kernel({ image: KernelImage.open(bytes), machine, memory: cpu.system.inspector });
  const pace: Pace = async (slice) => {
    for (;;) {
      await breathe();
      const stop = slice({ budget: 100_000 });
      if (stop.reason !== 'budget') return stop;
    }
  };
  const target = machineTarget({
    machine,
    cpu,
    kernel,
    pace,
    breathe: options.reverse === false ? undefined : breathe,
    checkpoints: options.history,
  });
  const stub = new GdbStub({ target, exitStatus: () => 5 });
  return { machine, stub, connect: () => new StubClient(stub) };
}
