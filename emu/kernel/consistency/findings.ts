import { hex } from '../hexadecimal.ts';

/** Something in the kernel's data that cannot be so. */
export interface Inconsistency {
  /** What kind of damage, the same for the same defect: `list allproc`, `references of ucred`. */
  readonly kind: string;
  /** What was found where. */
  readonly message: string;
}

/** Collects what a check finds. */
export class Findings {
  readonly all: Inconsistency[] = [];

  add(kind: string, message: string): void {
    this.all.push({ kind, message });
  }

  /** A count that the kernel keeps, and what there is. */
  compare(kind: string, what: string, kept: number, found: number): void {
    if (kept !== found) this.add(kind, `${what} is ${kept}, but there are ${found}`);
  }

  /** How often each object is referred to, against its reference count. */
  references(
    what: string,
    found: ReadonlyMap<bigint, number>,
    countOf: (address: bigint) => number,
    exact: boolean,
  ): void {
    for (const [address, references] of found) {
      const count = countOf(address);
      if (count === references || (!exact && count > references)) continue;
      this.add(
        `references of ${what}`,
        `the ${what} at ${hex(address)} counts ${count} references, and ${references} were found`,
      );
    }
  }
}

/** One more reference to an object; null pointers are none. */
export function refer(references: Map<bigint, number>, address: bigint): void {
  if (address !== 0n) references.set(address, (references.get(address) ?? 0) + 1);
}
