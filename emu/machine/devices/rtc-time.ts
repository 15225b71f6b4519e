import { B_24_HOURS, B_BINARY, RtcRegister, TIME_REGISTERS } from './rtc-registers.ts';

/** The hour's bit that says afternoon, in 12-hour mode. */
const AFTERNOON = 0x80;
const NOON = 12;
/** An alarm register with both upper bits set matches anything. */
const ANY = 0xc0;
const DAY = 86_400;
const MILLISECONDS = 1000;

/** A time register's contents at a time. `seconds`: since 1970; `mode`: register B. */
export function encodeTime(register: number, seconds: number, mode: number): number {
  const date = new Date(seconds * MILLISECONDS);
  switch (register) {
    case RtcRegister.Seconds:
      return encode(date.getUTCSeconds(), mode);
    case RtcRegister.Minutes:
      return encode(date.getUTCMinutes(), mode);
    case RtcRegister.Hours:
      return encodeHour(date.getUTCHours(), mode);
    case RtcRegister.DayOfWeek:
      return date.getUTCDay() + 1;
    case RtcRegister.DayOfMonth:
      return encode(date.getUTCDate(), mode);
    case RtcRegister.Month:
      return encode(date.getUTCMonth() + 1, mode);
    case RtcRegister.Year:
      return encode(date.getUTCFullYear() % 100, mode);
    default:
      return encode(Math.floor(date.getUTCFullYear() / 100), mode);
  }
}

/** The time that a set of registers shows, in seconds since 1970. The day of the week follows from the date. */
export function decodeTime(registers: readonly number[], mode: number): number {
  const value = (register: number) => registers[TIME_REGISTERS.indexOf(register)] as number;
  const number = (register: number) => decode(value(register), mode);
  const year = 100 * number(RtcRegister.Century) + number(RtcRegister.Year);
  const month = number(RtcRegister.Month) - 1;
  const hour = decodeHour(value(RtcRegister.Hours), mode);
  const rest = [number(RtcRegister.Minutes), number(RtcRegister.Seconds)] as const;
  const date = new Date(0);
  // Date.UTC takes years below 100 for 1900 and later.
  date.setUTCFullYear(year, month, number(RtcRegister.DayOfMonth));
  date.setUTCHours(hour, ...rest);
  return date.getTime() / MILLISECONDS;
}

/** The alarm registers in force. */
export interface RtcAlarm {
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
}

/** The first second after `seconds` at which the alarm goes off, or undefined when it never does. */
export function nextAlarm(alarm: RtcAlarm, seconds: number, mode: number): number | undefined {
  const matches = (register: number, value: number) => (register & ANY) === ANY || register === value;
  const end = seconds + 1 + DAY;
  for (let at = seconds + 1; at < end; ) {
    const date = new Date(at * MILLISECONDS);
    if (!matches(alarm.hours, encodeHour(date.getUTCHours(), mode))) {
      at = (Math.floor(at / 3600) + 1) * 3600;
    } else if (!matches(alarm.minutes, encode(date.getUTCMinutes(), mode))) {
      at = (Math.floor(at / 60) + 1) * 60;
    } else if (!matches(alarm.seconds, encode(date.getUTCSeconds(), mode))) {
      at++;
    } else {
      return at;
    }
  }
  return undefined;
}

function encode(value: number, mode: number): number {
  return (mode & B_BINARY) !== 0 ? value : (Math.floor(value / 10) << 4) | (value % 10);
}

function decode(value: number, mode: number): number {
  return (mode & B_BINARY) !== 0 ? value : 10 * (value >>> 4) + (value & 0xf);
}

function encodeHour(hour: number, mode: number): number {
  if ((mode & B_24_HOURS) !== 0) return encode(hour, mode);
  return encode(hour % NOON === 0 ? NOON : hour % NOON, mode) | (hour >= NOON ? AFTERNOON : 0);
}

function decodeHour(value: number, mode: number): number {
  if ((mode & B_24_HOURS) !== 0) return decode(value, mode);
  return (decode(value & ~AFTERNOON, mode) % NOON) + ((value & AFTERNOON) !== 0 ? NOON : 0);
}
