import { GdbStub, machineTarget, type Pace } from '../debug/gdb/index.ts';
import type { MachineStop } from '../machine/index.ts';
import type { Machine } from '../puffer-machine.ts';
import { formatGdbAddress, type GdbAddress } from './gdb-address.ts';
import type { ConsoleOnce } from './gdb-console.ts';
import { GdbServer } from './gdb-server.ts';
import { runInteractively } from './interactive.ts';

export interface GdbBootOptions {
  readonly machine: Machine;
  readonly address: GdbAddress;
  readonly budget: number | undefined;
  /** What types: a person at the terminal, or a script that has been set; `thenTerminal`: first the one, then the other. */
  readonly input: 'terminal' | 'script' | 'thenTerminal';
  /** The kernel's file for gdb's symbols; undefined when it is none that gdb reads. */
  readonly kernel: string | undefined;
  readonly console: ConsoleOnce;
  /** Reports and event streams follow a run that goes forward: with them, gdb cannot go back. */
  readonly forwardOnly: boolean;
  /** Why the run must end, if it must. */
  readonly stopped: () => string | undefined;
  readonly exitStatus: (stop: MachineStop) => number;
}

/** Steps between two looks at the host's events. */
const CHUNK = 1_000_000;

const breathe = (): Promise<void> => new Promise((resume) => setImmediate(resume));

/**
 * Waits for gdb and lets it drive the machine, until the machine ends, its script does, or gdb kills it.
 * Throws UsageError when it cannot listen.
 */
export async function runUnderGdb(options: GdbBootOptions): Promise<MachineStop> {
  const { machine, address, exitStatus } = options;
  const target = machineTarget({
    machine: machine.core,
    cpu: machine.cpu,
    kernel: machine.kernel,
    pace: new Pacer(options).pace,
    breathe: options.forwardOnly ? undefined : breathe,
    onNewCourse: (position) => options.console.forgetAfter(position),
  });
  const stub = new GdbStub({ target, exitStatus });
  if (address === 'stdio') {
    const served = await Promise.race([stub.ended, serveStandardStreams(stub)]);
    process.stdin.destroy();
    return served?.reason === 'ended' ? served.stop : whereItStands(machine);
  }
  let isServing = true;
  const server = await GdbServer.listen(address, (transport) => {
    const connection = stub.connect(transport);
    return (
      connection && {
        receive: connection.receive,
        closed: () => {
          const hasVanished = stub.hasClient && isServing;
          connection.closed();
          if (hasVanished)
            process.stderr.write(
              `puffer: gdb has gone without a detach; the guest stands still until another comes to ${place}\n`,
            );
        },
      }
    );
  });
  const place = formatGdbAddress(server.address);
  const symbols = options.kernel === undefined ? '' : `${options.kernel} `;
  process.stderr.write(`puffer: waiting for gdb: gdb ${symbols}-ex 'target remote ${place}'\n`);
  try {
    const end = await stub.ended;
    return end.reason === 'ended' ? end.stop : whereItStands(machine);
  } finally {
    isServing = false;
    await server.close();
  }
}

const whereItStands = ({ position, guestTime }: Machine): MachineStop => ({
  reason: 'requested',
  position,
  time: guestTime,
});

/** Serves the gdb that has started us: `target remote | puffer boot --gdb stdio`. Kept when it has gone without a detach. */
async function serveStandardStreams(stub: GdbStub): Promise<undefined> {
  const { stdin, stdout } = process;
  // Nobody reads any more: the end of the input follows.
  stdout.on('error', () => {});
  const connection = stub.connect({ send: (bytes) => stdout.write(bytes), close: () => {} });
  stdin.on('data', (bytes) => connection?.receive(new Uint8Array(Buffer.from(bytes))));
  await new Promise<void>((resolve) => {
    const end = (): void => {
      const hasVanished = stub.hasClient;
      connection?.closed();
      if (hasVanished) resolve();
    };
    stdin.on('end', end);
    stdin.on('error', end);
  });
}

/** Lets the machine run on as `puffer boot` does without gdb, and looks at the sockets in between. */
class Pacer {
  readonly #options: GdbBootOptions;
  #input: GdbBootOptions['input'];

  constructor(options: GdbBootOptions) {
    this.#options = options;
    this.#input = options.input;
  }

  /** Steps that the budget leaves. */
  #left(): number {
    const { budget, machine } = this.#options;
    return (budget ?? Number.MAX_SAFE_INTEGER) - machine.position;
  }

  readonly pace: Pace = async (slice) => {
    const { machine, stopped } = this.#options;
    for (;;) {
      await breathe();
      const left = this.#left();
      if (left <= 0) return { reason: 'budget', position: machine.position, time: machine.guestTime };
      if (this.#input === 'terminal') {
        const budget = this.#options.budget === undefined ? undefined : left;
        return runInteractively(machine.core, { budget, run: slice, stopped });
      }
      const stop = slice({ budget: Math.min(CHUNK, left) });
      if (stop.reason === 'inputEnd' && this.#input === 'thenTerminal') {
        machine.console.setScript(undefined);
        this.#input = 'terminal';
      } else if (stop.reason !== 'budget') return stop;
    }
  };
}
