import { errorName } from '../../kernel/index.ts';
import { CALL, CallState } from './layout.ts';

/** How a system call ended. */
export interface SyscallResult {
  /** Its name, as `syscallnames` has it. */
  readonly name: string;
  readonly number: number;
  /** What libc's function would return: rax as a signed number, or -1 for an error. */
  readonly value: number;
  /** `EAGAIN`; 0 when the call has not failed, as errno then is not touched. */
  readonly errno: string | 0;
  /** rax and rdx as the kernel left them. rdx is the second result (pipe's second end, 1 in a child), or what it was. */
  readonly rax: bigint;
  readonly rdx: bigint;
  /** The carry flag, by which the kernel tells an error. */
  readonly carry: boolean;
  /** The arguments as they were passed. */
  readonly arguments: readonly bigint[];
}

/** A call of a program, seen in the scratch process's memory; undefined when it has not returned. */
export function decodeResult(view: DataView, at: number, name: string): SyscallResult | undefined {
  const state = Number(view.getBigInt64(at + CALL.state, true));
  if (state === CallState.pending) return undefined;
  const carry = state === CallState.failed;
  const rax = view.getBigUint64(at + CALL.value, true);
  const count = Number(view.getBigInt64(at + CALL.argumentCount, true));
  return {
    name,
    number: Number(view.getBigInt64(at + CALL.number, true)),
    value: carry ? -1 : Number(BigInt.asIntN(64, rax)),
    errno: carry ? errorName(Number(rax)) : 0,
    rax,
    rdx: view.getBigUint64(at + CALL.second, true),
    carry,
    arguments: Array.from({ length: count }, (_, index) =>
      view.getBigUint64(at + CALL.actual + 8 * index, true),
    ),
  };
}
