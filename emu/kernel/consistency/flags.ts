import { type FlagNames, PROCESS_FLAGS, THREAD_FLAGS } from '../constants.ts';

function flagOf(flags: FlagNames, name: string): number {
  const found = flags.find(([, one]) => one === name);
  if (found === undefined) throw new RangeError(`no flag is called ${name}`);
  return found[0];
}

const ofProcess = (name: string): number => flagOf(PROCESS_FLAGS, name);
const ofThread = (name: string): number => flagOf(THREAD_FLAGS, name);

/** `ps_flags` that the checks ask for. */
export const PS_EXITING = ofProcess('PS_EXITING');
export const PS_PPWAIT = ofProcess('PS_PPWAIT');
export const PS_ISPWAIT = ofProcess('PS_ISPWAIT');
export const PS_TRACED = ofProcess('PS_TRACED');
export const PS_SINGLEEXIT = ofProcess('PS_SINGLEEXIT');
export const PS_SINGLEUNWIND = ofProcess('PS_SINGLEUNWIND');
export const PS_NOZOMBIE = ofProcess('PS_NOZOMBIE');
export const PS_SYSTEM = ofProcess('PS_SYSTEM');
export const PS_EMBRYO = ofProcess('PS_EMBRYO');
export const PS_ZOMBIE = ofProcess('PS_ZOMBIE');

/** `p_flag`. */
export const P_SIGSUSPEND = ofThread('P_SIGSUSPEND');
export const P_SELECT = ofThread('P_SELECT');
export const P_SINTR = ofThread('P_SINTR');
export const P_TIMEOUT = ofThread('P_TIMEOUT');
export const P_WEXIT = ofThread('P_WEXIT');
export const P_SUSPSINGLE = ofThread('P_SUSPSINGLE');
