import type { MachineStop } from '../machine/index.ts';

/** Why a run stopped, as a clause for a person. */
export function describeStop(stop: MachineStop): string {
  switch (stop.reason) {
    case 'powerOff':
      return 'the guest has powered off';
    case 'reset':
      return 'the guest has asked for a reset';
    case 'debugExit':
      return `the guest has ended the run through the debug-exit port, with code ${stop.code}`;
    case 'panic':
      return 'the kernel has panicked';
    case 'shutdown':
      return 'the processor has shut down after a triple fault';
    case 'idle':
      return stop.deadline === undefined
        ? 'the guest waits for input, or has halted: no timer will wake it'
        : 'the guest waits for input: nothing but timers wakes it';
    case 'inputEnd':
      return 'the guest waits for input, and nothing is left to type';
    case 'budget':
      return 'the step budget is used up';
    case 'breakpoint':
      return 'a breakpoint was reached';
    case 'watchpoint':
      return 'a watchpoint was hit';
    case 'position':
      return 'the position asked for is reached';
    case 'time':
      return 'the guest time asked for is reached';
    case 'consoleText':
      return 'the text that was waited for has been printed';
    case 'requested':
      return 'interrupted';
  }
}

/** The machine takes no further step after this stop. */
export function isEnding(stop: MachineStop): boolean {
  return ['powerOff', 'reset', 'debugExit', 'panic', 'shutdown'].includes(stop.reason);
}
