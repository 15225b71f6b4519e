import type { PacketFamily } from '../packet-family.ts';
import type { ExitStatus } from '../stop-reply.ts';
import { run } from './resume.ts';

/** `bs bc`: back one step, and back to the breakpoint before. */
export function reversePackets(exitStatus: ExitStatus): PacketFamily {
  return {
    features: ({ reverse }) => (reverse === undefined ? [] : ['ReverseStep+', 'ReverseContinue+']),
    exact: ({ reverse }) =>
      reverse === undefined
        ? {}
        : {
            bs: (session) => run(session, () => reverse.step(), exitStatus),
            bc: (session) => run(session, () => reverse.resume(), exitStatus),
          },
  };
}
