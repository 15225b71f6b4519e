import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { absolute, guestPaths } from '../../../scripts/guest/index.ts';
import { commandProbe, oracle } from '../../oracles/require.ts';
import { COMMAND_LINE } from './guest.ts';

export const gdb = oracle('gdb', commandProbe('gdb', ['--version'], 'gdb'));
export const qemu = oracle(
  'qemu-system-x86_64',
  commandProbe('qemu-system-x86_64', ['--version'], 'qemu-system-x86'),
);

const PROMPT = '# ';

/** The far end of QEMU's serial port: types a line when the prompt is there. */
function typist(line: string): Server {
  return createServer((socket) => {
    let output = '';
    let typed = false;
    socket.on('data', (bytes) => {
      output += bytes.toString('latin1');
      if (typed || !output.endsWith(PROMPT)) return;
      typed = true;
      socket.write(`${line}\n`);
    });
    // QEMU goes when gdb kills it.
    socket.on('error', () => {});
  });
}

/** QEMU's options for the machine that puffer is: virtual time counts instructions. */
const MACHINE = [
  ...['-M', 'pc', '-m', '64', '-nodefaults', '-no-user-config', '-display', 'none', '-monitor', 'none'],
  ...['-no-reboot', '-icount', 'shift=0,sleep=off'],
];

/**
 * Carries gdb's bytes to QEMU's stub and back. Both connect to us, so that neither has to wait until the other listens.
 */
function bridge(): { readonly qemu: Server; readonly gdb: Server } {
  let waiting: Socket | undefined;
  const join = (socket: Socket): void => {
    // Either end may be gone while the other still talks.
    socket.on('error', () => {});
    if (waiting === undefined) {
      waiting = socket;
      return;
    }
    socket.pipe(waiting);
    waiting.pipe(socket);
  };
  return { qemu: createServer(join), gdb: createServer(join) };
}

/**
 * Boots the guest under QEMU, types a line at the prompt, and lets gdb run a script: the commands after it has connected, with the
 * kernel's symbols loaded. Returns what gdb printed. QEMU ends with the script.
 */
export async function gdbOnQemu(line: string, script: readonly string[]): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'puffer-qemu-'));
  const path = (name: string): string => join(directory, name);
  const { qemu: stub, gdb: debuggerEnd } = bridge();
  const servers = { serial: typist(line), stub, debugger: debuggerEnd };
  try {
    for (const [name, server] of Object.entries(servers)) {
      await new Promise<void>((resolve) => server.listen(path(name), resolve));
    }
    const connect = `target remote ${path('debugger')}`;
    const commands = ['set pagination off', 'set confirm off', connect, ...script, 'disconnect'];
    writeFileSync(path('script'), commands.join('\n'));
    const machine = spawn(
      'qemu-system-x86_64',
      [
        ...MACHINE,
        ...['-S', '-gdb', `unix:${path('stub')}`, '-serial', `unix:${path('serial')}`],
        ...['-kernel', absolute(guestPaths.kernel), '-initrd', absolute(guestPaths.initrd)],
        ...['-append', COMMAND_LINE],
      ],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    try {
      const gdbArguments = ['-nx', '-q', '-batch', '-x', path('script'), absolute(guestPaths.kernel)];
      const { stdout } = await promisify(execFile)('gdb', gdbArguments);
      return stdout;
    } finally {
      machine.kill('SIGKILL');
    }
  } finally {
    for (const server of Object.values(servers)) server.close();
    rmSync(directory, { recursive: true, force: true });
  }
}
