import type { GdbConnection, GdbStub } from '../../../../emu/debug/gdb/index.ts';

/** A client at the stub's bytes: sends anything, and takes replies apart as GDB does. */
export class StubClient {
  readonly connection: GdbConnection;
  /** `+` and `-` that have come in. */
  acknowledgements = '';
  #received = '';
  readonly #packets: string[] = [];
  #waiting: ((packet: string) => void) | undefined;
  /** A defect of the stub: no reply will come. */
  readonly #broken: Promise<never>;

  /** Throws when the stub has another client. */
  constructor(stub: GdbStub) {
    const connection = stub.connect({ send: (bytes) => this.#take(bytes), close: () => {} });
    if (connection === undefined) throw new Error('the stub refuses');
    this.connection = connection;
    this.#broken = new Promise((_, reject) => {
      stub.ended.catch(reject);
    });
    this.#broken.catch(() => {});
  }

  /** Sends characters as they are. */
  raw(text: string): void {
    this.connection.receive(Uint8Array.from(text, (character) => character.charCodeAt(0)));
  }

  /** Sends a packet with its checksum. */
  send(packet: string): void {
    let sum = 0;
    for (let index = 0; index < packet.length; index++) sum += packet.charCodeAt(index);
    this.raw(`$${packet}#${(sum & 0xff).toString(16).padStart(2, '0')}`);
  }

  /** The stub's next packet. */
  next(): Promise<string> {
    const ready = this.#packets.shift();
    if (ready !== undefined) return Promise.resolve(ready);
    const reply = new Promise<string>((resolve) => {
      this.#waiting = resolve;
    });
    return Promise.race([reply, this.#broken]);
  }

  ask(packet: string): Promise<string> {
    this.send(packet);
    return this.next();
  }

  /** Asks and decodes a register of 8 bytes. */
  async register(number: number): Promise<number> {
    const bytes = (await this.ask(`p${number.toString(16)}`)).match(/../g) ?? [];
    return Number(`0x${bytes.reverse().join('')}`);
  }

  #take(bytes: Uint8Array): void {
    this.#received += String.fromCharCode(...bytes);
    for (;;) {
      const found = /^([+-])|^\$([^#]*)#([0-9a-f]{2})/.exec(this.#received);
      if (found === null) return;
      this.#received = this.#received.slice(found[0].length);
      if (found[1] !== undefined) {
        this.acknowledgements += found[1];
        continue;
      }
      const packet = found[2] ?? '';
      const waiting = this.#waiting;
      this.#waiting = undefined;
      if (waiting === undefined) this.#packets.push(packet);
      else waiting(packet);
    }
  }
}
