import { malformed } from './packet-error.ts';

/** Bytes as two lower-case digits each, as the protocol has them. */
export function bytesToHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

/** The reverse. Throws PacketError 'malformed' for an odd count or another character. */
export function hexToBytes(text: string): Uint8Array {
  if (text.length % 2 !== 0 || /[^0-9a-f]/i.test(text)) throw malformed('bytes in hexadecimal');
  const bytes = new Uint8Array(text.length / 2);
  for (let index = 0; index < bytes.length; index++) {
    bytes[index] = Number.parseInt(text.slice(2 * index, 2 * index + 2), 16);
  }
  return bytes;
}

/** Text as UTF-8 in hexadecimal. */
export function textToHex(text: string): string {
  return bytesToHex(new TextEncoder().encode(text));
}

/** A 64-bit address, most significant digit first. Throws PacketError 'malformed'. */
export function parseAddress(text: string | undefined): bigint {
  if (text === undefined || !/^[0-9a-f]{1,16}$/i.test(text)) throw malformed('an address');
  return BigInt(`0x${text}`);
}

/** A length, a register number, a kind: at most 32 bits. Throws PacketError 'malformed'. */
export function parseNumber(text: string | undefined): number {
  if (text === undefined || !/^[0-9a-f]{1,8}$/i.test(text)) throw malformed('a number');
  return Number.parseInt(text, 16);
}
