import { sizeOf } from '../../symbols/index.ts';
import { SAMPLE } from '../programs/programs.ts';
import type { CodeLocation } from '../stops/location.ts';
import type { Compiled } from './compile-expression.ts';
import { type GuestWords, highHalf, lowHalf } from './guest-words.ts';
import type { Reading } from './word-arithmetic.ts';

/**
 * Whether a process runs the program of a place, as `Programs.at` decides it: by the name that it runs under, and by a sample of the code
 * there. `comm` is the name, an array of characters. Leaves 1 or 0.
 */
export function programCheck(words: GuestWords, comm: Compiled, place: CodeLocation): Reading | undefined {
  const { locate } = comm;
  const { program, address } = place;
  const isNamed = nameCheck(words, new TextEncoder().encode(program.name), sizeOf(comm.type));
  const sample = program.bytesAt(address, SAMPLE);
  if (locate === undefined || sample === undefined || isNamed === undefined) return undefined;
  const code = new DataView(sample.buffer, sample.byteOffset, SAMPLE).getBigUint64(0, true);
  const [codeLow, codeHigh] = [lowHalf(code), highHalf(code)];
  const [low, high] = [lowHalf(address), highHalf(address)];
  return () => {
    if (!locate() || !isNamed()) return false;
    const isNameRight = words.low !== 0;
    words.set(low, high);
    // Code that cannot be read is not known to be another's.
    const isOther = words.load(SAMPLE, false) && (words.low !== codeLow || words.high !== codeHigh);
    words.set(isNameRight && !isOther ? 1 : 0, 0);
    return true;
  };
}

const WORD_SIZE = 8;
const BYTE_BITS = 8n;

/** Whether a name and the zero behind it lie at the address in the words. Leaves 1 or 0. */
function nameCheck(words: GuestWords, name: Uint8Array, room: number): Reading | undefined {
  if (name.length >= room) return undefined;
  if (name.length < WORD_SIZE && room >= WORD_SIZE) {
    const wanted = [...name].reduceRight((sum, byte) => (sum << BYTE_BITS) | BigInt(byte), 0n);
    const mask = (1n << (BYTE_BITS * BigInt(name.length + 1))) - 1n;
    const [low, high] = [lowHalf(wanted), highHalf(wanted)];
    const [lowMask, highMask] = [lowHalf(mask), highHalf(mask)];
    return () => {
      if (!words.load(WORD_SIZE, false)) return false;
      const difference = ((words.low ^ low) & lowMask) | ((words.high ^ high) & highMask);
      words.set(difference === 0 ? 1 : 0, 0);
      return true;
    };
  }
  const buffer = new Uint8Array(name.length + 1);
  return () => {
    if (words.copy(buffer) < buffer.length) return false;
    const isSame = buffer[name.length] === 0 && name.every((byte, index) => byte === buffer[index]);
    words.set(isSame ? 1 : 0, 0);
    return true;
  };
}
