import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Machine } from '../../emu/machine/index.ts';
import { linkKernel } from '../cli/small-kernel.ts';
import { commandProbe, describeWithOracle, oracle } from '../oracles/require.ts';

const gcc = oracle('gcc', commandProbe('gcc', ['--version'], 'gcc'));
const GIB = 2 ** 30;
const SAME = 1;
const DIFFERENT = 2;

/** Instructions that work on the 64 bytes at ESI and the 512 behind them, each with its result in EAX, ECX or XMM1. */
const INSTRUCTIONS = [
  'pcmpistri $0x0c, (%esi), %xmm0',
  'pcmpestrm $0x40, (%esi), %xmm0; movaps %xmm0, %xmm1',
  'addps (%esi), %xmm1',
  'minsd 8(%esi), %xmm1',
  'cvtps2pd 4(%esi), %xmm1',
  'roundps $1, (%esi), %xmm1',
  'dpps $0xff, (%esi), %xmm1',
  'aesenc (%esi), %xmm1',
  'sha1msg1 (%esi), %xmm1',
  'pshufb (%esi), %xmm1',
  'movups 3(%esi), %xmm1',
  'movl 4(%esi), %eax; lock xaddl %eax, 4(%esi); lock cmpxchg8b 8(%esi)',
  'fxsave 64(%esi); movups 96(%esi), %xmm1',
  'movaps %xmm0, %xmm1; fxrstor 64(%esi)',
  'fninit; fildll (%esi); fistpll 16(%esi); fldt 20(%esi); fstpt 40(%esi); fnsave 64(%esi); call forget',
  'fninit; fldl (%esi); faddl 8(%esi); fstpl 16(%esi); fnstenv 64(%esi); fldenv 64(%esi); call forget',
  'rep stosb',
];

/** Runs every instruction on low memory and on the top of RAM, and compares registers and memory after each. */
const SOURCE = `.long 0x1badb002, 0, -0x1badb002
  .code32
  .globl start
start:
  mov $0x90000, %esp
  mov %cr4, %eax
  or $0x200, %eax
  mov %eax, %cr4
${INSTRUCTIONS.map(
  (text) => `
  mov $LOW, %esi
  call prepare
  ${text}
  mov $0x60000, %edi
  call keep
  mov $HIGH, %esi
  call prepare
  ${text}
  mov $0x61000, %edi
  call keep
  mov $0x60000, %esi
  mov $0x61000, %edi
  mov $(640 / 4), %ecx
  repe cmpsl
  jne differs`,
).join('\n')}
  mov $${SAME}, %al
  out %al, $0xf4
differs:
  mov $${DIFFERENT}, %al
  out %al, $0xf4

/* Fills the 576 bytes at ESI and the registers with a pattern. */
prepare:
  fxrstor 0x62000
  fninit
  mov %esi, %edi
  mov $0x3f801234, %eax
  mov $(576 / 4), %ecx
1: stosl
  imul $1664525, %eax
  and $0x3fffffff, %eax
  loop 1b
  movaps (%esi), %xmm0
  movaps 16(%esi), %xmm1
  pushl $0x1f80
  ldmxcsr (%esp)
  pop %eax
  fxsave 64(%esi)
  mov $3, %eax
  mov $5, %edx
  mov $7, %ecx
  mov %esi, %edi
  ret
/* Clears the addresses of the last instruction and its operand in the environment 64 bytes behind ESI. */
forget:
  movl $0, 76(%esi)
  movl $0, 80(%esi)
  movl $0, 84(%esi)
  movl $0, 88(%esi)
  ret
/* Keeps the memory at ESI and the registers at EDI. */
keep:
  mov %eax, 576(%edi)
  mov %ecx, 580(%edi)
  mov %edx, 584(%edi)
  movups %xmm0, 592(%edi)
  movups %xmm1, 608(%edi)
  mov $(576 / 4), %ecx
  rep movsl
  ret
`;

describeWithOracle(gcc, 'memory beyond 2 GiB of the host', () => {
  it('should work as low memory does, in every kind of access', () => {
    const memory = 2 * GIB;
    const directory = mkdtempSync(join(tmpdir(), 'puffer-high-'));
    try {
      const places = `.set LOW, 0x50000\n.set HIGH, ${memory - 0x10_0000}\n`;
      const bytes = new Uint8Array(readFileSync(linkKernel(directory, 'kernel', places + SOURCE)));
      const machine = Machine.create({ memory });
      machine.loadKernel(bytes, { name: 'kernel' });
      expect(machine.run({ budget: 1_000_000 })).toMatchObject({ reason: 'debugExit', code: SAME });
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
