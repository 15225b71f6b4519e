import { errorName, signalName, systemCallName } from '../../kernel/index.ts';
import type { Stop } from '../control/stop.ts';
import { CValue } from '../expressions/index.ts';
import { attempt } from '../programs/programs.ts';
import type { DebugSession } from '../session/session.ts';
import type { StackLevel } from '../stack/call-stack.ts';
import { SIGNAL_HANDLER_CALLED } from '../stack/signal-trampoline.ts';
import type { Arrival } from '../stops/arming.ts';
import type { Answer } from './command.ts';
import { showDisplays } from './displays.ts';
import { frameData, frameLine, isLineStart, sourceLine } from './frame-text.ts';

/** Where the last report was: a step within the same function shows its line alone. */
export interface Before {
  readonly function: string | undefined;
  readonly thread: bigint | undefined;
}

export function whereNow(session: DebugSession): Before {
  const level = session.selection.level;
  return { function: level?.function, thread: attempt(() => session.selection.thread?.address) };
}

/** A stop as a person reads it, and as data. */
export function reportStop(session: DebugSession, stop: Stop, before?: Before): Answer {
  const lines: string[] = [];
  const { machine } = session.debuggee;
  for (const note of stop.notes) lines.push(`[${note}]\n`);
  const level = session.selection.level;
  const thread = attempt(() => session.selection.thread?.address);
  const isAlive = stop.reason !== 'ended' || machine.ending === undefined;
  if (isAlive && before !== undefined && thread !== before.thread && thread !== undefined)
    lines.push(threadText(session));
  lines.push(reasonText(session, stop));
  if (level !== undefined && isAlive) lines.push(placeText(session, level, stop, before));
  const returned = stop.returned;
  if (returned?.value !== undefined) {
    const number = session.values.record(returned.value);
    lines.push(`Value returned is $${number} = ${session.values.format(returned.value)}\n`);
  }
  if (isAlive) lines.push(showDisplays(session));
  return { text: lines.join(''), value: stopData(session, stop, level) };
}

/** Where the machine is, for the first prompt and for `frame`. */
export function placeText(session: DebugSession, level: StackLevel, stop?: Stop, before?: Before): string {
  const isStep = stop?.reason === 'done' && before !== undefined && before.function === level.function;
  const source = sourceLine(session, level);
  if (isStep && source !== '')
    return `${isLineStart(level) ? '' : `0x${level.address.toString(16)}\t`}${source}`;
  const { index } = session.selection;
  const line = frameLine(session, level, index);
  const head = stop === undefined ? line : line.replace(/^#\d+\s+/, '');
  return head + (source === '' ? instructionText(session, level) : source);
}

/** Without a source line, the instruction tells where the machine is. */
function instructionText(session: DebugSession, { address }: StackLevel): string {
  const { disassembler } = session.debuggee;
  const code = session.selection.readSome(address, 15);
  if (code.length === 0) return '';
  const { text } = disassembler.one(code, address, 64, (target) => session.values.symbolOf(target));
  return `=> 0x${address.toString(16)}:\t${text}\n`;
}

function threadText(session: DebugSession): string {
  const identity = attempt(() => session.debuggee.kernel.currentIdentity());
  return identity === undefined
    ? ''
    : `[now running: pid ${identity.pid} ${identity.comm}, thread ${identity.tid}]\n`;
}

function reasonText(session: DebugSession, stop: Stop): string {
  const { position } = session;
  switch (stop.reason) {
    case 'stopPoint':
      return stop.arrivals.map((arrival) => arrivalText(session, arrival)).join('');
    case 'returned':
      return stop.returned?.name === SIGNAL_HANDLER_CALLED
        ? 'The signal is handled: back where it came.\n'
        : `Returned from ${stop.returned?.name}.\n`;
    case 'historyBegin':
      return `At the beginning of history (position ${position}): nothing earlier is known.\n`;
    case 'historyEnd':
      return session.timeline.stepsRecorded === undefined
        ? `At the end of history (position ${position}): the rest is still to be lived through.\n`
        : `At the end of the recording (position ${position}).\n`;
    case 'interrupted':
      return `Interrupted at position ${position}.\n`;
    case 'waiting':
      return `The guest waits for input; 'type TEXT' types a line for it.\n`;
    case 'limit':
      return `The step budget is used up, at position ${position}.\n`;
    case 'ended':
      return `${endingText(stop)} at position ${position}. Everything before can still be gone back to.\n`;
    default:
      return '';
  }
}

function endingText({ machine }: Stop): string {
  switch (machine?.reason) {
    case 'panic':
      return 'The kernel has panicked';
    case 'shutdown':
      return 'The processor has shut down after a triple fault';
    case 'powerOff':
      return 'The machine is off';
    default:
      return `The machine has ended (${machine?.reason ?? 'no reason known'})`;
  }
}

function arrivalText(session: DebugSession, arrival: Arrival): string {
  const { point } = arrival;
  const temporary = point.isTemporary ? 'Temporary ' : '';
  switch (arrival.kind) {
    case 'breakpoint':
      return `${temporary}${point.isTemporary ? 'breakpoint' : 'Breakpoint'} ${point.number}, `;
    case 'catchpoint':
      return `${temporary}${point.isTemporary ? 'catchpoint' : 'Catchpoint'} ${point.number} (${arrival.event.name}${eventText(arrival.event)}), `;
    case 'watchpoint': {
      const { hit, before, after } = arrival;
      const kind = { write: 'Watchpoint', read: 'Read watchpoint', access: 'Access watchpoint' }[
        arrival.point.access
      ];
      const show = (bytes: Uint8Array | undefined): string =>
        bytes === undefined
          ? '<not mapped>'
          : session.values.format(watchedValue(session, arrival.point.expression, bytes));
      const values =
        hit.kind === 'write'
          ? `Old value = ${show(before)}\nNew value = ${show(after)}\n`
          : `Value = ${show(after)}\n`;
      return `${temporary}${kind} ${point.number}: ${arrival.point.expression}\n\n${values}`;
    }
  }
}

function watchedValue(session: DebugSession, expression: string, bytes: Uint8Array): CValue {
  return CValue.of(session.values.typeOf(expression, bytes.length), bytes);
}

/** The system call, signal or program of a kernel event. */
function eventText(event: object): string {
  const { systemCall, error, number, path, status } = event as Record<string, unknown>;
  const name = systemCall ?? (typeof number === 'number' ? (systemCallName(number) ?? number) : undefined);
  const parts = [name, path, typeof error === 'number' && error !== 0 ? errorName(error) : undefined];
  if (typeof status === 'number') parts.push(status < 128 && status > 0 ? signalName(status) : status);
  return parts
    .filter((part) => part !== undefined)
    .map((part) => ` ${part}`)
    .join('');
}

/** The stop as data. */
export function stopData(session: DebugSession, stop: Stop, level: StackLevel | undefined): unknown {
  const { machine, kernel } = session.debuggee;
  return {
    reason: stop.reason,
    position: machine.position,
    guestTime: machine.guestTime,
    thread: attempt(() => kernel.currentIdentity()),
    frame: level && frameData(session, level, session.selection.index),
    arrivals: stop.arrivals.map((arrival) => ({
      number: arrival.point.number,
      kind: arrival.kind,
      position: arrival.position,
      ...(arrival.kind === 'watchpoint'
        ? { access: arrival.hit.kind, address: arrival.hit.address, instruction: arrival.hit.instruction }
        : {}),
      ...(arrival.kind === 'catchpoint' ? { event: arrival.event } : {}),
    })),
    notes: stop.notes,
    ending: stop.machine?.reason,
    returned: stop.returned && {
      function: stop.returned.name,
      value: stop.returned.value && session.values.format(stop.returned.value),
    },
  };
}
