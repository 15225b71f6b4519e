import type { Cpu } from '../../../cpu/cpu.ts';
import type { Kernel } from '../../../kernel/index.ts';
import type { Machine } from '../../../machine/index.ts';
import type { GdbTarget } from '../target.ts';
import { Course } from './course.ts';
import { History, type HistoryOptions } from './history.ts';
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
  readonly history?: Partial<HistoryOptions> | undefined;
  /** From this position on the guest takes another course than the one already seen. */
  readonly onNewCourse?: ((position: number) => void) | undefined;
}

/** A machine as gdb sees it. */
export function machineTarget(options: MachineTargetOptions): GdbTarget {
  const { machine, cpu, kernel, pace, breathe } = options;
  const { inspector } = cpu.system;
  const course = new Course(machine);
  const threads = new KernelThreads(kernel);
  const breakpoints = new MachineBreakpoints(machine.breakpoints);
  const { state, watchpoints } = machine;
  const watch = new MachineWatchpoints({ watchpoints, inspector, state });
  const history = breathe === undefined ? undefined : new History(machine, options.history);
  const run = new MachineRun({ machine, cpu, pace, breakpoints, watch, threads, course, history });
  course.onChange((position) => {
    history?.forgetAfter(position);
    options.onNewCourse?.(position);
  });
  return {
    registers: new MachineRegisters(machine, (thread) => threads.saved(thread), course),
    memory: new MachineMemory(machine, inspector, course),
    run,
    threads,
    breakpoints,
    watchpoints: watch,
    reverse:
      history === undefined || breathe === undefined
        ? undefined
        : new MachineReverse({ machine, history, run, breakpoints, watch, breathe }),
    monitor: machineMonitor(kernel, machine),
  };
}
