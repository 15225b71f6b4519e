import { toJson } from '../kernel/index.ts';
import type { MachineConsole } from '../machine/index.ts';

const SCHEMA = 'puffer-debug';
const VERSION = 1;
const LINE_FEED = 0x0a;

/** A line of `puffer debug --json`. */
export function jsonLine(fields: Readonly<Record<string, unknown>>): string {
  return `${toJson({ schema: SCHEMA, version: VERSION, ...fields })}\n`;
}

/** Standard output of `puffer debug --json`: what the guest prints, and what breakpoints do, as events among the answers. */
export class JsonOutput {
  readonly #decoder = new TextDecoder();
  readonly #write: (line: string) => void;
  #pending: number[] = [];

  /** Shows the output of a console from now on. */
  constructor(
    console: Pick<MachineConsole, 'onOutput'>,
    write: (line: string) => void = (line) => process.stdout.write(line),
  ) {
    this.#write = write;
    console.onOutput((bytes) => {
      for (const byte of bytes) {
        this.#pending.push(byte);
        if (byte === LINE_FEED) this.flush();
      }
    });
  }

  /** Shows what the guest has printed so far. */
  flush(): void {
    if (this.#pending.length === 0) return;
    const text = this.#decoder.decode(Uint8Array.from(this.#pending), { stream: true });
    this.#pending = [];
    if (text !== '') this.#write(jsonLine({ event: 'console', text }));
  }

  endLine(): void {
    this.flush();
  }

  /** A line of the debugger's own. */
  print(text: string): void {
    this.flush();
    this.#write(jsonLine({ event: 'message', text }));
  }

  queue(text: string): void {
    this.print(text);
  }
}
