import type { EventName, EventValues } from '../events.ts';
import type { Kernel } from '../kernel.ts';
import type { Detach, Probes } from '../probes.ts';
import type { Reading } from '../reading.ts';

/** What a source of events works with. */
export interface SourceContext {
  readonly kernel: Kernel;
  readonly probes: Probes;
  /** Sends an event of this moment; `reading` holds what could not be read for it. */
  readonly emit: <N extends EventName>(name: N, values: EventValues[N], reading?: Reading) => void;
}

/** Attaches the probes of an event and returns what detaches them. Throws KernelError 'no-symbol' with nothing attached. */
export type EventSource = (context: SourceContext) => Detach;

/** Attaches several probes, or none when one of them fails. */
export function attachAll(attachments: readonly (() => Detach)[]): Detach {
  const attached: Detach[] = [];
  const detach = (): void => {
    for (const one of attached.splice(0)) one();
  };
  try {
    for (const attach of attachments) attached.push(attach());
  } catch (error) {
    detach();
    throw error;
  }
  return detach;
}

const INT_BITS = 32;

/** An `int` argument or result: the upper half of its register means nothing. */
export function toInt(register: bigint | undefined): number {
  return Number(BigInt.asIntN(INT_BITS, register ?? 0n));
}

/** An `unsigned int`. */
export function toUnsigned(register: bigint | undefined): number {
  return Number(BigInt.asUintN(INT_BITS, register ?? 0n));
}
