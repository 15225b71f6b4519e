import { expect, it } from 'vitest';
import { Machine } from '../../../emu/index.ts';
import { guestImage } from '../../../emu/vitest/guest-image.ts';
import { qemu, readGuest } from '../../guest-qemu/support/guest.ts';
import { QemuGuest } from '../../oracles/qemu-guest.ts';
import { describeWithOracle } from '../../oracles/require.ts';
import { AT_SHELL, BREAK, DDB_COMMAND_LINE, DDB_SCRIPT } from './ddb-script.ts';
import { DdbConsole } from './puffer-console.ts';

async function onQemu(): Promise<string> {
  const files = { ...(await readGuest()), commandLine: DDB_COMMAND_LINE };
  const console = await QemuGuest.start(files, { breaks: true });
  try {
    await console.until((shown) => AT_SHELL.test(shown));
    console.take();
    let transcript = '';
    for (const [input, prompt] of DDB_SCRIPT) {
      if (input === BREAK) console.sendBreak();
      else console.type(input);
      await console.until((shown) => prompt.test(shown));
      transcript += console.take();
    }
    return transcript;
  } finally {
    console.close();
  }
}

describeWithOracle(qemu, 'a session in ddb on puffer and on QEMU', () => {
  it('should give the same transcript', async () => {
    const ours = new DdbConsole(Machine.create({ ...(await guestImage({})), commandLine: DDB_COMMAND_LINE }));
    ours.until(AT_SHELL);
    ours.rest();
    expect(ours.play(DDB_SCRIPT)).toBe(await onQemu());
  });
});
