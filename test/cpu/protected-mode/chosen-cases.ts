import { ARENA, type FlatCase32, type Registers32 } from '../../oracles/qemu-flat32.ts';
import { undefinedFlagsAfter } from '../../oracles/undefined-flags.ts';
import { AF, CF, OF, STATUS_FLAGS } from '../../oracles/user-case.ts';

const STACK = ARENA + 0x2000;
const REGISTERS: Registers32 = [
  0x1111_1111,
  0x1212_1212,
  0x1313_1313,
  0x1414_1414,
  STACK,
  0x8505,
  0x8606,
  0x8707,
];

const chosen = (name: string, code: string, more: Partial<FlatCase32> = {}): FlatCase32 => ({
  name,
  code,
  registers: REGISTERS,
  flags: 0,
  undefinedFlags: 0,
  ...more,
});

/**
 * One instruction with every AL, four AHs, and all AF and CF: EDI is a sum over all results and defined flags, and every result of
 * AX goes into it at another place.
 */
function everyAccumulator(instruction: string): FlatCase32 {
  const mnemonic = instruction.split(' ')[0] as string;
  const defined = STATUS_FLAGS & ~undefinedFlagsAfter(mnemonic);
  const code = `
	xor edi, edi
	xor ebx, ebx
1:	mov eax, ebx
	and eax, 0xff
	mov edx, ebx
	shr edx, 8
	and edx, 3
	imul edx, edx, 0x55
	mov ah, dl
	xor edx, edx
	bt ebx, 10
	jnc 2f
	or edx, ${CF}
2:	bt ebx, 11
	jnc 3f
	or edx, ${AF}
3:	push edx
	popfd
	${instruction}
	pushfd
	and dword ptr [esp], ${defined}
	pop edx
	rol edi, 5
	xor edi, eax
	imul edi, edi, 0x01000193
	add edi, edx
	inc ebx
	cmp ebx, 4096
	jb 1b`;
  return chosen(`every ${instruction}`, code);
}

const decimal = [
  ...['aaa', 'aas', 'daa', 'das'].map(everyAccumulator),
  ...[1, 2, 7, 8, 10, 12, 16, 255].flatMap((base) => [
    everyAccumulator(`aam ${base}`),
    everyAccumulator(`aad ${base}`),
  ]),
  everyAccumulator('aad 0'),
  chosen('AAM 0', 'aam 0'),
];

const prefixed = [
  chosen('LOCK AAA', '.byte 0xf0; aaa', {
    instead: 'v=6 ip=0 a=11111111',
    why: 'LOCK is allowed before few instructions only (AMD APM, volume 3, section 1.2.5); QEMU passes over it here.',
  }),
  chosen('BOUND with a register', '.byte 0x62, 0xc0'),
  chosen('SALC with CF', '.byte 0xd6', { flags: STATUS_FLAGS }),
  chosen('SALC without CF', '.byte 0xd6', { flags: STATUS_FLAGS & ~CF }),
];

/** BOUND at and beyond both bounds, which are signed. */
const bound = [16, 32].flatMap((width) => {
  const size = width === 16 ? 'word' : 'dword';
  const edge = width === 16 ? 0xffff : 0xffff_ffff;
  return [-6, -5, -4, 0, 6, 7, 8].map((index) =>
    chosen(
      `BOUND ${width} ${index}`,
      `mov ${size} ptr ds:[${ARENA}], ${-5 & edge}; mov ${size} ptr ds:[${ARENA + width / 8}], 7
	mov eax, ${index}; bound ${width === 16 ? 'ax' : 'eax'}, [${ARENA}]`,
    ),
  );
});

const arpl = [0, 1, 2, 3].flatMap((destination) =>
  [0, 1, 2, 3].flatMap((source) => [
    chosen(
      `ARPL ${destination} ${source}`,
      `mov eax, 0x10${destination}8${destination}; mov ecx, 0xff0${source}; arpl ax, cx`,
    ),
    chosen(
      `ARPL m ${destination} ${source}`,
      `mov word ptr ds:[${ARENA}], 0xabc${destination}; mov ecx, 0xff0${source}; arpl [${ARENA}], cx`,
      { flags: STATUS_FLAGS },
    ),
  ]),
);

const traps = [
  chosen('INTO without OF', 'into; inc eax', { flags: STATUS_FLAGS & ~OF }),
  chosen('INTO with OF', 'into; inc eax', { flags: OF }),
  chosen('INT of a gate of ring 0', 'int 0x21'),
  chosen('HLT', 'hlt'),
];

const OTHER_CODE = 'OTHER_CODE';
/** DONE where a 16-bit instruction pointer makes of the label 1. */
const landing = (code: string): string =>
  `mov eax, offset 1f; movzx eax, ax; mov word ptr [eax], 0x60cd; ${code}; 1: ud2`;
/** DONE at 0x9000, in the arena. */
const low = (code: string): string => `mov word ptr ds:[0x9000], 0x60cd; ${code}; ud2`;

const far = [
  chosen('JMP far', `jmp ${OTHER_CODE}:1f; ud2; 1: inc eax`),
  chosen('JMP far to its own segment', 'jmp USER_CODE:1f; ud2; 1: inc eax'),
  chosen('JMP far with a 16-bit offset', low(`.byte 0x66, 0xea; .word 0x9000, ${OTHER_CODE}`)),
  chosen('JMP far to data', 'jmp USER_DATA:0x1234'),
  chosen('JMP far to code of ring 0', 'jmp KERNEL_CODE:0x1234'),
  chosen('JMP far to null', 'jmp 0:0x1234'),
  chosen('JMP far beyond the table', 'jmp 0x103:0x1234'),
  chosen('CALL far', `call ${OTHER_CODE}:1f; ud2; 1: inc eax`),
  chosen('CALL far and back', `call ${OTHER_CODE}:1f; inc eax; DONE; 1: retf 12`),
  chosen('CALL far with 16 bits', low(`.byte 0x66, 0x9a; .word 0x9000, ${OTHER_CODE}`)),
  chosen('CALL far to data', 'call USER_DATA:0x1234'),
  chosen(
    'JMP far through memory',
    `mov dword ptr ds:[${ARENA}], offset 1f; mov word ptr ds:[${ARENA + 4}], ${OTHER_CODE}; jmp fword ptr ds:[${ARENA}]; ud2; 1: inc eax`,
  ),
  chosen(
    'CALL far through memory',
    `mov dword ptr ds:[${ARENA}], offset 1f; mov word ptr ds:[${ARENA + 4}], ${OTHER_CODE}; call fword ptr ds:[${ARENA}]; ud2; 1: inc eax`,
  ),
  chosen('IRETD in ring 3', 'pushfd; push USER_CODE; push offset 1f; iretd; ud2; 1: inc eax'),
  chosen('JMP with 16 bits', landing('.byte 0x66, 0xeb, 0')),
  chosen('CALL with 16 bits', landing('.byte 0x66, 0xe8, 0, 0')),
  chosen('RET with 16 bits', low('push 0x12349000; .byte 0x66, 0xc3')),
  chosen('JMP r16', low('mov eax, 0x12349000; jmp ax')),
  chosen('Jcc with 16 bits, taken', landing('stc; .byte 0x66, 0x72, 0')),
  chosen('Jcc with 16 bits, not taken', 'clc; .byte 0x66, 0x72, 0'),
];

const pointers = ['les', 'lds', 'lss', 'lfs', 'lgs'].flatMap((mnemonic) =>
  [
    ['data', 'USER_DATA'],
    ['null', '0'],
    ['local', 'LOCAL_DATA'],
    ['code of ring 0', 'KERNEL_CODE'],
    ['data of ring 0', 'KERNEL_DATA'],
    ['absent', 'ABSENT'],
    ['code', 'USER_CODE'],
    ['outside', '0x103'],
  ].flatMap(([name, selector]) => {
    const setup = (size: number) =>
      `mov dword ptr ss:[${ARENA}], 0x89abcdef; mov word ptr ss:[${ARENA + size}], ${selector}`;
    return [
      chosen(`${mnemonic} ${name}`, `${setup(4)}; ${mnemonic} eax, ss:[${ARENA}]`),
      chosen(`${mnemonic} 16 ${name}`, `${setup(2)}; ${mnemonic} ax, ss:[${ARENA}]`),
    ];
  }),
);

/** The bit offset belongs to the offset, which is cut to the address size, and that to the linear address, cut to 32 bits. */
const bits = ['bt', 'bts', 'btr', 'btc'].flatMap((mnemonic) =>
  [16, 32].flatMap((width) => {
    const a = width === 16 ? 'ax' : 'eax';
    const size = width === 16 ? 'word' : 'dword';
    const with_ = { undefinedFlags: undefinedFlagsAfter(mnemonic) };
    return [
      chosen(
        `${mnemonic} ${width} wraps at 16 bits`,
        `mov bx, 0xfff0; mov eax, 0x7f80; ${mnemonic} ${size} ptr fs:[bx], ${a}`,
        with_,
      ),
      chosen(
        `${mnemonic} ${width} wraps below 0`,
        `mov bx, 16; mov eax, -0x8000; mov si, 0x9000; ${mnemonic} ${size} ptr [bx + si], ${a}`,
        with_,
      ),
      chosen(
        `${mnemonic} ${width} wraps at 32 bits`,
        `mov ebx, 0xfffffff0; mov eax, 0x7f80; ${mnemonic} ${size} ptr fs:[ebx], ${a}`,
        with_,
      ),
      chosen(
        `${mnemonic} ${width} wraps with its segment`,
        `mov ebx, 0x10000; mov eax, 0x1234; ${mnemonic} ${size} ptr gs:[ebx], ${a}`,
        with_,
      ),
    ];
  }),
);

const segments = [
  chosen('MOVS wraps with its segment', 'mov esi, 0x10010; mov ecx, 7; rep movsd es:[edi], gs:[esi]'),
  chosen('LODS wraps with its segment', 'mov esi, 0x10010; lodsd eax, gs:[esi]'),
  chosen('XLAT wraps with its segment', 'mov ebx, 0x10010; .byte 0x65; xlat'),
  chosen('PUSHA by words', 'pushaw'),
  chosen('POPA by words', 'popaw'),
  chosen('PUSHA', 'pushad'),
  chosen('POPA', 'popad'),
  chosen(
    'a 16-bit displacement alone',
    '.byte 0x67, 0xa1; .word 0x9000; .byte 0x67, 0x8b, 0x0e; .word 0x9004',
  ),
  chosen('PUSHF by words', 'pushfw', { flags: STATUS_FLAGS }),
];

/** A call gate at SPARE to label 1 of the case, with its type byte, a selector and a count of parameters. */
const gate = (type: number, selector = 'KERNEL_CODE', parameters = 0, offset = 'offset 1f'): string =>
  `push eax; mov eax, ${offset}; mov [gdt + SPARE], ax; mov word ptr [gdt + SPARE + 2], ${selector}
	mov word ptr [gdt + SPARE + 4], ${(type << 8) | parameters}; shr eax, 16; mov [gdt + SPARE + 6], ax; pop eax`;
/** Shows the frame of the call, and goes back over the parameters. */
const inner = (size: 2 | 4, parameters: number): string => {
  const at = (index: number) => `[esp + ${index * size}]`;
  const move = size === 4 ? 'mov' : 'movzx';
  const width = size === 4 ? '' : 'word ptr ';
  return `1: ${move} eax, ${width}${at(0)}; ${move} ecx, ${width}${at(1)}; ${move} edx, ${width}${at(2)}; ${move} ebx, ${width}${at(3)}
	${move} esi, ${width}${at(2 + parameters)}; ${move} edi, ${width}${at(3 + parameters)}; ${size === 4 ? '' : '.byte 0x66; '}retf ${size * parameters}`;
};
const PUSHES = 'push 0x11111111; push 0x22222222; push 0x33333333';

const gates = [
  chosen('CALL through a gate', `${gate(0xec)}; call SPARE:0; inc ebp; DONE; ${inner(4, 0)}`),
  chosen(
    'CALL through a gate with parameters',
    `${gate(0xec, 'KERNEL_CODE', 2)}; ${PUSHES}; call SPARE:0; inc ebp; DONE; ${inner(4, 2)}`,
  ),
  chosen(
    'CALL through a gate with 31 parameters',
    `${gate(0xec, 'KERNEL_CODE', 31)}; ${PUSHES}; call SPARE:0; inc ebp; DONE; ${inner(4, 31)}`,
  ),
  chosen(
    'CALL through a gate to its own ring',
    `${gate(0xec, 'USER_CODE', 3)}; ${PUSHES}; call SPARE:0; DONE; 1: pop eax; pop ecx; pop edx`,
  ),
  chosen('JMP through a gate to its own ring', `${gate(0xec, 'USER_CODE', 3)}; jmp SPARE:0; ud2; 1: inc eax`),
  chosen('JMP through a gate to ring 0', `${gate(0xec)}; jmp SPARE:0; ud2; 1: inc eax`),
  chosen('CALL through a gate of ring 0', `${gate(0x8c)}; call SPARE:0; 1: nop`),
  chosen('CALL through an absent gate', `${gate(0x6c)}; call SPARE:0; 1: nop`),
  chosen('CALL through a gate to null', `${gate(0xec, '3')}; call SPARE:0; 1: nop`),
  chosen('CALL through a gate to data', `${gate(0xec, 'KERNEL_DATA')}; call SPARE:0; 1: nop`),
  chosen('CALL through a gate to nothing', `${gate(0xec, '0x100')}; call SPARE:0; 1: nop`),
  chosen('CALL through a gate to itself', `${gate(0xec, 'SPARE')}; call SPARE:0; 1: nop`),
  chosen('CALL to the LDT', 'call LDT_SELECTOR:0'),
  chosen(
    'CALL through a 16-bit gate to its own ring',
    low(`${gate(0xe4, 'USER_CODE', 0, '0x9000')}; call SPARE:0`),
  ),
];

const ports = ['insb', 'outsb', 'insd', 'outsd', 'rep insb', 'rep outsb', 'rep outsw', 'rep insd'].flatMap(
  (text) => [0, 3].map((count) => chosen(`${text} ${count}`, `mov ecx, ${count}; mov edx, 0x80; ${text}`)),
);

export const chosenCases: Record<string, FlatCase32[]> = {
  'decimal adjustment of everything': decimal,
  prefixes: prefixed,
  BOUND: bound,
  ARPL: arpl,
  'software interrupts': traps,
  'far and near transfers': far,
  'far pointers': pointers,
  'bit strings': bits,
  'segment bases and PUSHA': segments,
  // SHR, which splits the gate's offset, leaves AF undefined.
  'call gates': gates.map((one) => ({ ...one, undefinedFlags: AF })),
  'ports without permission': ports,
};
