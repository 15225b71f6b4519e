import { malformed } from '../packet-error.ts';
import type { PacketFamily, PacketHandler } from '../packet-family.ts';
import { type ExitStatus, stopReply } from '../stop-reply.ts';

/** `? D k vKill qAttached`: coming and going. */
export function lifePackets(exitStatus: ExitStatus): PacketFamily {
  const detach: PacketHandler = (session) => {
    session.actions.detach();
    return 'OK';
  };
  const detachProcess: PacketHandler = (session, operands) => {
    if (!/^[0-9a-f]+$/i.test(operands)) throw malformed('a process is a number in hexadecimal');
    return detach(session, operands);
  };
  return {
    exact: () => ({
      '?': (session) => stopReply(session, session.lastStop, exitStatus),
      D: detach,
      k: (session) => {
        session.actions.kill();
        return undefined;
      },
      // The machine was there before the client: gdb detaches when it leaves, and does not kill.
      qAttached: () => '1',
    }),
    prefixed: () => ({
      'D;': detachProcess,
      'vKill;': (session) => {
        session.actions.kill();
        return 'OK';
      },
      'qAttached:': () => '1',
    }),
  };
}
