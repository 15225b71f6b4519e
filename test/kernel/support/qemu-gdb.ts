import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
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
 * Boots the guest under QEMU, types a line at the prompt, and lets gdb run a script: the commands after it has connected, with the
 * kernel's symbols loaded. Returns what gdb printed. The script ends with the machine.
 */
export async function gdbOnQemu(line: string, script: readonly string[]): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'puffer-qemu-'));
  const serial = join(directory, 'serial');
  const stub = join(directory, 'gdb');
  const commands = join(directory, 'script');
  const server = typist(line);
  try {
    await new Promise<void>((resolve) => server.listen(serial, resolve));
    const connected = new Promise<void>((resolve) => server.once('connection', () => resolve()));
    writeFileSync(
      commands,
      ['set pagination off', 'set confirm off', `target remote ${stub}`, ...script].join('\n'),
    );
    const machine = spawn(
      'qemu-system-x86_64',
      [
        ...MACHINE,
        ...['-S', '-gdb', `unix:${stub},server=on,wait=off`, '-serial', `unix:${serial}`],
        ...[
          '-kernel',
          absolute(guestPaths.kernel),
          '-initrd',
          absolute(guestPaths.initrd),
          '-append',
          COMMAND_LINE,
        ],
      ],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    try {
      // The serial port connects after the stub has begun to listen.
      await connected;
      const { stdout } = await promisify(execFile)('gdb', [
        ...['-nx', '-q', '-batch', '-x', commands],
        absolute(guestPaths.kernel),
      ]);
      return stdout;
    } finally {
      machine.kill('SIGKILL');
    }
  } finally {
    server.close();
    rmSync(directory, { recursive: true, force: true });
  }
}
