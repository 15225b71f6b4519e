/** What a packet's `E` reply says. The protocol gives the numbers no meaning; EFAULT is known from other stubs for memory. */
const ERROR_REPLIES = {
  /** The packet cannot be understood. */
  malformed: 'E01',
  /** There is no such thread, register or kind, or it cannot be changed. */
  refused: 'E02',
  /** No memory is mapped there. */
  unmapped: 'E14',
} as const;

export type PacketErrorCode = keyof typeof ERROR_REPLIES;

/** A packet that cannot be served. The client is told, and nothing has changed. */
export class PacketError extends Error {
  readonly code: PacketErrorCode;

  constructor(code: PacketErrorCode, message: string) {
    super(message);
    this.name = 'PacketError';
    this.code = code;
  }

  /** The reply to the client. */
  get reply(): string {
    return ERROR_REPLIES[this.code];
  }
}

export function malformed(wanted: string): PacketError {
  return new PacketError('malformed', `the packet should have ${wanted} here`);
}

export function refused(message: string): PacketError {
  return new PacketError('refused', message);
}
