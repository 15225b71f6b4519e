import { textToHex } from '../hexadecimal.ts';
import { malformed, refused } from '../packet-error.ts';
import type { PacketFamily } from '../packet-family.ts';

/** A thread id: a positive number in hexadecimal, 0 for any, -1 for all; a process id before it is passed over. Throws PacketError. */
export function parseThread(text: string): number {
  const id = /^p[0-9a-f]+\.(.+)$/i.exec(text)?.[1] ?? text;
  if (id === '-1') return -1;
  if (!/^[0-9a-f]{1,8}$/i.test(id)) throw malformed('the number of a thread');
  return Number.parseInt(id, 16);
}

/** `H T qC qfThreadInfo qsThreadInfo qThreadExtraInfo`: which threads there are, and which one is meant. */
export const threadPackets: PacketFamily = {
  exact: () => ({
    qC: (session) => `QC${session.target.threads.current().toString(16)}`,
    // All of them fit into one packet: a guest has some dozens.
    qfThreadInfo: (session) =>
      `m${session.target.threads
        .list()
        .map((thread) => thread.toString(16))
        .join(',')}`,
    qsThreadInfo: () => 'l',
  }),
  prefixed: () => ({
    Hg: (session, argument) => {
      session.select(parseThread(argument));
      return 'OK';
    },
    // Which thread runs is the guest's choice; `vCont` says which one is to be stepped.
    Hc: (_, argument) => {
      parseThread(argument);
      return 'OK';
    },
    T: (session, argument) => {
      const thread = parseThread(argument);
      if (!session.target.threads.list().includes(thread)) throw refused(`no thread ${thread}`);
      return 'OK';
    },
    'qThreadExtraInfo,': (session, argument) => {
      const thread = parseThread(argument);
      if (!session.target.threads.list().includes(thread)) throw refused(`no thread ${thread}`);
      return textToHex(session.target.threads.describe(thread));
    },
  }),
};
