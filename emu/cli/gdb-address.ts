import { InvalidArgumentError } from 'commander';

/** Where the stub listens. */
export type GdbAddress = SocketAddress | 'stdio';

export type SocketAddress = { readonly path: string } | { readonly host: string; readonly port: number };

const LOOPBACK = '127.0.0.1';
const LAST_PORT = 65535;

/** `PORT` (on the loopback interface alone), `HOST:PORT`, `unix:PATH` or `stdio` (for gdb's `target remote | COMMAND`), for commander. Port 0 is any free one. Throws InvalidArgumentError. */
export function parseGdbAddress(text: string): GdbAddress {
  if (text === 'stdio') return text;
  if (text.startsWith('unix:') && text.length > 'unix:'.length) return { path: text.slice('unix:'.length) };
  const match = /^(?:(?<host>[^:]+|\[[0-9a-f:.]+\]):)?(?<port>\d{1,5})$/i.exec(text);
  const port = Number(match?.groups?.port ?? Number.NaN);
  if (!(port <= LAST_PORT)) {
    throw new InvalidArgumentError(
      `'${text}' is no place for gdb to connect to: give a port, such as 1234, HOST:PORT or unix:PATH, or stdio.`,
    );
  }
  return { host: match?.groups?.host?.replace(/^\[(.*)\]$/, '$1') ?? LOOPBACK, port };
}

/** The address as gdb's `target remote` takes it. */
export function formatGdbAddress(address: SocketAddress): string {
  if ('path' in address) return address.path;
  return `${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`;
}
