import { refused } from './packet-error.ts';
import type { BreakpointType, GdbTarget, TargetStop } from './target.ts';

/** A connected client's end, handed in by the host. */
export interface GdbTransport {
  send(bytes: Uint8Array): void;
  close(): void;
}

/** What a packet may ask for beside its reply. */
export interface SessionActions {
  /** Runs the target and says why it stopped. */
  run(start: () => Promise<TargetStop>): Promise<TargetStop>;
  /** The client leaves; the target goes on. */
  detach(): void;
  /** The client wants the target to end. */
  kill(): void;
}

/** What is agreed with one client, and what it has selected. */
export class Session {
  readonly target: GdbTarget;
  readonly actions: SessionActions;
  /** No `+` and `-` from here on. */
  withoutAcknowledgements = false;
  /** Breakpoint kinds whose stops the client wants named. */
  readonly namedBreakpoints = new Set<BreakpointType>();
  /** The latest stop, for `?`. */
  lastStop: TargetStop;
  #selected: number | undefined;

  constructor(target: GdbTarget, actions: SessionActions, lastStop: TargetStop) {
    this.target = target;
    this.actions = actions;
    this.lastStop = lastStop;
  }

  /** The thread that register packets are about: the one chosen by `Hg`, else the running one. */
  get selectedThread(): number {
    return this.#selected ?? this.target.threads.current();
  }

  /** Selects a thread; 0 is any, -1 all: both mean the running one. Throws PacketError 'refused' for one that is not there. */
  select(thread: number): void {
    if (thread > 0 && !this.target.threads.list().includes(thread)) throw refused(`no thread ${thread}`);
    this.#selected = thread > 0 ? thread : undefined;
  }

  /** The target has run: the running thread is selected again. */
  stopped(stop: TargetStop): void {
    this.lastStop = stop;
    this.#selected = undefined;
  }
}
