/** Ports of a VGA in colour text mode, and the CRT controller's registers that text needs. */
export const ATTRIBUTE_PORT = 0x3c0;
export const SEQUENCER_PORT = 0x3c4;
export const PALETTE_PORT = 0x3c6;
export const GRAPHICS_PORT = 0x3ce;
export const CRTC_PORT = 0x3d4;
export const STATUS_PORT = 0x3da;

export const CrtcRegister = {
  MaximumScanLine: 0x09,
  CursorStart: 0x0a,
  CursorEnd: 0x0b,
  StartHigh: 0x0c,
  StartLow: 0x0d,
  CursorHigh: 0x0e,
  CursorLow: 0x0f,
} as const;
