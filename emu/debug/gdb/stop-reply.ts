import { bytesToHex } from './hexadecimal.ts';
import type { Session } from './session.ts';
import { Signal, type TargetStop } from './target.ts';

/** The exit status that a `W` reply tells, of a target that has ended. */
export type ExitStatus = (stop: Extract<TargetStop, { kind: 'ended' }>['stop']) => number;

/** The stop reasons of watchpoints (GDB manual, appendix E.3). */
const WATCH_REASON = { write: 'watch', read: 'rwatch', access: 'awatch' } as const;

/** The reply to a packet that has run the target, and to `?` (GDB manual, appendix E.3). */
export function stopReply(session: Session, stop: TargetStop, exitStatus: ExitStatus): string {
  if (stop.kind === 'ended') return `W${hexByte(exitStatus(stop.stop))}`;
  const { registers, threads } = session.target;
  const thread = threads.current();
  const signal = stop.kind === 'signal' ? stop.signal : Signal.Trap;
  let reply = `T${hexByte(signal)}thread:${thread.toString(16)};`;
  if (stop.kind === 'watchpoint') reply += `${WATCH_REASON[stop.access]}:${stop.address.toString(16)};`;
  if (stop.kind === 'historyBegin') reply += 'replaylog:begin;';
  if (stop.kind === 'breakpoint' && session.namedBreakpoints.has(stop.type)) {
    reply += stop.type === 'software' ? 'swbreak:;' : 'hwbreak:;';
  }
  for (const register of registers.expedited) {
    const value = registers.read(thread, register);
    if (value !== undefined) reply += `${hexByte(register)}:${bytesToHex(value)};`;
  }
  return reply;
}

const hexByte = (value: number): string => (value & 0xff).toString(16).padStart(2, '0');
