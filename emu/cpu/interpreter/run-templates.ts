/** A run of decoded instructions as it was written: the records know offsets in their page, and no address. */
export interface RunTemplate {
  /** Offset of the first instruction in its page. */
  readonly offset: number;
  /** What it was decoded for: see `CodeCache`. */
  readonly variant: number;
  /** Of all its instructions, in order. */
  readonly bytes: Uint8Array;
  readonly records: Uint32Array;
  /** Of each instruction two: its offset in the page, and that of its first record from the run's, in bytes. */
  readonly instructions: Uint16Array;
}

/** Templates that begin with the same bytes at the same offset are few: programs that differ further on. */
const MOST_ALIKE = 4;
/** So many of them hold about 8 MiB. All are dropped then. */
const MOST_TEMPLATES = 8192;

/**
 * Runs that have been decoded before, by their bytes. Programs come to new physical pages each time they are executed; what they consist of
 * is the same.
 */
export class RunTemplates {
  readonly #byHead = new Map<number, RunTemplate[]>();
  #count = 0;

  /** A run whose instructions have the bytes that stand at an offset of a page. */
  find(page: Uint8Array, offset: number, variant: number): RunTemplate | undefined {
    const alike = this.#byHead.get(headOf(page, offset, variant));
    return alike?.find(
      (one) => one.offset === offset && one.variant === variant && begins(page, offset, one.bytes),
    );
  }

  /** Keeps a run of a page. */
  add(page: Uint8Array, template: RunTemplate): void {
    if (this.#count >= MOST_TEMPLATES) {
      this.#byHead.clear();
      this.#count = 0;
    }
    const head = headOf(page, template.offset, template.variant);
    const alike = this.#byHead.get(head) ?? [];
    this.#byHead.set(head, alike);
    alike.push(template);
    if (alike.length > MOST_ALIKE) alike.shift();
    else this.#count++;
  }
}

function begins(page: Uint8Array, offset: number, bytes: Uint8Array): boolean {
  for (let index = 0; index < bytes.length; index++) {
    if (page[offset + index] !== bytes[index]) return false;
  }
  return true;
}

/** The first bytes, an offset and a variant in one small integer. Reading behind the page gives zeros. */
function headOf(page: Uint8Array, offset: number, variant: number): number {
  let hash = Math.imul(offset, 31) ^ variant;
  for (let index = offset; index < offset + 8; index++)
    hash = Math.imul(hash ^ (page[index] ?? 0), 0x0100_0193);
  return hash;
}
