import type { Cpu } from '../../../cpu/cpu.ts';
import type { Kernel } from '../../../kernel/index.ts';
import type { Machine } from '../../../machine/index.ts';
import { GuestWriter } from '../../guest-writer.ts';
import type { CheckpointOptions } from '../../time/checkpoints.ts';
import { Timeline } from '../../time/timeline.ts';
import type { GdbTarget } from '../target.ts';
import { KernelThreads } from './kernel-threads.ts';
import { MachineBreakpoints } from './machine-breakpoints.ts';
import { MachineMemory } from './machine-memory.ts';
import { machineMonitor } from './machine-monitor.ts';
import { MachineRegisters } from './machine-registers.ts';
import { MachineReverse } from './machine-reverse.ts';
import { MachineRun, type Pace } from './machine-run.ts';
import { MachineWatchpoints } from './machine-watchpoints.ts';

export interface MachineTargetOptions {
  readonly machine: Machine;
  readonly cpu: Cpu;
  readonly kernel: Kernel;
  /** How the machine runs on. */
  readonly pace: Pace;
  /** Gives the host's events their turn; without it there is no going back. */
  readonly breathe?: (() => Promise<void>) | undefined;
  readonly checkpoints?: Partial<CheckpointOptions> | undefined;
  /** From this position on the guest takes another course than the one already seen. */
  readonly onNewCourse?: ((position: number) => void) | undefined;
}

/** A machine as gdb sees it. */
export function machineTarget(options: MachineTargetOptions): GdbTarget {
  const { machine, cpu, kernel, pace, breathe } = options;
  const { inspector } = cpu.system;
  const timeline = new Timeline(machine, breathe === undefined ? 'forwardOnly' : options.checkpoints);
  const { course } = timeline;
  const writer = new GuestWriter({ machine, inspector, course });
  const threads = new KernelThreads(kernel);
  const breakpoints = new MachineBreakpoints(machine.breakpoints);
  const { state, watchpoints } = machine;
  const watch = new MachineWatchpoints({ watchpoints, inspector, state });
  const run = new MachineRun({ machine, cpu, pace, breakpoints, watch, threads, timeline });
  course.onChange((position) => options.onNewCourse?.(position));
  return {
    registers: new MachineRegisters(machine, (thread) => threads.saved(thread), writer),
    memory: new MachineMemory(machine, inspector, writer),
    run,
    threads,
    breakpoints,
    watchpoints: watch,
    reverse:
      breathe === undefined
        ? undefined
        : new MachineReverse({ machine, timeline, run, breakpoints, watch, breathe }),
    monitor: machineMonitor(kernel, machine),
  };
}
