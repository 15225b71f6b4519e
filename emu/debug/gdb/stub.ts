import type { MachineStop } from '../../machine/index.ts';
import { encodePacket, type Frame, PacketReader } from './packet-codec.ts';
import { PacketError } from './packet-error.ts';
import { PacketTable } from './packet-family.ts';
import { breakpointPackets } from './packets/breakpoints.ts';
import { lifePackets } from './packets/life.ts';
import { memoryPackets } from './packets/memory.ts';
import { memoryMapPackets } from './packets/memory-map.ts';
import { monitorPackets } from './packets/monitor.ts';
import { queryPackets } from './packets/queries.ts';
import { registerPackets } from './packets/registers.ts';
import { resumePackets } from './packets/resume.ts';
import { reversePackets } from './packets/reverse.ts';
import { threadPackets } from './packets/threads.ts';
import { type GdbTransport, Session } from './session.ts';
import type { ExitStatus } from './stop-reply.ts';
import { type GdbTarget, Signal, type TargetStop } from './target.ts';

export interface GdbStubOptions {
  readonly target: GdbTarget;
  /** What a `W` reply tells of a machine that has ended. */
  readonly exitStatus: ExitStatus;
}

/** How the stub's work ended: the machine has, or a client killed it. */
export type GdbEnd = { readonly reason: 'ended'; readonly stop: MachineStop } | { readonly reason: 'killed' };

/** What the host tells of a client that has connected. */
export interface GdbConnection {
  receive(bytes: Uint8Array): void;
  /** The client is gone. */
  closed(): void;
}

/**
 * GDB's remote serial protocol (GDB manual, appendix E) over a target, for one client at a time. The target stands until a client
 * lets it run, and goes on without one only after a detach.
 */
export class GdbStub {
  /** Kept when there is nothing left to serve; rejected by a defect. */
  readonly ended: Promise<GdbEnd>;
  readonly #target: GdbTarget;
  readonly #packets: PacketTable;
  #lastStop: TargetStop = { kind: 'signal', signal: Signal.Trap };
  #client: Client | undefined;
  #running = false;
  #over = false;
  #end: (end: GdbEnd) => void = () => {};
  #fail: (error: unknown) => void = () => {};
  /** Everything that uses the target happens one after the other, in the order in which it came. */
  #work: Promise<void> = Promise.resolve();

  constructor({ target, exitStatus }: GdbStubOptions) {
    this.#target = target;
    const families = [
      registerPackets,
      memoryPackets,
      memoryMapPackets,
      resumePackets(exitStatus),
      reversePackets(exitStatus),
      breakpointPackets,
      threadPackets,
      monitorPackets,
      lifePackets(exitStatus),
    ];
    this.#packets = new PacketTable([...families, queryPackets(families)], target);
    this.ended = new Promise((resolve, reject) => {
      this.#end = (end) => {
        this.#over = true;
        resolve(end);
      };
      this.#fail = (error) => {
        this.#over = true;
        reject(error);
      };
    });
  }

  /** A client has come; a machine that runs on its own stops for it. Undefined while there is another client. */
  connect(transport: GdbTransport): GdbConnection | undefined {
    if (this.#client !== undefined || this.#over) return undefined;
    const client: Client = {
      transport,
      reader: new PacketReader(),
      session: this.#newSession(() => client),
      frames: 0,
      interruptedAt: -1,
      serving: -1,
      unacknowledged: undefined,
      gone: false,
      killed: false,
      lastSent: undefined,
    };
    this.#client = client;
    if (this.#running) this.#target.run.interrupt();
    return {
      receive: (bytes) => {
        for (const frame of client.reader.feed(bytes)) this.#received(client, frame);
      },
      closed: () => this.#leave(client),
    };
  }

  /** Whether there is a client that has neither detached nor gone. */
  get hasClient(): boolean {
    return this.#client !== undefined;
  }

  #newSession(client: () => Client): Session {
    const actions = {
      run: (start: () => Promise<TargetStop>) => this.#run(start, client()),
      detach: () => this.#detach(client()),
      kill: () => {
        client().killed = true;
      },
    };
    return new Session(this.#target, actions, this.#lastStop);
  }

  #received(client: Client, frame: Frame): void {
    const index = client.frames++;
    if (frame.kind === 'interrupt') {
      client.interruptedAt = index;
      if (this.#running && client === this.#client) this.#target.run.interrupt();
      return;
    }
    if (frame.kind === 'packet') {
      // Sent again because no acknowledgement came in time: gdb waits for one reply.
      if (!client.session.withoutAcknowledgements && frame.data === client.unacknowledged) return;
      client.unacknowledged = frame.data;
    }
    this.#enqueue(() => this.#serve(client, frame, index));
  }

  #enqueue(task: () => void | Promise<void>): void {
    this.#work = this.#work.then(task).catch((error) => this.#fail(error));
  }

  async #serve(client: Client, frame: Frame, index: number): Promise<void> {
    if (this.#over || client !== this.#client) return;
    const { session } = client;
    client.serving = index;
    const acknowledge = (mark: string): void => {
      if (!session.withoutAcknowledgements) client.transport.send(Uint8Array.of(mark.charCodeAt(0)));
    };
    switch (frame.kind) {
      case 'packet':
        client.unacknowledged = undefined;
        acknowledge('+');
        this.#send(client, await this.#answer(session, frame.data));
        break;
      case 'damaged':
        // Without acknowledgements there is no asking again.
        if (session.withoutAcknowledgements) this.#send(client, DAMAGED.reply);
        else acknowledge('-');
        break;
      case 'oversized':
        acknowledge('+');
        this.#send(client, DAMAGED.reply);
        break;
      case 'resend':
        if (client.lastSent !== undefined) client.transport.send(client.lastSent);
        break;
    }
    // Only now: what ends with it has its reply before.
    if (client.killed) this.#end({ reason: 'killed' });
    if (this.#lastStop.kind === 'ended') this.#end({ reason: 'ended', stop: this.#lastStop.stop });
  }

  async #answer(session: Session, packet: string): Promise<string | undefined> {
    const found = this.#packets.find(packet);
    if (found === undefined) return '';
    try {
      return await found.handler(session, found.argument);
    } catch (error) {
      if (error instanceof PacketError) return error.reply;
      throw error;
    }
  }

  #send(client: Client, reply: string | undefined): void {
    if (reply === undefined || client.gone) return;
    client.lastSent = encodePacket(reply);
    client.transport.send(client.lastSent);
  }

  /** Runs the target, for a client or on its own. */
  async #run(start: () => Promise<TargetStop>, client?: Client): Promise<TargetStop> {
    this.#running = true;
    try {
      const running = start();
      // What has come in before the target ran: an interrupt after the packet, or a client after the detach.
      const unwanted =
        client === undefined ? this.#client !== undefined : client.interruptedAt > client.serving;
      if (unwanted) this.#target.run.interrupt();
      const stop = await running;
      this.#lastStop = stop;
      this.#client?.session.stopped(stop);
      return stop;
    } finally {
      this.#running = false;
    }
  }

  #detach(client: Client): void {
    this.#forget(client);
    this.#enqueue(async () => {
      if (this.#over) return;
      let stop: TargetStop;
      do {
        stop = await this.#run(() => this.#target.run.resume({ kind: 'continue' }));
        // A stop that only a client could look at is none; one that a client has asked for stays.
      } while (stop.kind === 'signal' && stop.signal !== Signal.Interrupt);
      if (stop.kind === 'ended') this.#end({ reason: 'ended', stop: stop.stop });
    });
  }

  /** The client has closed its end: what it let run stops, and the machine waits for the next one. */
  #leave(client: Client): void {
    client.gone = true;
    if (client !== this.#client) return;
    if (this.#running) this.#target.run.interrupt();
    this.#forget(client);
  }

  /** Takes back what belongs to a client. */
  #forget(client: Client): void {
    if (client === this.#client) this.#client = undefined;
    this.#target.breakpoints?.clear();
    this.#target.watchpoints?.clear();
  }
}

interface Client {
  readonly transport: GdbTransport;
  readonly reader: PacketReader;
  readonly session: Session;
  /** Frames that have come in. */
  frames: number;
  /** The latest interrupt among them. */
  interruptedAt: number;
  /** The frame that is being served. */
  serving: number;
  /** The latest packet, until it is acknowledged. */
  unacknowledged: string | undefined;
  gone: boolean;
  killed: boolean;
  /** For a client that asks again. */
  lastSent: Uint8Array | undefined;
}

const DAMAGED = new PacketError('malformed', 'the packet did not arrive whole');
