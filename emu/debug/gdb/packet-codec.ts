/** What a client sends (GDB manual, appendix E.1): packets, acknowledgements, and the interrupt character between packets. */
export type Frame =
  /** The contents, one character a byte, escapes undone. */
  | { readonly kind: 'packet'; readonly data: string }
  /** The checksum does not fit, or is none. */
  | { readonly kind: 'damaged' }
  /** The packet was longer than `PACKET_SIZE`; it has been left out. */
  | { readonly kind: 'oversized' }
  | { readonly kind: 'acknowledged' }
  | { readonly kind: 'resend' }
  | { readonly kind: 'interrupt' };

/** The longest packet that is taken, in characters; qSupported says so. */
export const PACKET_SIZE = 0x1_0000;

const START = 0x24; // $
const END = 0x23; // #
const ESCAPE = 0x7d; // }
const ESCAPE_BIT = 0x20;
const PLUS = 0x2b;
const MINUS = 0x2d;
const INTERRUPT = 0x03;
const CHECKSUM_DIGITS = 2;

/** Takes the client's bytes as they come, in pieces of any size, and gives the frames that are complete. */
export class PacketReader {
  #inside = false;
  #data: number[] = [];
  #oversized = false;
  /** Characters after `#`; undefined before it. */
  #checksum: string | undefined;

  feed(bytes: Uint8Array): Frame[] {
    const frames: Frame[] = [];
    for (const byte of bytes) {
      const frame = this.#inside ? this.#take(byte) : this.#between(byte);
      if (frame !== undefined) frames.push(frame);
    }
    return frames;
  }

  #between(byte: number): Frame | undefined {
    switch (byte) {
      case START:
        this.#begin();
        return undefined;
      case PLUS:
        return { kind: 'acknowledged' };
      case MINUS:
        return { kind: 'resend' };
      case INTERRUPT:
        return { kind: 'interrupt' };
      default:
        return undefined;
    }
  }

  #begin(): void {
    this.#inside = true;
    this.#data = [];
    this.#oversized = false;
    this.#checksum = undefined;
  }

  #take(byte: number): Frame | undefined {
    if (this.#checksum !== undefined) {
      this.#checksum += String.fromCharCode(byte);
      return this.#checksum.length === CHECKSUM_DIGITS ? this.#end(this.#checksum) : undefined;
    }
    if (byte === END) this.#checksum = '';
    // A packet never has one of these inside: the one before it was cut off.
    else if (byte === START) this.#begin();
    else if (this.#data.length >= PACKET_SIZE) this.#oversized = true;
    else this.#data.push(byte);
    return undefined;
  }

  #end(checksum: string): Frame {
    this.#inside = false;
    if (this.#oversized) return { kind: 'oversized' };
    const right = /^[0-9a-f]{2}$/i.test(checksum) && Number.parseInt(checksum, 16) === sum(this.#data);
    return right ? { kind: 'packet', data: withoutEscapes(this.#data) } : { kind: 'damaged' };
  }
}

function sum(bytes: Iterable<number>): number {
  let total = 0;
  for (const byte of bytes) total += byte;
  return total & 0xff;
}

function withoutEscapes(bytes: readonly number[]): string {
  let text = '';
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index] as number;
    text += String.fromCharCode(byte === ESCAPE ? (bytes[++index] ?? 0) ^ ESCAPE_BIT : byte);
  }
  return text;
}

/** A reply as it goes out. `data` has one character a byte. */
export function encodePacket(data: string): Uint8Array {
  const bytes = [START];
  for (let index = 0; index < data.length; index++) {
    const byte = data.charCodeAt(index) & 0xff;
    // `*` would be taken for run-length encoding.
    if (byte === START || byte === END || byte === ESCAPE || byte === STAR) {
      bytes.push(ESCAPE, byte ^ ESCAPE_BIT);
    } else bytes.push(byte);
  }
  const checksum = sum(bytes.slice(1)).toString(16).padStart(CHECKSUM_DIGITS, '0');
  bytes.push(END, checksum.charCodeAt(0), checksum.charCodeAt(1));
  return Uint8Array.from(bytes);
}

const STAR = 0x2a;
