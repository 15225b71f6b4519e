/** Single-steps the guest from its first C function on and prints steps a second as JSON: what `BenchSteps` says. */
import { usePrebuiltInterpreter } from '../../emu/cli/prebuilt.ts';
import { KernelImage } from '../../emu/kernel/index.ts';
import { createMachine } from '../../emu/machine/create.ts';
import { GENERAL_REGISTERS, Registers } from '../../emu/machine/index.ts';
import { BenchError } from './child.ts';
import { GUEST, loadGuest, readGuest } from './guest.ts';
import { elapsed } from './statistics.ts';
import { FIRST_FUNCTION } from './stepping.ts';

/** Steps a second, by the wall clock. */
export interface BenchSteps {
  readonly withRegistersAndSymbol: number;
  readonly plain: number;
}

const WARM_UP = 50_000;
const TIMED = 200_000;

usePrebuiltInterpreter();
const files = readGuest();
const image = KernelImage.open(files.kernel);
const { machine } = createMachine({ memory: GUEST.memory });
loadGuest(machine, files);
const registers = new Registers(machine.state);

/** What was read last, kept so that reading is not optimised away. */
const seen = { general: new BigUint64Array(GENERAL_REGISTERS.length), rip: 0n, rflags: 0n, symbol: '' };

function stepAndLook(count: number): void {
  for (let i = 0; i < count; i++) {
    machine.step();
    registers.copyGeneral(seen.general);
    seen.rip = registers.get('rip');
    seen.rflags = registers.get('rflags');
    seen.symbol = image.symbols.at(seen.rip)?.symbol.name ?? '';
  }
}

function step(count: number): void {
  for (let i = 0; i < count; i++) machine.step();
}

/** Stands before the first C function; V8 has optimised by then. */
function start(): void {
  loadGuest(machine, files);
  const remove = machine.breakpoints.add(image.address(FIRST_FUNCTION), () => 'stop');
  const { reason } = machine.run();
  remove();
  if (reason !== 'breakpoint') throw new BenchError(`${FIRST_FUNCTION} was not reached: '${reason}'`);
}

start();
stepAndLook(WARM_UP);
start();
const looked = elapsed(() => stepAndLook(TIMED));
if (seen.symbol === '' || seen.general.every((value) => value === 0n))
  throw new BenchError('no symbol and no register was read');
start();
step(WARM_UP);
start();
const plain = elapsed(() => step(TIMED));
const result: BenchSteps = { withRegistersAndSymbol: TIMED / looked.wall, plain: TIMED / plain.wall };
process.stdout.write(JSON.stringify(result));
