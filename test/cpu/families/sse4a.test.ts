import { UNMAPPED } from '../../oracles/user-case.ts';
import { describeFamily } from './family.ts';
import { vectorSpec } from './vector-forms.ts';

/** [length, index]: all of the quadword, some of it, and more than there is. */
const FIELDS = [
  [0, 0],
  [0, 1],
  [1, 0],
  [8, 8],
  [13, 21],
  [63, 1],
  [63, 2],
  [40, 63],
  [64, 64],
  [255, 255],
] as const;

const fields = FIELDS.map(([length, index]) =>
  vectorSpec(
    `should extract and insert ${length} bits at ${index}`,
    `extrq xmm1, ${length}, ${index}; extrq xmm10, ${length}, ${index}; insertq xmm2, xmm11, ${length}, ${index}; insertq xmm9, xmm9, ${length}, ${index}`,
  ),
);

describeFamily('SSE4a', [
  ...fields,
  { ...vectorSpec('should execute EXTRQ by a register', 'extrq xmm9, xmm1; extrq xmm2, xmm2'), random: 60 },
  {
    ...vectorSpec('should execute INSERTQ by a register', 'insertq xmm9, xmm1; insertq xmm2, xmm2'),
    random: 60,
  },
  vectorSpec(
    'should execute MOVNTSS and MOVNTSD at any address',
    'movntss [rsi + 1], xmm9; movntsd [rdi + 3], xmm1',
  ),
  {
    ...vectorSpec(
      "should write no further than the page's end",
      'movntss [rbx - 4], xmm1; movntsd [rbx - 8], xmm2',
    ),
    registers: { rbx: UNMAPPED - 0x1000n },
  },
  {
    ...vectorSpec('should fault one byte further', 'movntsd [rbx - 7], xmm2'),
    registers: { rbx: UNMAPPED - 0x1000n },
  },
]);
