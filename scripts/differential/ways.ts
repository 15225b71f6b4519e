import { type Decoded, Decoder } from '../../emu/cpu/decode/decoder.ts';
import { instructionTable } from '../../emu/cpu/families/index.ts';
import type { Form } from '../../emu/cpu/table/form.ts';
import { FormTable } from '../../emu/cpu/table/forms.ts';
import { encode, type Fields, type Way } from './encoder.ts';

/** The forms of the whole instruction table, numbered as the processor numbers them. */
export const forms = new FormTable(instructionTable);
const decoder = new Decoder(forms);

/** Registers 3 and 6 and an address without SIB or displacement: nothing that a prefix would be needed for. */
const PLAIN: Fields = {
  register: 3,
  rm: 6,
  memory: { mod: 0, rm: 6, sib: 0, displacement: 0n },
  rexIndex: 0,
  rexBase: 0,
  plainRex: false,
  vector: 1,
  immediates: [],
  prefixes: [],
};

/** Decodes one whole instruction; undefined when the bytes are none, or are more. The answer is good until the next call. */
export function decodeWhole(bytes: readonly number[], bits: 32 | 64): Decoded | undefined {
  const padded = Uint8Array.from(bytes);
  if (!decoder.decode(padded, 0, padded.length, { codeSize: bits / 8 })) return undefined;
  return decoder.decoded.length === bytes.length ? decoder.decoded : undefined;
}

/** Every way that the table's encodings may be tried in, most of which lead nowhere. */
function* candidates(): Generator<Way> {
  for (const encoding of forms.encodings) {
    for (const bits of [64, 32] as const) {
      for (const size of bits === 64 ? ([4, 8, 2] as const) : ([4, 2] as const)) {
        for (const addressSize of bits === 64 ? ([8, 4] as const) : ([4, 2] as const)) {
          for (const memory of [false, true]) {
            const repeats = encoding.row.repeat === undefined ? [] : (['rep', 'repne'] as const);
            for (const repeat of ['none', ...repeats] as const) {
              yield { encoding, bits, size, addressSize, memory, repeat };
            }
          }
        }
      }
    }
  }
}

/** For each form the ways to write an instruction that decodes to it. A form without any cannot be reached by machine code. */
export function waysByForm(): ReadonlyMap<Form, readonly Way[]> {
  const ways = new Map<Form, Way[]>();
  for (const way of candidates()) {
    const { bytes } = encode(way, PLAIN);
    const decoded = decodeWhole(bytes, way.bits);
    if (decoded === undefined || decoded.encoding !== way.encoding) continue;
    if (decoded.hasMemory !== way.memory && way.encoding.hasModrm) continue;
    if (way.memory && !way.encoding.hasModrm) continue;
    const known = ways.get(decoded.form);
    if (known === undefined) ways.set(decoded.form, [way]);
    else known.push(way);
  }
  return ways;
}
