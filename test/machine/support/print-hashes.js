// Prints the hashes of a run of the guest as JSON, in a process of its own so that V8's flags can be chosen.
// Arguments: kernel, initrd, command line, the line to be typed, then positions. Runs on the compiled puffer.
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { Machine } from '../../../dist/emu/index.js';

const [kernel, initrd, commandLine, line, ...positions] = process.argv.slice(2);
const machine = Machine.create({
  kernel: { name: kernel, bytes: new Uint8Array(readFileSync(kernel)) },
  initrd: { name: initrd, bytes: new Uint8Array(readFileSync(initrd)) },
  commandLine,
});
machine.console.setScript({ bytes: new TextEncoder().encode(`${line}\n`), prompts: ['\n# '] });
const hashes = positions.map((position) => {
  machine.run({ position: Number(position) });
  return machine.stateHash();
});
process.stdout.write(JSON.stringify(hashes));
