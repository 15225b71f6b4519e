import { AFTER_UNMAPPED, UNMAPPED } from '../../oracles/user-case.ts';
import { describeFamily, type Spec } from './family.ts';

const CHECK = 'pushf; or dword ptr [rsp], 0x40000; popf';
const LEAVE = 'pushf; and dword ptr [rsp], ~0x40000; popf';
const NOT_ON_UNICORN = 'it does not check alignment';

/** One instruction on memory at RSI, which is aligned to 64, plus each offset. */
function access(title: string, code: string, offsets: readonly number[]): Spec[] {
  return offsets.map((offset) => ({
    title: `should ${title} at an offset of ${offset}`,
    code: `${CHECK}; ${code.replaceAll('AT', `${offset}`)}; ${LEAVE}`,
    random: 2,
    notOnUnicorn: NOT_ON_UNICORN,
  }));
}

const ALL = [0, 1, 2, 4, 8];

const specs: Spec[] = [
  ...access('load a byte', 'mov al, [rsi + AT]', [0, 1]),
  ...access('load a word', 'mov ax, [rsi + AT]', ALL),
  ...access('load a doubleword', 'mov eax, [rsi + AT]', ALL),
  ...access('load a quadword', 'mov rax, [rsi + AT]', ALL),
  ...access('store a quadword', 'mov [rsi + AT], rbx', ALL),
  ...access('add to a doubleword', 'add [rsi + AT], ebx', ALL),
  ...access('compare and exchange a doubleword', 'lock cmpxchg [rsi + AT], ebx', ALL),
  ...access('compare and exchange a quadword', 'cmpxchg8b [rsi + AT]', ALL),
  ...access('compare and exchange two quadwords', 'cmpxchg16b [rsi + AT]', ALL),
  ...access('test a bit', 'mov eax, 40; bt dword ptr [rsi + AT], eax', ALL),
  ...access('load an unaligned vector', 'movups xmm0, [rsi + AT]', ALL),
  ...access('store an unaligned vector', 'movdqu [rsi + AT], xmm0', ALL),
  ...access('load an aligned vector', 'movaps xmm0, [rsi + AT]', ALL),
  ...access('add a vector', 'addps xmm0, [rsi + AT]', ALL),
  ...access('load a single', 'movss xmm0, [rsi + AT]', ALL),
  ...access('load a double', 'movsd xmm0, [rsi + AT]', ALL),
  ...access('load an MMX register', 'movq mm0, [rsi + AT]; emms', ALL),
  ...access('store MXCSR', 'stmxcsr [rsi + AT]', ALL),
  ...access('save x87, MMX and SSE state', 'fxsave [rsi + AT]', ALL),
  ...access('restore x87, MMX and SSE state', 'fxrstor [rsi + AT]', [1, 2, 4, 8]),
  ...access('push a quadword', 'lea rsp, [rsi + AT]; push rbx; lea rsp, [rsi + 64]', ALL),
  ...access('pop a word', 'lea rsp, [rsi + AT]; pop bx; lea rsp, [rsi + 64]', ALL),
  ...access('call', 'lea rsp, [rsi + AT]; call 1f; 1: lea rsp, [rsi + 64]', ALL),
  ...access('leave', 'lea rbp, [rsi + AT]; leave; lea rsp, [rsi + 64]', ALL),
  ...access('move a string of doublewords', 'add rsi, AT; mov rcx, 3; cld; rep movsd', ALL),
  ...access('move a string of bytes', 'add rsi, AT; mov rcx, 3; cld; rep movsb', [0, 1]),
  ...access('look at the rights of a selector', 'lar eax, word ptr [rsi + AT]', [0, 1]),
  ...access('prefetch', 'prefetcht0 [rsi + AT]', [1]),
  ...access('compute an address', 'lea rax, [rsi + AT]', [1]),
  {
    title: 'should look at the alignment before the page',
    code: `${CHECK}; mov eax, [rbx]; ${LEAVE}`,
    cases: [1n, 2n, 4n].map((offset) => ({ rbx: UNMAPPED + offset })),
    random: 0,
    notOnUnicorn: NOT_ON_UNICORN,
  },
  {
    title: 'should look at the alignment before the second page',
    code: `${CHECK}; mov [rbx], eax; ${LEAVE}`,
    cases: [1n, 2n, 3n].map((offset) => ({ rbx: UNMAPPED - offset })),
    random: 0,
    notOnUnicorn: NOT_ON_UNICORN,
  },
  {
    title: 'should look whether an address is canonical before its alignment',
    code: `${CHECK}; mov eax, [rbx]; ${LEAVE}`,
    cases: [{ rbx: (1n << 47n) + 1n }, { rbx: AFTER_UNMAPPED - (1n << 60n) + 2n }],
    random: 0,
    notOnUnicorn: NOT_ON_UNICORN,
  },
  {
    title: 'should not check alignment without RFLAGS.AC',
    code: 'mov eax, [rsi + 1]; movups xmm0, [rsi + 3]; push rbx; pop rcx',
    random: 2,
  },
];

describeFamily('alignment', specs);
