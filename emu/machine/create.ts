import { Cpu } from '../cpu/cpu.ts';
import { Machine } from './machine.ts';
import type { MachineOptions } from './machine-options.ts';

/** What `createMachine` takes: `MachineOptions` with puffer's own processor. */
export type CreateMachineOptions = Omit<MachineOptions, 'createProcessor'>;

/** A machine with puffer's processor, and that processor. Throws MachineError 'memorySize'. */
export function createMachine(options: CreateMachineOptions): { machine: Machine; cpu: Cpu } {
  let cpu: Cpu | undefined;
  const machine = Machine.create({
    ...options,
    createProcessor: (state, bus) => {
      cpu = new Cpu({ state, bus, randomSeed: options.randomSeed });
      return cpu;
    },
  });
  return { machine, cpu: cpu as unknown as Cpu };
}
