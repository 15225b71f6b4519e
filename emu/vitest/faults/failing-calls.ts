import { GuestTestError } from '../errors.ts';

/** Arguments of a call, as rdi, rsi, rdx, rcx, r8 and r9 have them. */
export type CallArguments = readonly bigint[];

/** How a function of the kernel tells that it has failed. */
export interface FailingFunction {
  /** What it returns then. */
  readonly returns: bigint;
  /** Whether a call may fail at all; all may if not given. */
  readonly mayFail?: ((args: CallArguments) => boolean) | undefined;
}

/** sys/errno.h. */
const EFAULT = 14n;
/** sys/malloc.h and sys/pool.h: the caller does not wait, or lives with NULL. */
const M_NOWAIT_OR_CANFAIL = 0x6n;
const PR_NOWAIT_OR_LIMITFAIL = 0x6n;

const NULL_RETURNED: FailingFunction = { returns: 0n };
const FAULTS: FailingFunction = { returns: EFAULT };

/** Functions that can fail, and callers that must expect it. */
const FAILING: Readonly<Record<string, FailingFunction>> = {
  uvm_uarea_alloc: NULL_RETURNED,
  uvm_analloc: NULL_RETURNED,
  // A page that is asked for with the kernel's reserve is waited for instead.
  uvm_pagealloc: { returns: 0n, mayFail: ([flags = 0n]) => flags === 0n },
  amap_alloc: { returns: 0n, mayFail: ([, flags = 0n]) => (flags & M_NOWAIT_OR_CANFAIL) !== 0n },
  malloc: { returns: 0n, mayFail: ([, , flags = 0n]) => (flags & M_NOWAIT_OR_CANFAIL) !== 0n },
  pool_get: { returns: 0n, mayFail: ([, flags = 0n]) => (flags & PR_NOWAIT_OR_LIMITFAIL) !== 0n },
  copyin: FAULTS,
  copyout: FAULTS,
  copyinstr: FAULTS,
  copyoutstr: FAULTS,
};

/** How a function fails. Throws GuestTestError 'bad-expectation' for one that is not known to fail, when no value is given. */
export function failureOf(name: string, returns: bigint | undefined): FailingFunction {
  const known = FAILING[name];
  if (returns !== undefined) return { returns, mayFail: known?.mayFail };
  if (known !== undefined) return known;
  throw new GuestTestError(
    'bad-expectation',
    `nobody knows how ${name} fails: say what it returns then (known are ${Object.keys(FAILING).join(', ')})`,
  );
}
