import type { Kernel, Snapshot } from '../../../emu/index.ts';
import type { BootedGuest } from '../../../emu/vitest/index.ts';

/** A course of events in a guest, kept at some moments so that tests can look at each of them, in any order. */
export class Scene<M extends string> {
  readonly guest: BootedGuest;
  readonly #moments = new Map<M, Snapshot>();

  constructor(guest: BootedGuest) {
    this.guest = guest;
  }

  /** Keeps the present moment under a name. */
  protected mark(moment: M): void {
    this.#moments.set(moment, this.guest.machine.snapshot());
  }

  /** Puts the guest back to a moment; returns its kernel. */
  at(moment: M): Kernel {
    const snapshot = this.#moments.get(moment);
    if (snapshot === undefined) throw new RangeError(`the scene has no moment '${moment}'`);
    this.guest.machine.restore(snapshot);
    return this.guest.kernel;
  }

  /** Steps since power-on at a moment. */
  positionOf(moment: M): number {
    this.at(moment);
    return this.guest.machine.position;
  }

  /** How much a number has grown from one moment to another. */
  growth(from: M, to: M, read: (kernel: Kernel) => number): number {
    const before = read(this.at(from));
    return read(this.at(to)) - before;
  }

  /** A value at one moment and at another. */
  both<T>(from: M, to: M, read: (kernel: Kernel) => T): readonly [T, T] {
    const before = read(this.at(from));
    return [before, read(this.at(to))];
  }
}
