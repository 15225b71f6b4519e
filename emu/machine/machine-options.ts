import type { Processor, State } from '../cpu/index.ts';
import type { BootFile, BootModule } from './boot/placement.ts';
import type { MachineBus } from './bus.ts';
import type { ConsoleScript, OutputListener } from './console.ts';

export interface MachineOptions {
  /** Bytes of RAM: a multiple of 64 KiB from 4 MiB to 2 GiB. */
  readonly memory: number;
  /** Makes another processor than the usual one, for tests of the machine itself. */
  readonly createProcessor?: ((state: State, bus: MachineBus) => Processor) | undefined;
  /** Seconds since 1970 that the real-time clock shows at power-on; 0 if not given. */
  readonly bootTime?: number | undefined;
  /** What the processor's random number generator (RDRAND, RDSEED) starts from: a 64-bit number, 0 if not given. */
  readonly randomSeed?: bigint | undefined;
}

/** What to load. */
export interface KernelOptions {
  /** The kernel's name in error messages. */
  readonly name: string;
  readonly commandLine?: string | undefined;
  readonly initrd?: BootFile | undefined;
  /** Further files for a Multiboot kernel, before the initrd. */
  readonly modules?: readonly BootModule[] | undefined;
}

/** The console as the host sees it. */
export interface MachineConsole {
  /** The guest's driver has taken all that was typed. */
  readonly drained: boolean;
  /** Calls `listener` with the output from now on. Returns a function that ends it. */
  onOutput(listener: OutputListener): () => void;
  /** Types something now. Throws InputError 'replaying' while a recorded run is replayed. */
  write(input: string | Uint8Array): void;
  /** Holds the line down for a moment: a break. Throws InputError 'replaying' while a recorded run is replayed. */
  sendBreak(): void;
  /** Sets what is typed while the guest waits for input; undefined for nothing. */
  setScript(script: ConsoleScript | undefined): void;
}
