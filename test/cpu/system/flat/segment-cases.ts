import type { FlatCase } from '../../../oracles/qemu-flat.ts';

const flat = (name: string, code: string): FlatCase => ({ name, code });

/** A descriptor with this type byte, base 0x123456 and limit 0x1fff, and its S clear or set as the byte says. */
function descriptor(type: number, flags = 0x4): string {
  const value = 0x0000_1234_5600_1fffn & 0x00ff_ffff_ffffn;
  const whole = (value & 0xff_ffff_ffffn) | (BigInt(type) << 40n) | (BigInt(flags) << 52n);
  return `0x${whole.toString(16)}`;
}

/** LAR, LSL, VERR, VERW for all types, with DPL 0 and 3, present and not, from both rings and with both RPLs. */
function questions(): FlatCase[] {
  const cases: FlatCase[] = [];
  const ask = `lar eax, r8d\nsetz r9b\nlsl ebx, r8d\nsetz r10b\nverr r8w\nsetz r11b\nverw r8w\nsetz r12b\nlar cx, r8w\nlsl rdx, r8\nDONE`;
  for (let type = 0; type < 32; type++) {
    // 16-bit TSSs, 16-bit call gates and task gates do not exist in long mode (APM vol. 2, table 4-6); QEMU shows them all the same.
    if ([1, 3, 4, 5].includes(type)) continue;
    for (const privilege of [0x80, 0xe0, 0x60, 0x00]) {
      for (const ring of [0, 3]) {
        const set = `GDTE SPARE, ${descriptor(type | privilege, type & 1 ? 0xc : 0x4)}\n`;
        const user = ring === 3 ? 'USER\n' : '';
        const name = `questions type ${type.toString(16)} ${privilege.toString(16)} ring ${ring}`;
        cases.push(flat(name, `${set}${user}mov r8d, SPARE\n${ask}`));
        if (ring === 0) cases.push(flat(`${name} rpl 3`, `${set}mov r8d, SPARE | 3\n${ask}`));
      }
    }
  }
  for (const [name, selector] of Object.entries({
    null: '0',
    'null rpl 3': '3',
    beyond: '0x100',
    tss: 'TSS_SELECTOR',
    ldt: 'LDT_SELECTOR',
    'in the ldt': '0x0c',
    'beyond the ldt': '0x24',
  })) {
    cases.push(flat(`questions ${name}`, `mov r8d, ${selector}\n${ask}`));
  }
  return cases;
}

/** MOV to each kind of segment register from every type of descriptor. */
function loads(): FlatCase[] {
  const cases: FlatCase[] = [];
  for (let type = 0; type < 32; type++) {
    for (const privilege of [0x80, 0xe0, 0x00]) {
      for (const register of ['ds', 'ss']) {
        for (const ring of [0, 3]) {
          for (const rpl of [0, 3]) {
            cases.push(
              flat(
                `load ${register} type ${type.toString(16)} ${privilege.toString(16)} ring ${ring} rpl ${rpl}`,
                `GDTE SPARE, ${descriptor(type | privilege)}\n${ring === 3 ? 'USER\n' : ''}mov r8d, SPARE | ${rpl}\nmov ${register}, r8d\nmov r9, [gdt + SPARE]\nmov r10d, ss\nDONE`,
              ),
            );
          }
        }
      }
    }
  }
  return cases;
}

/* QEMU lets pass, and the unit tests refuse: a null SS with RPL 3 in ring 0, LTR of a null selector and of a 16-bit TSS. */
const special: readonly FlatCase[] = [
  flat(
    'load fs sets its base',
    `GDTE SPARE, ${descriptor(0x92)}\nmov r8d, SPARE\nmov fs, r8d\nmov ecx, MSR_FSBASE\nrdmsr\nDONE`,
  ),
  flat('load fs null clears its base', 'xor r8d, r8d\nmov fs, r8d\nmov ecx, MSR_FSBASE\nrdmsr\nDONE'),
  flat('load gs null in ring 3', 'USER\nxor r8d, r8d\nmov gs, r8d\nDONE'),
  flat('load ss null in ring 0', 'xor r8d, r8d\nmov ss, r8d\nDONE'),
  flat('load ss null in ring 3', 'USER\nmov r8d, 3\nmov ss, r8d\nDONE'),
  flat('load cs', '.byte 0x8e, 0xc8\nDONE'),
  flat('load segment 6', '.byte 0x8e, 0xf0\nDONE'),
  flat('load ds from the ldt', 'mov r8d, 0x0f\nmov ds, r8d\nDONE'),
  flat('load ds beyond the gdt', 'mov r8d, 0x80\nmov ds, r8d\nDONE'),
  flat('load ds with no ldt', 'xor r8d, r8d\nlldt r8w\nmov r8d, 0x0f\nmov ds, r8d\nDONE'),
  flat('pop fs', 'push USER_DATA\npop fs\nDONE'),
  flat('push gs', 'push gs\nmov rax, [rsp]\nDONE'),
  flat(
    'lss',
    'mov dword ptr [frame0], 0x1234\nmov word ptr [frame0 + 4], KERNEL_DATA\nlss eax, [frame0]\nDONE',
  ),
  flat(
    'lfs faulting keeps the register',
    'mov dword ptr [frame0], 0x1234\nmov word ptr [frame0 + 4], 0x100\nlfs eax, [frame0]\nDONE',
  ),
  flat('str and sldt', 'str rax\nsldt ebx\nstr cx\nDONE'),
  flat('smsw', 'smsw rax\nsmsw bx\nDONE'),
  flat(
    'sgdt and sidt',
    'sgdt [frame0]\nsidt [frame0 + 16]\nmov rax, [frame0]\nmov rbx, [frame0 + 8]\nmov rcx, [frame0 + 16]\nmov rdx, [frame0 + 24]\nDONE',
  ),
  flat('sgdt in ring 3', 'USER\nsgdt [frame0]\nmov rax, [frame0]\nDONE'),
  flat('lgdt in ring 3', 'USER\nlgdt [gdt_pointer]\nDONE'),
  flat('lidt from an unmapped page', 'lidt [TEST]\nDONE'),
  flat('ltr busy', 'mov r8d, TSS_SELECTOR\nltr r8w\nDONE'),
  flat('ltr beyond', 'mov r8d, 0x100\nltr r8w\nDONE'),
  flat('ltr in the ldt', 'mov r8d, 0x0c\nltr r8w\nDONE'),
  flat('ltr data', 'mov r8d, KERNEL_DATA\nltr r8w\nDONE'),
  flat('ltr absent', 'mov byte ptr [gdt + TSS_SELECTOR + 5], 0x09\nmov r8d, TSS_SELECTOR\nltr r8w\nDONE'),
  flat(
    'ltr marks busy',
    'mov byte ptr [gdt + TSS_SELECTOR + 5], 0x89\nmov r8d, TSS_SELECTOR\nltr r8w\nmov rax, [gdt + TSS_SELECTOR]\nDONE',
  ),
  flat('ltr in ring 3', 'USER\nmov r8d, TSS_SELECTOR\nltr r8w\nDONE'),
  flat(
    'ltr near the limit',
    'mov word ptr [frame0], TSS_SELECTOR + 11\nmov qword ptr [frame0 + 2], offset gdt\nlgdt [frame0]\nmov byte ptr [gdt + TSS_SELECTOR + 5], 0x89\nmov r8d, TSS_SELECTOR\nltr r8w\nDONE',
  ),
  flat('lldt null', 'xor r8d, r8d\nlldt r8w\nsldt eax\nDONE'),
  flat('lldt tss', 'mov r8d, TSS_SELECTOR\nlldt r8w\nDONE'),
  flat('lldt absent', 'mov byte ptr [gdt + LDT_SELECTOR + 5], 0x02\nmov r8d, LDT_SELECTOR\nlldt r8w\nDONE'),
  flat('lldt in ring 3', 'USER\nxor r8d, r8d\nlldt r8w\nDONE'),
];

export const segmentCases: readonly FlatCase[] = [...questions(), ...loads(), ...special];
