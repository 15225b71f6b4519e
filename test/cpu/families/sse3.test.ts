import { describeFamily } from './family.ts';
import { floatForms, misaligned, vectorForms, vectorSpec } from './vector-forms.ts';

const arithmetic = ['hadd', 'hsub', 'addsub'].flatMap((operation) => [
  ...floatForms(`${operation}ps`, 'single'),
  ...floatForms(`${operation}pd`, 'double'),
]);

describeFamily('SSE3', [
  ...arithmetic,
  ...vectorForms('movddup', { mmx: false, pointer: 'qword ptr' }),
  ...vectorForms('movsldup', { mmx: false }),
  ...vectorForms('movshdup', { mmx: false }),
  vectorSpec('should execute LDDQU at any address', 'lddqu xmm9, [rsi + 3]'),
  vectorSpec('should not ask the operand of MOVDDUP to be aligned', 'movddup xmm1, qword ptr [rsi + 3]'),
  ...['haddps', 'hsubpd', 'addsubps', 'movsldup', 'movshdup'].map((name) => misaligned(`${name} xmm1, [m]`)),
]);
