/** How the machine's life can end. The first ending wins; a machine that has ended takes no further step. */
export type Ending =
  /** ACPI soft-off. */
  | { readonly reason: 'powerOff' }
  /** The guest asked for a reset (keyboard controller, port 0x92 or 0xcf9). */
  | { readonly reason: 'reset' }
  /** A value other than that of a panic was written to the debug-exit port; it is the exit code. */
  | { readonly reason: 'debugExit'; readonly code: number }
  /** The kernel panicked and said so through the debug-exit port. */
  | { readonly reason: 'panic' }
  /** Triple fault. */
  | { readonly reason: 'shutdown' };

/** Takes an ending from the device through which it came. */
export type EndMachine = (ending: Ending) => void;
