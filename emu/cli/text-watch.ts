/** Watches console output for texts that must, and texts that must not, appear. */
export class TextWatch {
  readonly #expected: { text: string; seen: boolean }[];
  readonly #forbidden: readonly string[];
  readonly #decoder = new TextDecoder();
  readonly #longest: number;
  #tail = '';
  #forbiddenSeen: string | undefined;

  constructor(texts: { readonly expected: readonly string[]; readonly forbidden: readonly string[] }) {
    this.#expected = texts.expected.map((text) => ({ text, seen: false }));
    this.#forbidden = texts.forbidden;
    this.#longest = Math.max(1, ...[...texts.expected, ...texts.forbidden].map((text) => text.length));
  }

  /** Takes output; returns true when a forbidden text has just been completed. */
  feed(bytes: Uint8Array): boolean {
    this.#tail += this.#decoder.decode(bytes, { stream: true });
    for (const entry of this.#expected) if (!entry.seen && this.#tail.includes(entry.text)) entry.seen = true;
    const found = this.#forbidden.find((text) => this.#tail.includes(text));
    this.#tail = this.#tail.slice(-this.#longest);
    if (found === undefined || this.#forbiddenSeen !== undefined) return false;
    this.#forbiddenSeen = found;
    return true;
  }

  /** Expected texts that have not appeared. */
  get missing(): readonly string[] {
    return this.#expected.filter(({ seen }) => !seen).map(({ text }) => text);
  }

  /** The first forbidden text that appeared. */
  get forbiddenSeen(): string | undefined {
    return this.#forbiddenSeen;
  }
}
