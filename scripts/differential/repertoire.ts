import type { Form } from '../../emu/cpu/table/form.ts';
import type { Way } from './encoder.ts';
import { isUnsettling, leaves, type Repertoire, rememberForm } from './generate.ts';
import { waysByForm } from './ways.ts';

/**
 * Instructions that user code may not execute, or whose results are about the whole machine: QEMU is their oracle. INT n and its like
 * are here too where a host would take them for its own.
 */
export const SYSTEM_MNEMONICS: ReadonlySet<string> = new Set([
  ...['SYSCALL', 'SYSRET', 'SYSENTER', 'SYSEXIT', 'SWAPGS', 'XSETBV', 'SGDT', 'SIDT', 'LGDT', 'LIDT', 'SMSW'],
  ...[
    'LMSW',
    'INVLPG',
    'INVPCID',
    'SLDT',
    'STR',
    'LLDT',
    'LTR',
    'CLTS',
    'INVD',
    'WBINVD',

    'WRMSR',
    'RDMSR',
    'HLT',
  ],
  ...['CLI', 'STI', 'STAC', 'CLAC', 'IN', 'OUT', 'INS', 'INSB', 'OUTS', 'OUTSB', 'RDPMC', 'MONITOR', 'MWAIT'],
]);

/** Whether a form's oracle is QEMU. */
export function isSystem(form: Form): boolean {
  const { mnemonic, operands, encoding } = form.row;
  const movesSpecial = mnemonic === 'MOV' && (/[CD]q/.test(operands) || encoding.startsWith('LOCK'));
  return SYSTEM_MNEMONICS.has(mnemonic) || movesSpecial;
}

/** Companions do not touch what others address by, and go on to the next instruction. */
function isCompanion(form: Form): boolean {
  const { row } = form;
  if (isSystem(form) || leaves({ form, branch: undefined })) return false;
  if (
    row.own !== undefined ||
    row.approximate !== undefined ||
    row.ulps !== undefined ||
    row.repeat !== undefined
  )
    return false;
  return !/J/.test(row.operands) && !isUnsettling(form);
}
/** The repertoire of user code. */
export function userRepertoire(): Repertoire {
  const ways = new Map<Form, readonly Way[]>();
  const companions = { 32: [] as Way[], 64: [] as Way[] };
  for (const [form, found] of waysByForm()) {
    if (isSystem(form)) continue;
    ways.set(form, found);
    for (const way of found) {
      rememberForm(way, form);
      if (isCompanion(form)) companions[way.bits].push(way);
    }
  }
  return { ways, companions };
}
