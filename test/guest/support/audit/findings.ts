/** What an audit finds wrong, one sentence each. */
export class Findings {
  readonly #texts: string[] = [];

  get texts(): readonly string[] {
    return this.#texts;
  }

  /** Notes that two values differ that must not. */
  equal(what: string, found: unknown, wanted: unknown): void {
    if (found !== wanted) this.#texts.push(`${what} is ${shown(found)}, not ${shown(wanted)}`);
  }

  /** Notes what does not hold. */
  holds(what: string, holds: boolean): void {
    if (!holds) this.#texts.push(what);
  }
}

function shown(value: unknown): string {
  return typeof value === 'bigint' ? `0x${value.toString(16)}` : String(value);
}

/** How often each key comes. */
export class Tally<Key> {
  readonly #counts = new Map<Key, number>();

  add(key: Key): void {
    this.#counts.set(key, this.of(key) + 1);
  }

  of(key: Key): number {
    return this.#counts.get(key) ?? 0;
  }

  [Symbol.iterator](): IterableIterator<[Key, number]> {
    return this.#counts.entries();
  }
}
