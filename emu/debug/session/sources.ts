/** Where source text comes from: the lines of a file by the path that the debugging information has; undefined when there is no such file. */
export type SourceReader = (path: string) => readonly string[] | undefined;

/** Source files, read once. */
export class Sources {
  readonly #read: SourceReader;
  readonly #files = new Map<string, readonly string[] | undefined>();

  constructor(read: SourceReader) {
    this.#read = read;
  }

  lines(path: string): readonly string[] | undefined {
    if (!this.#files.has(path)) this.#files.set(path, this.#read(path));
    return this.#files.get(path);
  }

  /** The text of a line, counted from 1. */
  line(path: string, number: number): string | undefined {
    return this.lines(path)?.[number - 1];
  }
}
