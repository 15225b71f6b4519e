import type { DebugSession } from '../session/session.ts';

/** CR0.PG (AMD APM vol. 2, section 3.1.1). */
const PAGING = 1n << 31n;

/** Whether linear addresses are physical ones: before the kernel has switched paging on. */
export function isPagingOff({ debuggee }: DebugSession): boolean {
  return (debuggee.kernel.registers.get('cr0') & PAGING) === 0n;
}

/** What a person can do where the kernel's names mean nothing yet; empty later on. */
export function pagingHint(session: DebugSession): string {
  return isPagingOff(session)
    ? " (paging is off, and the kernel does not run at its own addresses yet; 'advance main' goes to its first C code)"
    : '';
}
