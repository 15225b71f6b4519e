import { DATA_32, localSelector } from '../../oracles/user-case.ts';
import { describeFamily, type Spec } from './family.ts';

/** Indexes into `LOCAL_SEGMENTS`. */
const SEGMENTS = {
  'of 4 KiB': 1,
  'that expands down': 2,
  'that expands down to 64 KiB': 3,
  'that is read-only': 4,
  'of code that may not be read': 5,
  'of code that may be read': 6,
} as const;
const SHORT_STACK = 7;
const ABSENT = 8;
const SHORT_CODE = 9;
const STACK_DOWN = 10;

const NOT_ON_UNICORN = 'it looks at no limits';

function spec(title: string, code: string, more: Partial<Spec> = {}): Spec {
  return { title: `should ${title}`, code, bits: 32, random: 2, notOnUnicorn: NOT_ON_UNICORN, ...more };
}

const load = (register: string, index: number): string =>
  `push eax; mov eax, ${localSelector(index)}; mov ${register}, eax; pop eax`;

/** Around both limits, and around 64 KiB and 4 GiB. */
const OFFSETS = [
  0, 0x800, 0xffc, 0xffd, 0xfff, 0x1000, 0x1ffe, 0x2000, 0xfffe, 0xffff, 0x1_0000, 0xffff_fffe,
];
const hex = (value: number): string => `0x${value.toString(16)}`;

function accesses(): Spec[] {
  const specs: Spec[] = [];
  for (const [name, index] of Object.entries(SEGMENTS)) {
    for (const offset of OFFSETS) {
      const at = `fs:[${hex(offset)}]`;
      const setup = load('fs', index);
      specs.push(
        spec(`load through a segment ${name} at ${hex(offset)}`, `${setup}; mov eax, ${at}`),
        spec(`store through a segment ${name} at ${hex(offset)}`, `${setup}; mov ${at}, ecx`),
      );
    }
    const setup = load('fs', index);
    specs.push(
      spec(`change through a segment ${name}`, `${setup}; inc byte ptr fs:[0xffe]; lock add fs:[0xffc], eax`),
      spec(`load a vector through a segment ${name}`, `${setup}; movups xmm0, fs:[0xff1]`),
      spec(`save x87 and SSE state through a segment ${name}`, `${setup}; fxsave fs:[0xe10]`),
      spec(
        `load with a 16-bit address through a segment ${name}`,
        `${setup}; mov bx, 0xfff; mov al, fs:[bx]; mov ax, fs:[bx]`,
      ),
      spec(
        `store a string through a segment ${name}`,
        `${load('es', index)}; mov edi, 0xffd; mov ecx, 6; cld; rep stosb`,
      ),
      spec(
        `load a string through a segment ${name}`,
        `${setup}; mov esi, 0xffd; mov ecx, 6; cld; rep lodsb al, fs:[esi]`,
      ),
      spec(
        `compare strings through a segment ${name}`,
        `${load('es', index)}; mov edi, 0xffd; mov ecx, 6; cld; repe scasb`,
      ),
      spec(`translate through a segment ${name}`, `${setup}; mov ebx, 0xff8; mov al, 8; .byte 0x64; xlat`),
      spec(`test a bit through a segment ${name}`, `${setup}; mov eax, 37; bt dword ptr fs:[0xff9], eax`),
      spec(`load DS with a segment ${name}`, `${load('ds', index)}; mov eax, [0xffc]; mov eax, [0xffd]`),
      spec(`compute an address through a segment ${name}`, `${setup}; lea eax, fs:[0x5000]`),
      spec(`pop into a segment ${name}`, `${setup}; pop dword ptr fs:[0xffe]`),
      spec(`push from a segment ${name}`, `${setup}; push dword ptr fs:[0xffe]`),
      spec(`load a far pointer from a segment ${name}`, `${setup}; lgs eax, fs:[0xffb]`),
      spec(`jump through a segment ${name}`, `${setup}; jmp dword ptr fs:[0xffe]`),
      spec(
        `question a segment ${name}`,
        `mov eax, ${localSelector(index)}; lsl ecx, eax; lar edx, eax; verr ax; setz bl; verw ax; setz bh`,
      ),
      spec(
        `go back to a flat segment from one ${name}`,
        `${setup}; push ds; pop fs; mov eax, fs:[${hex(Number(DATA_32))}]`,
      ),
    );
  }
  return specs;
}

const nulls: readonly Spec[] = ['ds', 'es', 'fs', 'gs'].flatMap((register) => {
  const setup = `xor eax, eax; mov ${register}, eax`;
  const address = `${register}:[${hex(Number(DATA_32) + 0x400)}]`;
  return [
    spec(`load through a null ${register}`, `${setup}; mov eax, ${address}`),
    spec(`store through a null ${register}`, `${setup}; mov ${address}, ecx`),
    spec(`move a string with a null ${register}`, `${setup}; movsb`),
    spec(`compute an address with a null ${register}`, `${setup}; lea eax, ${address}; nop`),
    spec(`push with a null ${register}`, `${setup}; push eax; pop ecx`),
  ];
});

const stacks: readonly Spec[] = [
  spec(
    'push and pop with SP',
    `${load('ss', SHORT_STACK)}; mov esp, 0x12341800; push eax; push bx; pop ecx; pusha; popa; mov edx, [esp]`,
  ),
  spec('wrap SP', `${load('ss', SHORT_STACK)}; mov esp, 0x12340002; push ax; push ax`),
  spec('push beyond the limit', `${load('ss', SHORT_STACK)}; mov esp, 0x12342002; push eax`),
  spec('pop beyond the limit', `${load('ss', SHORT_STACK)}; mov esp, 0x12341ffe; pop eax`),
  spec(
    'call and return with SP',
    `${load('ss', SHORT_STACK)}; mov esp, 0x56781800; call 1f; jmp 2f; 1: ret 8; 2: nop`,
  ),
  spec(
    'enter and leave with SP',
    `${load('ss', SHORT_STACK)}; mov esp, 0x56781800; mov ebp, 0x9abc1c00; enter 16, 2; mov eax, [bp]; leave`,
  ),
  spec(
    'address memory by EBP with a short stack',
    `${load('ss', SHORT_STACK)}; mov ebp, 0x1ffc; mov eax, [ebp]; mov eax, [ebp + 1]`,
  ),
  spec(
    'push in a stack that expands down',
    `${load('ss', STACK_DOWN)}; mov esp, 0x1008; push eax; push eax; push eax`,
  ),
  spec(
    'pop in a stack that expands down',
    `${load('ss', STACK_DOWN)}; mov esp, 0x1000; pop eax; mov esp, 0x0ffc; pop eax`,
  ),
  spec('load SS with a segment that is read-only', load('ss', SEGMENTS['that is read-only'])),
  spec('load SS with an absent segment', load('ss', ABSENT)),
  spec('load FS with an absent segment', load('fs', ABSENT)),
  spec('load FS with code that may not be read', load('fs', SEGMENTS['of code that may not be read'])),
];

const AWAY = `.byte 0xea; .long 1f - 0b; .word ${localSelector(SHORT_CODE)}; 1:`;
const NOPS = '.fill 40, 1, 0x90';
/** The case's code is in a segment of 64 bytes from its beginning on. */
const code: readonly Spec[] = [
  spec('run on within a short code segment', `0: ${AWAY} nop; nop; mov eax, 1; ud2`),
  spec('stop at the end of a short code segment', `0: ${AWAY} ${NOPS}; ${NOPS}`),
  spec(
    'stop at an instruction across its end',
    `0: ${AWAY} .fill 0x3d - (. - 0b), 1, 0x90; mov eax, 0x12345678; nop`,
  ),
  spec('jump beyond it', `0: ${AWAY} inc ecx; jmp 2f; ${NOPS}; ${NOPS}; 2: nop`),
  spec('jump beyond it if below', `0: ${AWAY} stc; jb 2f; ${NOPS}; ${NOPS}; 2: nop`),
  spec('not jump beyond it if not below', `0: ${AWAY} stc; jnb 2f; ud2; ${NOPS}; ${NOPS}; 2: nop`),
  spec('call beyond it', `0: ${AWAY} call 2f; ${NOPS}; ${NOPS}; 2: nop`),
  spec('loop beyond it', `0: ${AWAY} mov ecx, 5; loop 2f; ${NOPS}; ${NOPS}; 2: nop`),
  spec('jump beyond it by register', `0: ${AWAY} mov eax, 0x40; jmp eax`),
  spec('call beyond it by register', `0: ${AWAY} mov eax, 0x40; call eax`),
  spec('return beyond it', `0: ${AWAY} push 0x40; ret`),
  spec('read its code', `0: ${AWAY} mov eax, cs:[0x3c]; mov eax, cs:[0x3d]`),
  spec('write its code', `0: ${AWAY} mov cs:[0], eax`),
  spec('jump far beyond it', `.byte 0xea; .long 0x40; .word ${localSelector(SHORT_CODE)}`),
  spec('call far beyond it', `.byte 0x9a; .long 0x40; .word ${localSelector(SHORT_CODE)}`),
  spec('return far beyond it', `push ${localSelector(SHORT_CODE)}; push 0x40; retf`),
];

describeFamily('segment limits and types', [...accesses(), ...nulls, ...stacks, ...code]);
