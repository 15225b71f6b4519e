import { CLAIMED_FEATURES } from '../../emu/cpu/families/features.ts';

/** Names that disassemblers have for what the table calls otherwise: by operand size, by immediate, or hints that are NOPs here. */
const ALSO: Readonly<Record<string, RegExp>> = {
  cbw: /^(cwde|cdqe)$/,
  cwd: /^(cdq|cqo)$/,
  mov: /^movabs$/,
  jcxz: /^j[er]cxz$/,
  xchg: /^(nop|pause)$/,
  nop: /^(prefetch\w*|cldemote|bnd\w+|endbr\w*|rdssp\w*|xchg|pause)$/,
  prefetch: /^prefetch\w*$/,
  wbinvd: /^wbnoinvd$/,
  movd: /^movq$/,
  pinsrd: /^pinsrq$/,
  pextrd: /^pextrq$/,
  pclmulqdq: /^pclmul[lh]q[lh]qdq$/,
  int1: /^icebp$/,
  salc: /^salc$/,
  cmpxchg8b: /^cmpxchg16b$/,
  fwait: /^wait$/,
  wait: /^fwait$/,
};
const COMPARE_BY_PREDICATE = /^cmp\w*(ps|pd|ss|sd)$/;
const SIZE_SUFFIX = /^(b|w|d|q|64)$/;

/** Whether a disassembler's mnemonic is the table's (in lower case), or another name of it. */
export function isSameMnemonic(ours: string, theirs: string): boolean {
  if (ours === theirs || ALSO[ours]?.test(theirs) === true) return true;
  if (theirs.startsWith(ours) && SIZE_SUFFIX.test(theirs.slice(ours.length))) return true;
  if (ours === `${theirs}b`) return true;
  const suffix = COMPARE_BY_PREDICATE.exec(theirs)?.[1];
  return suffix !== undefined && ours === `cmp${suffix}`;
}

/** Instructions that the host's processor may have and that this one does not claim, as objdump calls them, with the reason. */
const UNCLAIMED: readonly (readonly [RegExp, string])[] = [
  [/^(v[a-z0-9]+|k(mov|and|or|x?n?or|not|add|shift|test|unpck)\w*)$/, 'AVX and AVX-512 are not claimed'],
  [/^(xsaveopt|xsavec|xsaves|xrstors)(64)?$/, 'XSAVEOPT, XSAVEC and XSAVES are not claimed'],
  [/^(extrq|insertq|movntss|movntsd)$/, 'SSE4A is not claimed'],
  [/^(monitorx|mwaitx|clzero|rdpru|mcommit|invlpgb|tlbsync)$/, 'small features of AMD that are not claimed'],
  [/^(vmmcall|vmcall|vmrun|vmload|vmsave|clgi|stgi|skinit|invlpga)$/, 'virtual machines are not claimed'],
  [
    /^(gf2p8\w+|rdpkru|wrpkru|incssp\w*|rdssp\w*|serialize)$/,
    'GFNI, protection keys and others are not claimed',
  ],
  [/^(wbnoinvd|invpcid|monitor|mwait)$/, 'system features that are not claimed'],
];

const X87 = /^(f\w+|wait)$/;

/** Why an instruction that the host executes is undefined here, or undefined when it should not be. */
export function unclaimedReason(mnemonic: string): string | undefined {
  if (X87.test(mnemonic) && !CLAIMED_FEATURES.has('FPU')) return 'x87 is not claimed';
  return UNCLAIMED.find(([pattern]) => pattern.test(mnemonic))?.[1];
}
