import type { Encoding } from '../../emu/cpu/table/encoding.ts';
import { anyMxcsr, fxImage } from '../../test/cpu/families/fx-values.ts';
import type { Random } from '../../test/oracles/user-case-random.ts';
import { forms } from './ways.ts';

/** Offsets in FXSAVE's image. */
const CONTROL = 0;
const STATUS = 2;
const TAGS = 4;
const REGISTERS = 32;
const REGISTER_SLOT = 16;
const X87_REGISTERS = 8;
const EXPONENT = 8;
const BIAS = 0x3fff;
const X87_DEFAULT = 0x37f;
const EXCEPTIONS = 0x3f;
const STATUS_FIXED = 0x4740; // condition codes and SF
const ERROR_SUMMARY = 0x8080; // ES and B
const TOP_SHIFT = 11;
const CONTROL_MASKED = 0x340;

const isX87 = ({ map, opcode }: Pick<Encoding, 'map' | 'opcode'>): boolean =>
  map === 0 && ((opcode >= 0xd8 && opcode <= 0xdf) || opcode === 0x9b);
const x87IsThere = forms.encodings.some(isX87);

/** Whether an encoding's instruction reads or writes x87, MMX or XMM registers, or the control words of either. */
export function usesVectorState(encoding: Encoding): boolean {
  if (isX87(encoding)) return true;
  const { feature } = encoding.row;
  if (encoding.operands.some(({ where }) => 'VWUPQN'.includes(where))) return true;
  return feature !== undefined && VECTOR_FEATURES.has(feature);
}
const VECTOR_FEATURES: ReadonlySet<string> = new Set(['FPU', 'MMX', 'FXSR', 'SSE', 'SSE2', 'XSAVE']);

/** A significand and exponent of any class: zeros, denormals, NaNs, infinities, unsupported, numbers of all sizes. */
function extended(random: Random, bytes: DataView, at: number): void {
  const sign = random.below(2) << 15;
  const integer = 1n << 63n;
  const fraction = random.oneIn(3)
    ? random.pick([0n, 1n, 1n << 62n, integer - 1n, 1n << 61n])
    : random.u64() & (integer - 1n);
  const [exponent, significand] = ((): readonly [number, bigint] => {
    switch (random.below(10)) {
      case 0:
        return [random.pick([0, 0x7fff]), random.oneIn(2) ? 0n : integer];
      case 1:
        return [0x7fff, integer | fraction];
      case 2:
        return [random.pick([0, 0, 1, 0x7fff, BIAS]), fraction];
      case 3:
        return [random.pick([1, 2, 0x7ffe, 0x7ffd, BIAS - 63, BIAS + 64]), integer | fraction];
      case 4:
        return [BIAS + random.below(70), integer | (fraction & (0xffn << 55n))];
      case 5:
        return [random.below(0x8000), integer | fraction];
      default:
        return [BIAS - 20 + random.below(40), integer | fraction];
    }
  })();
  bytes.setBigUint64(at, significand, true);
  bytes.setUint16(at + EXPONENT, sign | exponent, true);
}

/** An FXSAVE image: x87 registers and words, MXCSR and XMM registers, all of the kinds that find mistakes. */
export function vectorStateImage(random: Random): Uint8Array {
  const elements = random.pick(['single', 'double', 'integer'] as const);
  const usual = random.oneIn(2);
  const image = fxImage({ elements, mmx: true, ...(!usual && { mxcsr: anyMxcsr }) })(random);
  if (!x87IsThere) return image;
  const bytes = new DataView(image.buffer);
  const control = usual
    ? X87_DEFAULT
    : (CONTROL_MASKED & 0x40) |
      (random.below(4) << 10) |
      (random.pick([0, 2, 3, 3]) << 8) |
      (random.oneIn(3) ? random.below(64) : EXCEPTIONS);
  const flags = random.oneIn(3) ? random.below(64) : 0;
  const pending = (flags & ~control & EXCEPTIONS) !== 0;
  // A pending exception stops most instructions: seldom.
  const raised = pending && !random.oneIn(8) ? flags & control : flags;
  const summary = (raised & ~control & EXCEPTIONS) !== 0 ? ERROR_SUMMARY : 0;
  const top = random.below(X87_REGISTERS) << TOP_SHIFT;
  const status = (random.u32() & STATUS_FIXED) | raised | summary | top;
  bytes.setUint16(CONTROL, control, true);
  bytes.setUint16(STATUS, (status & ~(0x7 << TOP_SHIFT)) | top, true);
  bytes.setUint8(TAGS, random.pick([0xff, 0xff, 0, random.below(256)]));
  if (random.oneIn(4)) return image; // MMX's values
  for (let i = 0; i < X87_REGISTERS; i++) extended(random, bytes, REGISTERS + i * REGISTER_SLOT);
  return image;
}
