import type { MachineConsole } from '../machine/index.ts';

const LINE_FEED = 0x0a;
/** So many characters are not kept any longer. */
const QUEUE_LIMIT = 1 << 16;

/** Standard output of `puffer step`: what the guest prints, and puffer's own lines, which always begin a line. */
export class StepOutput {
  #pending: number[] = [];
  /** Own lines that come before what is pending. */
  #queued = '';
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

  /** Shows what has been queued, and the part of a line that the guest has printed so far. */
  flush(): void {
    if (this.#queued !== '') process.stdout.write(this.#queued);
    this.#queued = '';
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

  /** As `print`, but shown with the next thing, or when `flush` is called: for lines that come a million times a second. */
  queue(text: string): void {
    if (this.#pending.length > 0 || this.#lineOpen) this.endLine();
    this.#queued += `${text}\n`;
    if (this.#queued.length >= QUEUE_LIMIT) this.flush();
  }
}
