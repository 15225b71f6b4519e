import { UNMAPPED } from '../../oracles/user-case.ts';
import { describeFamily, type Spec } from './family.ts';

/** What an instruction without permission, or that does not exist, looks at before it reads its operand from an unmapped page. */
const spec = (title: string, code: string): Spec => ({
  title,
  code,
  registers: { rcx: UNMAPPED },
  random: 2,
  notOnUnicorn: 'it reads the operand first',
});

describeFamily('the order of faults', [
  spec('should raise #UD for MOV to CS', '.byte 0x8e, 0x09'),
  spec('should raise #UD for MOV to segment register 6', '.byte 0x8e, 0x31'),
  spec('should raise #UD for MOV to segment register 7', '.byte 0x8e, 0x39'),
  spec('should raise #PF for MOV to DS', 'mov ds, [rcx]'),
  spec('should raise #GP for LLDT in ring 3', 'lldt [rcx]'),
  spec('should raise #GP for LTR in ring 3', 'ltr [rcx]'),
  spec('should raise #GP for LMSW in ring 3', 'lmsw [rcx]'),
  spec('should raise #PF for VERR in ring 3', 'verr [rcx]'),
  spec('should raise #UD for XGETBV with 66', '.byte 0x66; xgetbv'),
  spec('should raise #UD for XSETBV with F3', '.byte 0xf3; xsetbv'),
]);
