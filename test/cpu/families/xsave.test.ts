import { AFTER_UNMAPPED, DATA, READ_ONLY, UNMAPPED } from '../../oracles/user-case.ts';
import { describeFamily, type Spec } from './family.ts';
import { anyMxcsr, fxImage, NO_VECTORS_ON_UNICORN } from './fx-values.ts';

const registers = fxImage({ mmx: true, mxcsr: anyMxcsr });
const spec = (title: string, code: string, more: Partial<Spec> = {}): Spec => ({
  title,
  code,
  fx: registers,
  notOnUnicorn: NO_VECTORS_ON_UNICORN,
  random: 6,
  ...more,
});

/** x87 state and SSE state, which are all that this processor has of the oracle's components. */
const X87 = 1;
const SSE = 2;
const ASK = (components: number): string => `mov eax, ${components}; xor edx, edx; `;
const ASK_BOTH = ASK(X87 | SSE);
/** Gives all registers other contents. */
const CHANGE = 'pcmpeqd mm1, mm1; paddd mm5, mm1; emms; pcmpeqd xmm0, xmm0; movdqa xmm9, xmm0; pslld xmm1, 3';
/** Puts a quadword of the header at an offset. */
const header = (offset: number, value: string): string =>
  `mov rbx, ${value}; mov [rdi + ${512 + offset}], rbx; `;

const wides = ['', '64'];

describeFamily('XSAVE and XRSTOR', [
  ...wides.flatMap((wide) => [
    ...[0, X87, SSE, X87 | SSE].flatMap((components) => [
      spec(
        `should write with XSAVE${wide} what components ${components} say, and keep the rest of the header`,
        `${header(0, '0x8000000000000054')}${header(8, '0x1122334455667788')}${header(24, '-1')}${ASK(components)}xsave${wide} [rdi]`,
      ),
      spec(
        `should keep bits of XSTATE_BV that XSAVE${wide} of components ${components} was not asked for`,
        `${header(0, '7')}${ASK(components)}xsave${wide} [rdi]`,
      ),
      spec(
        `should restore components ${components} with XRSTOR${wide}`,
        `${ASK_BOTH}xsave${wide} [rdi]; ${CHANGE}; ${ASK(components)}xrstor${wide} [rdi]`,
      ),
      ...[0, X87, SSE].map((present) =>
        spec(
          `should give components ${components} their initial state with XRSTOR${wide} when XSTATE_BV is ${present}`,
          `${ASK_BOTH}xsave${wide} [rdi]; ${header(0, String(present))}${CHANGE}; ${ASK(components)}xrstor${wide} [rdi]`,
        ),
      ),
    ]),
    spec(
      `should say after XRSTOR${wide} of nothing that nothing is in use`,
      `${header(0, '0')}mov dword ptr [rdi + 24], 0x1f80; ${ASK_BOTH}xrstor${wide} [rdi]; xsave${wide} [rdi]`,
    ),
    spec(
      `should raise #GP for reserved bits of MXCSR in XRSTOR${wide} of SSE state`,
      `${ASK_BOTH}xsave${wide} [rdi]; mov dword ptr [rdi + 24], 0x41f80; ${CHANGE}; xrstor${wide} [rdi]`,
    ),
    spec(
      `should pass over reserved bits of MXCSR in XRSTOR${wide} of x87 state`,
      `${ASK_BOTH}xsave${wide} [rdi]; mov dword ptr [rdi + 24], 0x41f80; ${CHANGE}; ${ASK(X87)}xrstor${wide} [rdi]`,
    ),
  ]),
  ...[0, X87, SSE, X87 | SSE].flatMap((components) => [
    spec(
      `should write with XSAVEOPT what components ${components} say`,
      `${header(0, '0x54')}${ASK(components)}xsaveopt64 [rdi]`,
    ),
    spec(
      `should not write with XSAVEOPT what is in its initial state of components ${components}`,
      `${header(0, '0')}mov dword ptr [rdi + 24], 0x1f80; ${ASK_BOTH}xrstor64 [rdi]; ${header(0, '7')}mov dword ptr [rdi + 24], 0; ${ASK(components)}xsaveopt64 [rdi]`,
    ),
  ]),
  ...[8, 12, 15, 16, 23].map((offset) =>
    spec(
      `should raise #GP for a byte at ${offset} in the header`,
      `${ASK_BOTH}xsave64 [rdi]; mov byte ptr [rdi + ${512 + offset}], 1; ${CHANGE}; xrstor64 [rdi]`,
    ),
  ),
  ...[24, 63].map((offset) =>
    spec(
      `should pass over a byte at ${offset} in the header`,
      `${ASK_BOTH}xsave64 [rdi]; mov byte ptr [rdi + ${512 + offset}], 1; ${CHANGE}; xrstor64 [rdi]`,
    ),
  ),
  spec(
    'should raise #GP for a component that XCR0 does not have, though nobody asked for it',
    `${ASK_BOTH}xsave64 [rdi]; ${header(0, '1 << 3')}${CHANGE}; ${ASK(0)}xrstor64 [rdi]`,
  ),
  spec(
    'should pass over components that do not exist in EDX:EAX',
    'mov eax, 0xfffffc1b; mov edx, -1; xsave64 [rdi]',
  ),
  spec('should execute XSAVE across a page boundary', `${ASK_BOTH}xsave64 [rbx]`, {
    registers: { rbx: DATA + 4096n - 128n },
  }),
  spec(
    'should raise #GP for XSAVE to an address that is aligned to 16 bytes alone',
    `${ASK_BOTH}xsave [rdi + 16]`,
  ),
  spec(
    'should raise #GP for XRSTOR from an address that is aligned to 32 bytes alone',
    `${ASK_BOTH}xrstor [rdi + 32]`,
  ),
  spec('should raise #PF for XSAVE to a page that can only be read', `${ASK_BOTH}xsave [rbx]`, {
    registers: { rbx: READ_ONLY },
  }),
  spec('should write nothing when XSAVE runs into an unmapped page', `${ASK_BOTH}xsave64 [rbx]`, {
    registers: { rbx: UNMAPPED - 256n },
  }),
  spec(
    'should change nothing when XRSTOR runs into an unmapped page',
    `${CHANGE}; ${ASK_BOTH}xrstor64 [rbx]`,
    {
      registers: { rbx: UNMAPPED - 128n },
    },
  ),
  spec(
    'should raise #PF for the first byte when XSAVE starts in an unmapped page',
    `${ASK_BOTH}xsave64 [rbx]`,
    {
      registers: { rbx: AFTER_UNMAPPED - 128n },
    },
  ),
  spec(
    'should raise #PF for the last byte when XSAVE ends in a page that is only read',
    `${ASK_BOTH}xsave64 [rbx]`,
    {
      registers: { rbx: READ_ONLY - 128n },
    },
  ),
  spec(
    'should raise #PF for the first byte when XRSTOR reads from an unmapped page',
    `${ASK_BOTH}xrstor64 [rbx]`,
    {
      registers: { rbx: UNMAPPED },
    },
  ),
  spec(
    'should raise #PF for the first byte when XRSTOR starts in an unmapped page',
    `${ASK_BOTH}xrstor64 [rbx]`,
    {
      registers: { rbx: AFTER_UNMAPPED - 128n },
    },
  ),
  spec('should raise #GP for XSAVE to a non-canonical address', `${ASK_BOTH}xsave64 [rbx]`, {
    registers: { rbx: 1n << 47n },
  }),
  spec('should raise #SS for XSAVE through RSP to a non-canonical address', `${ASK_BOTH}xsave64 [rsp]`, {
    registers: { rsp: 1n << 47n },
  }),
  spec('should raise #GP for XSAVE through RSP to one that is misaligned, too', `${ASK_BOTH}xsave64 [rsp]`, {
    registers: { rsp: (1n << 47n) + 16n },
  }),
  spec('should raise #UD for LOCK XSAVE', `${ASK_BOTH}.byte 0xf0, 0x0f, 0xae, 0x27`),
  spec('should read XCR0, as far as both have it, with XGETBV', 'xor ecx, ecx; xgetbv; and eax, 3'),
]);
