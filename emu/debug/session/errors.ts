/** Why a debugger's command was not carried out. */
export type DebugErrorCode =
  /** The command's arguments cannot be understood. */
  | 'usage'
  /** What was named does not exist: a thread, a frame, a breakpoint, a place. */
  | 'not-found'
  /** It makes no sense now: `finish` in the outermost frame, a step of a machine that has ended. */
  | 'not-now'
  /** The guest cannot be changed like this. */
  | 'refused';

/** A command of the debugger failed; the machine is where it was. */
export class DebugError extends Error {
  override readonly name = 'DebugError';
  readonly code: DebugErrorCode;

  constructor(code: DebugErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
