import type { DebugSession } from '../session/session.ts';

/** CR0.PG (AMD APM vol. 2, section 3.1.1). */
const PAGING = 1n << 31n;

/** Whether linear addresses are physical ones: before the kernel has switched paging on. */
export function isPagingOff({ debuggee }: DebugSession): boolean {
  return (debuggee.kernel.registers.get('cr0') & PAGING) === 0n;
}

/** How to come to where there is something to see; another kernel may have no `main`. */
function wayOn({ debuggee }: DebugSession): string {
  const hasMain = debuggee.kernel.image.addressOf('main') !== undefined;
  return hasMain ? "'advance main' goes to its first C code" : "'break *ADDRESS' and 'continue' go on";
}

/** What a person can do where the kernel's names mean nothing yet; empty later on. */
export function pagingHint(session: DebugSession): string {
  return isPagingOff(session)
    ? ` (paging is off, and the kernel does not run at its own addresses yet; ${wayOn(session)})`
    : '';
}

/** Why there are no callers and no variables to look at, and what to do about it; undefined when there may be some. */
export function noStackYet(session: DebugSession): string | undefined {
  if (!isPagingOff(session)) return undefined;
  const why =
    session.debuggee.machine.position === 0
      ? 'the machine has not run'
      : 'the kernel does not run at its own addresses';
  return `there is no stack yet, since ${why}: ${wayOn(session)}`;
}
