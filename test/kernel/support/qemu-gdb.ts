import { absolute, guestPaths } from '../../../scripts/guest/index.ts';
import { GdbSession } from '../../oracles/gdb-session.ts';
import { type GuestFiles, QemuGuest } from '../../oracles/qemu-guest.ts';
import { commandProbe, oracle } from '../../oracles/require.ts';

export const gdb = oracle('gdb', commandProbe('gdb', ['--version'], 'gdb'));
export const qemu = oracle(
  'qemu-system-x86_64',
  commandProbe('qemu-system-x86_64', ['--version'], 'qemu-system-x86'),
);

const PROMPTS = ['# '];

/**
 * Boots the guest under QEMU, types a line at the prompt, and lets gdb run a script: the commands after it has connected, with the
 * kernel's symbols loaded. Returns what gdb printed. Throws QemuGuestError, GdbSessionError.
 */
export async function gdbOnQemu(files: GuestFiles, line: string, script: readonly string[]): Promise<string> {
  const guest = await QemuGuest.start(files, { gdb: true });
  const session = new GdbSession(absolute(guestPaths.kernel));
  try {
    await guest.untilStub();
    const typing = guest.untilPrompt(PROMPTS).then(() => guest.type(`${line}\n`));
    const asking = async (): Promise<string> => {
      let printed = '';
      const connect = `target remote ${guest.stubPath}`;
      for (const command of ['set pagination off', 'set confirm off', connect, ...script]) {
        printed += `${await session.ask(command)}\n`;
      }
      return printed;
    };
    const [printed] = await Promise.all([asking(), typing]);
    return printed;
  } finally {
    session.close();
    guest.close();
  }
}
