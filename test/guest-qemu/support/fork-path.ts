import type { KernelImage } from '../../../emu/index.ts';
import { GENERAL_REGISTERS, type GeneralRegister } from '../../../emu/machine/registers.ts';
import type { GdbRemote } from '../../oracles/gdb-remote.ts';
import { type GuestFiles, QemuGuest } from '../../oracles/qemu-guest.ts';
import { collectOutput, machineWith, PROMPTS, script } from './guest.ts';

/** System call number of fork(2) (sys/syscall.h). */
const SYS_fork = 2n;
/** SYSRETQ (AMD APM vol. 3). */
const SYSRETQ = Uint8Array.of(0x48, 0x0f, 0x07);
/** Xsyscall is shorter, in bytes. */
const ENTRY_CODE = 0x200;
const COMMAND = 'ls';
/** How the console ends when the line has been typed and the command has not printed yet. */
const TYPED = `\n# ${COMMAND}\r\n`;
/** A fork is tens of thousands of instructions long; a sequence without an end is an error. */
const LONGEST = 1_000_000;
/** QEMU's stub numbers the registers as GDB does. */
const RAX_NUMBER = 0;
const RIP_NUMBER = 16;
/** General registers are compared at every so many places. */
export const SAMPLE = 1000;
/** The kernel reads its clock here. Guest time at the prompt depends on how long the person took, and QEMU's is another one. */
const CLOCK_SOURCE = /\/kern_time\.c$/;
/** The run queues are in here. Which one a thread is put on depends on how much time it has had. */
const RUN_QUEUES = { symbol: 'cpu_info_primary', struct: 'cpu_info' };

type GeneralRegisters = Readonly<Record<GeneralRegister, bigint>>;

/**
 * The addresses of the instructions from SYSCALL's arrival in the kernel to its SYSRETQ. One that is executed many times in a row
 * (REP) is there once. Neither side takes interrupts or lets timers run meanwhile; exceptions are taken.
 */
export interface ForkPath {
  readonly addresses: readonly bigint[];
  /** The general registers before the first of every thousand addresses, or the next one that does not read the clock. */
  readonly samples: readonly GeneralRegisters[];
}

/** Collects a path; knows when it is at its end. */
class Recording implements ForkPath {
  readonly addresses: bigint[] = [];
  readonly samples: GeneralRegisters[] = [];
  readonly #image: KernelImage;
  /** The registers are wanted at the next address. */
  wantsRegisters = false;

  constructor(image: KernelImage) {
    this.#image = image;
  }

  /** One address for all in the processor's structure. */
  #anyQueue(value: bigint): bigint {
    const start = this.#image.address(RUN_QUEUES.symbol);
    const size = BigInt(this.#image.struct(RUN_QUEUES.struct).size);
    return value >= start && value < start + size ? start : value;
  }

  /** The processor is before the instruction at `address`. */
  arrive(address: bigint, read?: (name: GeneralRegister) => bigint): void {
    if (this.addresses.at(-1) === address) return;
    if (this.addresses.push(address) > LONGEST) throw new Error('the fork does not come to its SYSRETQ');
    if (
      this.wantsRegisters &&
      read !== undefined &&
      !CLOCK_SOURCE.test(this.#image.place(address).file ?? '')
    ) {
      this.samples.push(generalRegisters((name) => this.#anyQueue(read(name))));
      this.wantsRegisters = false;
    }
    if (this.addresses.length % SAMPLE === 0) this.wantsRegisters = true;
  }
}

const generalRegisters = (read: (name: GeneralRegister) => bigint): GeneralRegisters =>
  Object.fromEntries(GENERAL_REGISTERS.map((name) => [name, read(name)])) as GeneralRegisters;

/** The path on puffer of the fork that `ls`, typed at the first prompt, makes the shell do. */
export function forkPathOnPuffer(files: GuestFiles): ForkPath {
  const machine = machineWith(files);
  const output = collectOutput(machine);
  script(machine, [COMMAND]);
  do {
    const stop = machine.run({ symbol: 'Xsyscall', budget: LONGEST * SAMPLE });
    if (stop.reason !== 'breakpoint') throw new Error(`no fork: ${stop.reason} after ${output()}`);
  } while (!(output().endsWith(TYPED) && machine.register('rax') === SYS_fork));

  const entry = machine.image.address('Xsyscall');
  const end = entry + sysretOffset(machine.readMemory(entry, ENTRY_CODE));
  const path = new Recording(machine.image);
  const { cpu } = machine;
  let address = cpu.linearInstructionPointer();
  while (address !== end) {
    path.arrive(address, (name) => machine.register(name));
    // The processor alone, without the machine around it: timers stand still, and its interrupt pin is held down.
    cpu.interruptRequest = false;
    const reason = cpu.run(1);
    if (reason !== 'budget') throw new Error(`${reason} at 0x${address.toString(16)}`);
    address = cpu.linearInstructionPointer();
  }
  path.arrive(end);
  return path;
}

/** The same on QEMU, step by step through its stub. */
export async function forkPathOnQemu(files: GuestFiles, image: KernelImage): Promise<ForkPath> {
  const entry = image.address('Xsyscall');
  const guest = await QemuGuest.start(files, { gdb: true });
  try {
    const remote = await guest.connectGdb();
    let typed = false;
    const typing = guest.untilPrompt(PROMPTS).then(() => {
      typed = true;
      guest.type(`${COMMAND}\n`);
    });
    const reachFork = async (): Promise<void> => {
      await remote.stepWithInterrupts(false);
      await remote.setBreakpoint(entry, 'hardware');
      await remote.continue();
      // Forks before the prompt are init's. Whether the echo has arrived here says nothing: it comes by another way than the stop.
      while (!(typed && (await remote.readRegister(RAX_NUMBER)) === SYS_fork)) {
        await passBreakpoint(remote, entry);
      }
    };
    await Promise.all([typing, reachFork()]);
    await remote.clearBreakpoint(entry, 'hardware');

    const end = entry + sysretOffset(await remote.readMemory(entry, ENTRY_CODE));
    const path = new Recording(image);
    for (;;) {
      let address: bigint;
      if (path.wantsRegisters) {
        const registers = await remote.readRegisters();
        address = registers.rip;
        path.arrive(address, (name) => registers[name]);
        await remote.step();
      } else {
        ({ value: address } = await remote.readRegisterAndStep(RIP_NUMBER));
        path.arrive(address);
      }
      // By now the last instruction has been executed too: nobody looks any more.
      if (address === end) return path;
    }
  } finally {
    guest.close();
  }
}

/** Goes on from an instruction that has a breakpoint, to the next arrival: the stub would stop at once. */
async function passBreakpoint(remote: GdbRemote, address: bigint): Promise<void> {
  await remote.clearBreakpoint(address, 'hardware');
  await remote.step();
  await remote.setBreakpoint(address, 'hardware');
  await remote.continue();
}

/** Where Xsyscall's SYSRETQ is, in bytes from its beginning. */
function sysretOffset(code: Uint8Array): bigint {
  for (let at = 0; at + SYSRETQ.length <= code.length; at++) {
    if (SYSRETQ.every((byte, index) => code[at + index] === byte)) return BigInt(at);
  }
  throw new Error('Xsyscall has no SYSRETQ');
}
