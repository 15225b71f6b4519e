/** Registers of the MC146818 real-time clock (Motorola data sheet), in CMOS memory. */
export const RtcRegister = {
  Seconds: 0x00,
  SecondsAlarm: 0x01,
  Minutes: 0x02,
  MinutesAlarm: 0x03,
  Hours: 0x04,
  HoursAlarm: 0x05,
  DayOfWeek: 0x06,
  DayOfMonth: 0x07,
  Month: 0x08,
  Year: 0x09,
  A: 0x0a,
  B: 0x0b,
  C: 0x0c,
  D: 0x0d,
  /** Not the chip's own: firmware keeps the century there. */
  Century: 0x32,
} as const;

/** Register B. */
export const B_SET = 0x80;
export const B_BINARY = 0x04;
export const B_24_HOURS = 0x02;

/** Bits that mean the same in B (enable) and C (flag). */
export const PERIODIC = 0x40;
export const ALARM = 0x20;
export const UPDATE_ENDED = 0x10;
/** C alone: one of them is enabled and set. */
export const INTERRUPT_REQUEST = 0x80;

/** The registers that hold the time of day. */
export const TIME_REGISTERS: readonly number[] = [
  RtcRegister.Seconds,
  RtcRegister.Minutes,
  RtcRegister.Hours,
  RtcRegister.DayOfWeek,
  RtcRegister.DayOfMonth,
  RtcRegister.Month,
  RtcRegister.Year,
  RtcRegister.Century,
];
