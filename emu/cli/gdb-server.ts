import { unlinkSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { GdbConnection, GdbTransport } from '../debug/gdb/index.ts';
import { UsageError } from './exit-code.ts';
import { formatGdbAddress, type SocketAddress } from './gdb-address.ts';

/** Takes a client; undefined when there is another one. */
export type Accept = (transport: GdbTransport) => GdbConnection | undefined;

/** A socket on which gdb's clients come in, one at a time; the next one waits until the one before has gone. */
export class GdbServer {
  readonly #server: Server;
  readonly #accept: Accept;
  readonly #sockets = new Set<Socket>();
  /** Clients that have connected while there was another one. */
  readonly #waiting: Socket[] = [];
  /** Where it listens; the port is the real one. */
  readonly address: SocketAddress;

  /** Throws UsageError when it cannot listen there. */
  static async listen(address: SocketAddress, accept: Accept): Promise<GdbServer> {
    try {
      return await GdbServer.#open(address, accept);
    } catch (error) {
      if ('path' in address && isInUse(error) && (await isAbandoned(address.path))) {
        unlinkSync(address.path);
        return await GdbServer.#open(address, accept).catch((again) =>
          Promise.reject(explain(address, again)),
        );
      }
      throw explain(address, error);
    }
  }

  static #open(address: SocketAddress, accept: Accept): Promise<GdbServer> {
    return new Promise((resolve, reject) => {
      const server = createServer({ noDelay: true });
      server.once('error', reject);
      server.listen('path' in address ? { path: address.path } : { ...address }, () => {
        server.off('error', reject);
        resolve(new GdbServer(server, address, accept));
      });
    });
  }

  private constructor(server: Server, address: SocketAddress, accept: Accept) {
    this.#server = server;
    const real = server.address();
    this.address =
      'port' in address && real !== null && typeof real === 'object'
        ? { host: address.host, port: real.port }
        : address;
    this.#accept = accept;
    server.on('connection', (socket) => {
      // A client that vanishes has closed its end; 'close' follows.
      socket.on('error', () => {});
      socket.on('close', () => this.#sockets.delete(socket));
      this.#sockets.add(socket);
      this.#waiting.push(socket);
      this.#admit();
    });
  }

  /** Lets in the one that has waited longest. The others' bytes stay where they are. */
  #admit(): void {
    const socket = this.#waiting[0];
    if (socket === undefined) return;
    const connection = this.#accept({
      send: (bytes) => socket.write(bytes),
      close: () => socket.end(),
    });
    if (connection === undefined) return;
    this.#waiting.shift();
    socket.on('data', (bytes) => connection.receive(bytes));
    socket.on('close', () => {
      connection.closed();
      this.#admit();
    });
  }

  /** Sends what is still to be sent, and listens no more. */
  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroySoon();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

const isInUse = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'EADDRINUSE';

/** Whether nobody answers at a socket: its program has ended and left the file. */
function isAbandoned(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'));
  });
}

function explain(address: SocketAddress, error: unknown): UsageError {
  const place = formatGdbAddress(address);
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'EADDRINUSE':
      return new UsageError(
        `--gdb: ${place} is in use by another program (or is a file); give another place`,
      );
    case 'EACCES':
      return new UsageError(`--gdb: listening at ${place} is not permitted; give another place`);
    case 'ENOENT':
      return new UsageError(`--gdb: the directory of ${place} does not exist`);
    default:
      return new UsageError(`--gdb: cannot listen at ${place}: ${message}`);
  }
}
