import type { FlatCase } from '../../../oracles/qemu-flat.ts';

/** 32-bit code of ring 3 in long mode. FS has a base to which an offset of 256 MiB adds up to `frame0`, around 32 bits. */
function compatibility(name: string, code: string): FlatCase {
  return {
    name: `compatibility ${name}`,
    code: `movabs rax, offset frame0 + 0xf0000000\nxor edx, edx\nmov ecx, MSR_FSBASE\nwrmsr\nCOMPAT\n${code}\nDONE`,
  };
}

const TOP = '0x10000000';

export const compatibilityCases: readonly FlatCase[] = [
  compatibility('LODS', `mov esi, ${TOP} + 8\nlodsd eax, fs:[esi]`),
  compatibility('LODS with a 16-bit address', 'mov esi, 0x50008\n.byte 0x67\nlodsd eax, fs:[esi]'),
  compatibility(
    'MOVS',
    `mov esi, ${TOP} + 8\nmov edi, offset frame1\nmov ecx, 5\nrep movsd es:[edi], fs:[esi]\nmov edx, [frame1 + 16]`,
  ),
  compatibility(
    'CMPS',
    `mov esi, ${TOP} + 16\nmov edi, offset frame0 + 16\nmov ecx, 9\nrepe cmpsb fs:[esi], es:[edi]`,
  ),
  compatibility('OUTS', `mov edx, 0x80\nmov esi, ${TOP}\noutsb dx, fs:[esi]`),
  compatibility('XLAT', `mov ebx, ${TOP}\nmov al, 3\n.byte 0x64\nxlat`),
  compatibility('MOV', `mov ebx, ${TOP} + 4\nmov eax, fs:[ebx]\nmov ecx, fs:[ebx + ebx * 2 - 0x20000000]`),
  ...['bt', 'bts', 'btr', 'btc'].flatMap((mnemonic) =>
    [
      // The last goes around 32 bits with its displacement.
      `mov ebx, ${TOP} - 0x7c\nmov eax, 77`,
      `mov ebx, ${TOP} - 0x40\nmov eax, -99`,
      'mov ebx, -16\nmov eax, 0x7ffffff0',
    ].map((registers, index) =>
      compatibility(
        `${mnemonic} ${index}`,
        `${registers}\n${mnemonic} dword ptr fs:[ebx + 0x80], eax\nmov ecx, fs:[${TOP} + 12]\nmov edx, fs:[${TOP} + 0x30]\nmov esi, fs:[${TOP} + 0x6c]`,
      ),
    ),
  ),
  ...['aaa', 'aas', 'daa', 'das', 'aam', 'aad', 'aam 0'].map((text) =>
    compatibility(text, `mov eax, 0x8a7c\ncmp al, 0x7e\n${text}\nsetc cl\nand eax, 0xffff\npush 0\npopf`),
  ),
  compatibility('PUSHA', 'pusha\nmov eax, [esp + 28]\nmov ecx, [esp + 12]\nmov edx, [esp]'),
  compatibility('PUSHA and POPA by words', 'pushaw\nmov eax, 1\nmov edi, 2\npopaw'),
  compatibility('BOUND', 'mov eax, -1\nbound eax, [frame0]'),
  compatibility('ARPL', 'mov eax, 0x1230\nmov ecx, 2\narpl ax, cx'),
  compatibility('INTO', 'mov al, 0x7f\nadd al, 1\ninto'),
  compatibility('INC and DEC', '.byte 0x40, 0x49, 0x66, 0x42, 0x66, 0x4b'),
  compatibility('JMP far', 'jmp USER_CODE32 + 3:1f\nud2\n1: inc eax'),
  compatibility('CALL far', 'call USER_CODE32 + 3:1f\n1: pop eax\npop ecx\nsub eax, offset 1b'),
  compatibility(
    'LES',
    'mov dword ptr [frame0], 0x12345678\nmov word ptr [frame0 + 4], USER_DATA + 3\nles eax, [frame0]',
  ),
  compatibility(
    'ENTER and LEAVE',
    'mov ebp, offset frame1 + 64\nenter 16, 3\nmov eax, [ebp - 4]\nmov ecx, [ebp - 12]\nsub ecx, ebp\nleave',
  ),
];
