/** Registers of a local APIC: offsets in its page (AMD APM vol. 2, table 16-2). */
export const LocalApicRegister = {
  Id: 0x020,
  Version: 0x030,
  TaskPriority: 0x080,
  ArbitrationPriority: 0x090,
  ProcessorPriority: 0x0a0,
  EndOfInterrupt: 0x0b0,
  RemoteRead: 0x0c0,
  LogicalDestination: 0x0d0,
  DestinationFormat: 0x0e0,
  SpuriousVector: 0x0f0,
  InService: 0x100,
  TriggerMode: 0x180,
  InterruptRequest: 0x200,
  ErrorStatus: 0x280,
  InterruptCommandLow: 0x300,
  InterruptCommandHigh: 0x310,
  TimerVector: 0x320,
  ThermalVector: 0x330,
  PerformanceVector: 0x340,
  Lint0Vector: 0x350,
  Lint1Vector: 0x360,
  ErrorVector: 0x370,
  TimerInitialCount: 0x380,
  TimerCurrentCount: 0x390,
  TimerDivide: 0x3e0,
} as const;

/** The registers lie 16 bytes apart. */
export const REGISTER_STRIDE = 0x10;
/** Bytes of the register page. */
export const LOCAL_APIC_SIZE = 0x1000;
/** Version 0x14 with six local vectors, as QEMU's. */
export const VERSION = 0x0005_0014;
/** Where the registers are after RESET. */
export const LOCAL_APIC_BASE = 0xfee0_0000;

/** How a message asks to be delivered: bits 10–8 of a local vector, of the interrupt command and of a redirection entry. */
export const DeliveryMode = {
  Fixed: 0,
  LowestPriority: 1,
  SystemManagement: 2,
  NonMaskable: 4,
  Init: 5,
  Startup: 6,
  External: 7,
} as const;

export const DELIVERY_MODE_SHIFT = 8;
export const DELIVERY_MODE_MASK = 7;
export const VECTOR_MASK = 0xff;
/** Bit 15 of a local vector, of the interrupt command and of a redirection entry. */
export const LEVEL_TRIGGERED = 1 << 15;
/** Bit 16 of a local vector and of a redirection entry. */
export const MASKED = 1 << 16;
/** Bit 11 of the interrupt command and of a redirection entry: the destination is a logical one. */
export const LOGICAL_DESTINATION = 1 << 11;
/** The destination is in the topmost 8 bits of its word. */
export const DESTINATION_SHIFT = 24;
export const BROADCAST = 0xff;
/** Vectors below are the processor's exceptions. */
export const FIRST_LEGAL_VECTOR = 16;

/** An interrupt on its way to a local APIC. */
export interface ApicMessage {
  readonly vector: number;
  /** One of `DeliveryMode`. */
  readonly deliveryMode: number;
  readonly levelTriggered: boolean;
  readonly logical: boolean;
  /** 8 bits: an APIC id, or a logical destination. */
  readonly destination: number;
}
