/** Call-frame instructions (DWARF 5, table 7.29). The first three carry an operand in their low six bits. */
export const DW_CFA = {
  advanceLoc: 0x40,
  offset: 0x80,
  restore: 0xc0,
  nop: 0x00,
  setLoc: 0x01,
  advanceLoc1: 0x02,
  advanceLoc2: 0x03,
  advanceLoc4: 0x04,
  offsetExtended: 0x05,
  restoreExtended: 0x06,
  undefined: 0x07,
  sameValue: 0x08,
  register: 0x09,
  rememberState: 0x0a,
  restoreState: 0x0b,
  defCfa: 0x0c,
  defCfaRegister: 0x0d,
  defCfaOffset: 0x0e,
  defCfaExpression: 0x0f,
  expression: 0x10,
  offsetExtendedSf: 0x11,
  defCfaSf: 0x12,
  defCfaOffsetSf: 0x13,
  valOffset: 0x14,
  valOffsetSf: 0x15,
  valExpression: 0x16,
  gnuArgsSize: 0x2e,
  gnuNegativeOffsetExtended: 0x2f,
} as const;

export const CFA_PRIMARY_MASK = 0xc0;
export const CFA_OPERAND_MASK = 0x3f;

/** Pointer encodings of .eh_frame (LSB, "DWARF Extensions"): low nibble the format, then how it is applied. */
export const DW_EH_PE = {
  absolute: 0x00,
  uleb128: 0x01,
  udata2: 0x02,
  udata4: 0x03,
  udata8: 0x04,
  sleb128: 0x09,
  sdata2: 0x0a,
  sdata4: 0x0b,
  sdata8: 0x0c,
  pcRelative: 0x10,
  indirect: 0x80,
  omit: 0xff,
} as const;

export const PE_FORMAT_MASK = 0x0f;
export const PE_APPLICATION_MASK = 0x70;
