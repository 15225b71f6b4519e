import type { MachineConsole } from '../machine/index.ts';

const LINE_FEED = 0x0a;

/** Standard output of `puffer step`: what the guest prints, and puffer's own lines, which always begin a line. */
export class StepOutput {
  #pending: number[] = [];
  /** The guest's last line has not ended. */
  #lineOpen = false;

  /** Shows the output of a console from now on. */
  constructor(console: Pick<MachineConsole, 'onOutput'>) {
    console.onOutput((bytes) => {
      for (const byte of bytes) this.#take(byte);
    });
  }

  #take(byte: number): void {
    this.#pending.push(byte);
    this.#lineOpen = byte !== LINE_FEED;
    if (byte === LINE_FEED) this.flush();
  }

  /** Shows the part of a line that the guest has printed so far. */
  flush(): void {
    if (this.#pending.length === 0) return;
    process.stdout.write(Uint8Array.from(this.#pending));
    this.#pending = [];
  }

  /** Ends the guest's line, so that something else can be printed. */
  endLine(): void {
    this.flush();
    if (this.#lineOpen) process.stdout.write('\n');
    this.#lineOpen = false;
  }

  print(text: string): void {
    this.endLine();
    process.stdout.write(`${text}\n`);
  }
}
