import { bytesToHex, hexToBytes, parseNumber } from '../hexadecimal.ts';
import { malformed } from '../packet-error.ts';
import type { PacketFamily } from '../packet-family.ts';
import type { Session } from '../session.ts';

const BITS = 8;
const UNAVAILABLE = 'xx';

/** `g G p P`: the registers of the selected thread. */
export const registerPackets: PacketFamily = {
  exact: () => ({
    g: (session) => session.target.registers.rows.map((_, register) => readOne(session, register)).join(''),
  }),
  prefixed: () => ({
    G: writeAll,
    p: (session, argument) => readOne(session, existing(session, parseNumber(argument))),
    P: (session, argument) => {
      const [number, value, ...rest] = argument.split('=');
      if (rest.length > 0 || value === undefined) throw malformed('REGISTER=VALUE');
      writeOne(session, existing(session, parseNumber(number)), value);
      return 'OK';
    },
  }),
};

function existing(session: Session, register: number): number {
  if (register >= session.target.registers.rows.length) throw malformed('the number of a register');
  return register;
}

function sizeOf(session: Session, register: number): number {
  return (session.target.registers.rows[register]?.bits ?? 0) / BITS;
}

function readOne(session: Session, register: number): string {
  const value = session.target.registers.read(session.selectedThread, register);
  return value === undefined ? UNAVAILABLE.repeat(sizeOf(session, register)) : bytesToHex(value);
}

function writeOne(session: Session, register: number, hex: string): void {
  const value = hexToBytes(hex);
  if (value.length !== sizeOf(session, register)) throw malformed("a value of the register's size");
  // Also a register that cannot be changed may be set to what it is: so all of them can be written back.
  if (readOne(session, register) === bytesToHex(value)) return;
  session.target.registers.write(session.selectedThread, register, value);
}

/** Shorter data set the first registers alone; unavailable ones are left as they are. */
function writeAll(session: Session, argument: string): string {
  const { rows } = session.target.registers;
  const values: string[] = [];
  let at = 0;
  for (let register = 0; register < rows.length && at < argument.length; register++) {
    const digits = 2 * sizeOf(session, register);
    values.push(argument.slice(at, at + digits));
    at += digits;
  }
  if (at === 0 || at !== argument.length) throw malformed('whole registers, and no more than there are');
  for (const value of values) if (!isUnavailable(value)) hexToBytes(value);
  const before = values.map((_, register) => readOne(session, register));
  try {
    values.forEach((value, register) => {
      if (!isUnavailable(value)) writeOne(session, register, value);
    });
  } catch (error) {
    // One of them cannot be changed: then none is.
    before.forEach((value, register) => {
      if (!isUnavailable(value) && readOne(session, register) !== value) writeOne(session, register, value);
    });
    throw error;
  }
  return 'OK';
}

const isUnavailable = (hex: string): boolean => /^(xx)+$/.test(hex);
