import { type Row, row, type Semantics } from '../table/row.ts';
import { StringVariant } from '../vector/string-compare.ts';
import { i32 } from '../wasm/expressions.ts';
import { i64x2 } from '../wasm/vector.ts';
import { binary } from './sse-integer.ts';
import { xmm } from './vector-site.ts';

const REX_WIDE = 8;

/** PCMPxSTRx: lengths in EAX and EDX (RAX and RDX with REX.W) or up to the first zero; a mask in XMM0 or an index in ECX. */
const compareStrings =
  (base: number): Semantics =>
  (site) => {
    const second = site.body.let32(site.operand(1).pointer());
    const wide = site.size === REX_WIDE ? StringVariant.WideLengths : 0;
    site.call(
      'compareStrings',
      site.registerSlot(0),
      second,
      i32.wrap(site.immediate()),
      i32.const(base | wide),
    );
  };

/** Memory operands need no alignment (Intel SDM volume 2, 4.1.2.6). */
const STRINGS = {
  access: 'read' as const,
  feature: 'SSE42',
  unaligned: true,
  flags: { written: 'oszapc' },
};
const EXPLICIT = { ...STRINGS, sized: true };
const { ExplicitLengths, Mask } = StringVariant;

export const sse42Rows: Row[] = [
  row('PCMPESTRM', '66 0F 3A 60 /r', 'Vdq,Wdq,Ib', xmm(compareStrings(ExplicitLengths | Mask)), EXPLICIT),
  row('PCMPESTRI', '66 0F 3A 61 /r', 'Vdq,Wdq,Ib', xmm(compareStrings(ExplicitLengths)), EXPLICIT),
  row('PCMPISTRM', '66 0F 3A 62 /r', 'Vdq,Wdq,Ib', xmm(compareStrings(Mask)), STRINGS),
  row('PCMPISTRI', '66 0F 3A 63 /r', 'Vdq,Wdq,Ib', xmm(compareStrings(0)), STRINGS),
  row('PCMPGTQ', '66 0F 38 37 /r', 'Vdq,Wdq', xmm(binary(i64x2.gtS)), {
    access: 'modify',
    feature: 'SSE42',
  }),
];
