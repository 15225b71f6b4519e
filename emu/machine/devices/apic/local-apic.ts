import type { BusSize, MachineBus } from '../../bus.ts';
import type { VirtualClock } from '../../clock.ts';
import type { Device, DeviceState } from '../../device.ts';
import { StateReader } from '../../device-state.ts';
import {
  COMMAND_WRITABLE,
  commandMessage,
  DESTINATION_FORMAT_FIXED,
  hasVector,
  isDestination,
} from './apic-messages.ts';
import {
  type ApicMessage,
  DELIVERY_MODE_MASK,
  DELIVERY_MODE_SHIFT,
  DESTINATION_SHIFT,
  DeliveryMode,
  FIRST_LEGAL_VECTOR,
  LOCAL_APIC_BASE,
  LOCAL_APIC_SIZE,
  MASKED,
  REGISTER_STRIDE,
  LocalApicRegister as Register,
  VECTOR_MASK,
  VERSION,
} from './local-apic-registers.ts';
import { LocalApicTimer } from './local-apic-timer.ts';
import { LocalVectors } from './local-vectors.ts';
import { NO_VECTOR, VectorSet } from './vector-set.ts';

/** APIC base register: enable bit. */
const BASE_ENABLED = 1 << 11;
const BASE_LOW_MASK = 0xffff_f000;

/** Spurious-interrupt vector register: vector and software enable. */
const SOFTWARE_ENABLE = 1 << 8;
const SPURIOUS_WRITABLE = 0x1ff;
const RESET_SPURIOUS = 0xff;

/** Timer's local vector: periodic mode. */
const PERIODIC = 1 << 17;

/** Error status. */
const ERROR_SENT_ILLEGAL_VECTOR = 1 << 5;
const ERROR_RECEIVED_ILLEGAL_VECTOR = 1 << 6;
const ERROR_ILLEGAL_REGISTER = 1 << 7;

const CLASS_SHIFT = 4;
const TOP_BYTE = 0xff00_0000;

export interface LocalApicConfig {
  readonly bus: MachineBus;
  readonly clock: VirtualClock;
  /** What the clock calls the timer's interrupt. */
  readonly timerSource: number;
  /** The processor's CR8 follows: the task priority's class, 0–15. */
  readonly setTaskPriorityClass: (priority: number) => void;
  /** What there is to interrupt the processor for may have changed. */
  readonly onChange: () => void;
  /** Software has enabled the APIC: what was refused may come again. */
  readonly onEnable: () => void;
  /** A level-triggered interrupt has ended: the I/O APIC is told. */
  readonly onEndOfInterrupt: (vector: number) => void;
  /** A message asks for what does not go through the vectors. */
  readonly onSignal: (signal: 'nonMaskable' | 'init') => void;
}

/**
 * The local APIC of the one processor (AMD APM vol. 2, chapter 16), in xAPIC mode. Its registers are dwords at 16-byte
 * steps; a narrower write is dropped.
 */
export class LocalApic implements Device {
  readonly name = 'local apic';
  readonly #config: LocalApicConfig;
  readonly #timer: LocalApicTimer;
  readonly #local = new LocalVectors();
  readonly #requests = new VectorSet();
  readonly #inService = new VectorSet();
  readonly #levelTriggered = new VectorSet();
  /** Enabled in the APIC base register; without it the processor has no APIC. */
  #present = true;
  #base = LOCAL_APIC_BASE;
  #id = 0;
  #taskPriority = 0;
  #logicalDestination = 0;
  #destinationFormat = 0;
  #spurious = 0;
  #command = 0;
  #commandDestination = 0;
  #errors = 0;
  #errorsShown = 0;
  /** The level of LINT0, which the 8259 drives. */
  #lint0 = false;

  constructor(config: LocalApicConfig) {
    this.#config = config;
    this.#timer = new LocalApicTimer(config.clock, config.timerSource, () =>
      this.#deliverLocal(Register.TimerVector),
    );
    const apic = this;
    config.bus.addMemory({
      name: this.name,
      get base() {
        return apic.#base;
      },
      get length() {
        return apic.#present ? LOCAL_APIC_SIZE : 0;
      },
      read: (offset, size) => this.#read(offset, size),
      write: (offset, size, value) => {
        if (size === 4 && offset % REGISTER_STRIDE === 0) this.#write(offset, value);
      },
    });
    this.reset();
  }

  /** The 8259's request goes on to the processor: through LINT0 in ExtINT mode, or because there is no APIC. */
  get passesExternal(): boolean {
    if (!this.#present) return true;
    const lint0 = this.#local.get(Register.Lint0Vector);
    return (lint0 & MASKED) === 0 && deliveryModeOf(lint0) === DeliveryMode.External;
  }

  /** The vector that answers an acknowledge when nothing is pending any more. */
  get spuriousVector(): number {
    return this.#spurious & VECTOR_MASK;
  }

  /** The vector to interrupt the processor with, or `NO_VECTOR`. */
  get pending(): number {
    const vector = this.#requests.highest();
    return vector !== NO_VECTOR && this.wouldInterrupt(vector) ? vector : NO_VECTOR;
  }

  /** Whether a request for a vector would interrupt the processor now. */
  wouldInterrupt(vector: number): boolean {
    return this.#enabled && vector >>> CLASS_SHIFT > this.#processorPriority >>> CLASS_SHIFT;
  }

  /** Whether the timer, if it expired now, would interrupt the processor. */
  get timerWouldInterrupt(): boolean {
    const entry = this.#local.get(Register.TimerVector);
    return (entry & MASKED) === 0 && this.wouldInterrupt(entry & VECTOR_MASK);
  }

  /** Whether a rise of LINT0 would interrupt the processor as a vector of the APIC's own. */
  get lint0WouldInterrupt(): boolean {
    const entry = this.#local.get(Register.Lint0Vector);
    return (
      (entry & MASKED) === 0 &&
      deliveryModeOf(entry) === DeliveryMode.Fixed &&
      this.wouldInterrupt(entry & VECTOR_MASK)
    );
  }

  /** Acknowledge cycle: the pending vector goes into service. `NO_VECTOR` when there is none. */
  acknowledge(): number {
    const vector = this.pending;
    if (vector === NO_VECTOR) return NO_VECTOR;
    this.#requests.delete(vector);
    this.#inService.add(vector);
    this.#config.onChange();
    return vector;
  }

  /** Drives LINT0. */
  setLint0(high: boolean): void {
    const rises = high && !this.#lint0;
    this.#lint0 = high;
    if (rises) this.#deliverLocal(Register.Lint0Vector);
  }

  /** MOV to CR8. */
  taskPriorityWritten(priorityClass: number): void {
    this.#taskPriority = priorityClass << CLASS_SHIFT;
    this.#config.onChange();
  }

  /** WRMSR to the APIC base register. An APIC that is switched off forgets everything. */
  baseWritten(low: number, high: number): void {
    const present = (low & BASE_ENABLED) !== 0;
    if (this.#present && !present) this.#initialise();
    this.#present = present;
    this.#base = high * 2 ** 32 + ((low & BASE_LOW_MASK) >>> 0);
    this.#config.onChange();
  }

  /** A message on the bus. Returns false when nobody has taken it. */
  receive(message: ApicMessage): boolean {
    const destination = {
      id: this.#id,
      logical: this.#logicalDestination >>> DESTINATION_SHIFT,
      format: this.#destinationFormat,
    };
    if (!this.#present || !isDestination(message, destination)) return false;
    switch (message.deliveryMode) {
      case DeliveryMode.Fixed:
      case DeliveryMode.LowestPriority:
        return this.#accept(message.vector, message.levelTriggered);
      case DeliveryMode.NonMaskable:
        this.#config.onSignal('nonMaskable');
        return true;
      case DeliveryMode.Init:
        this.#config.onSignal('init');
        return true;
      default:
        // SMI: there is no system-management mode. Startup: the processor has started. ExtINT: the 8259 is at LINT0.
        return true;
    }
  }

  get #enabled(): boolean {
    return this.#present && (this.#spurious & SOFTWARE_ENABLE) !== 0;
  }

  get #processorPriority(): number {
    const vector = this.#inService.highest();
    const served = vector === NO_VECTOR ? 0 : vector >>> CLASS_SHIFT;
    return this.#taskPriority >>> CLASS_SHIFT >= served ? this.#taskPriority : served << CLASS_SHIFT;
  }

  #accept(vector: number, levelTriggered: boolean): boolean {
    if (!this.#enabled) return false;
    if (vector < FIRST_LEGAL_VECTOR) {
      this.#fail(ERROR_RECEIVED_ILLEGAL_VECTOR);
      return true;
    }
    this.#requests.add(vector);
    if (levelTriggered) this.#levelTriggered.add(vector);
    else this.#levelTriggered.delete(vector);
    this.#config.onChange();
    return true;
  }

  #deliverLocal(register: number): void {
    const entry = this.#local.get(register);
    if (!this.#present || (entry & MASKED) !== 0) return;
    // The timer's and the error's entries have no delivery mode: their bits read as fixed.
    const mode = deliveryModeOf(entry);
    if (mode === DeliveryMode.Fixed) this.#accept(entry & VECTOR_MASK, false);
    else if (mode === DeliveryMode.NonMaskable) this.#config.onSignal('nonMaskable');
    else if (mode === DeliveryMode.Init) this.#config.onSignal('init');
  }

  #fail(error: number): void {
    const known = (this.#errors & error) !== 0;
    this.#errors |= error;
    // An illegal vector in the error's own entry must not call for itself without end.
    if (!known) this.#deliverLocal(Register.ErrorVector);
  }

  #read(offset: number, size: BusSize): number {
    const value = this.#readRegister(offset & ~(REGISTER_STRIDE - 1));
    const within = offset % REGISTER_STRIDE;
    if (within >= 4) return 0;
    return size === 4 ? value : (value >>> (8 * within)) & ((1 << (8 * size)) - 1);
  }

  #readRegister(register: number): number {
    if (this.#local.has(register)) return this.#local.get(register);
    if (register >= Register.InService && register < Register.ErrorStatus) {
      const sets = [this.#inService, this.#levelTriggered, this.#requests] as const;
      const set = sets[(register - Register.InService) >>> 7] as VectorSet;
      return set.word((register >>> 4) & 7);
    }
    switch (register) {
      case Register.Id:
        return (this.#id << DESTINATION_SHIFT) >>> 0;
      case Register.Version:
        return VERSION;
      case Register.TaskPriority:
        return this.#taskPriority;
      case Register.ProcessorPriority:
        return this.#processorPriority;
      case Register.ArbitrationPriority:
      case Register.RemoteRead:
      case Register.EndOfInterrupt:
        return 0;
      case Register.LogicalDestination:
        return this.#logicalDestination;
      case Register.DestinationFormat:
        return this.#destinationFormat;
      case Register.SpuriousVector:
        return this.#spurious;
      case Register.ErrorStatus:
        return this.#errorsShown;
      case Register.InterruptCommandLow:
        return this.#command;
      case Register.InterruptCommandHigh:
        return this.#commandDestination;
      case Register.TimerInitialCount:
        return this.#timer.initialCount;
      case Register.TimerCurrentCount:
        return this.#timer.currentCount;
      case Register.TimerDivide:
        return this.#timer.divide;
      default:
        this.#fail(ERROR_ILLEGAL_REGISTER);
        return 0;
    }
  }

  #write(register: number, value: number): void {
    if (this.#local.has(register)) {
      this.#local.set(register, value, this.#enabled);
      this.#followLocal();
      return;
    }
    switch (register) {
      case Register.Id:
        this.#id = value >>> DESTINATION_SHIFT;
        break;
      case Register.TaskPriority:
        this.#taskPriority = value & 0xff;
        this.#config.setTaskPriorityClass(this.#taskPriority >>> CLASS_SHIFT);
        this.#config.onChange();
        break;
      case Register.EndOfInterrupt:
        this.#endOfInterrupt();
        break;
      case Register.LogicalDestination:
        this.#logicalDestination = (value & TOP_BYTE) >>> 0;
        break;
      case Register.DestinationFormat:
        this.#destinationFormat = (value | DESTINATION_FORMAT_FIXED) >>> 0;
        break;
      case Register.SpuriousVector:
        this.#spurious = value & SPURIOUS_WRITABLE;
        if (!this.#enabled) this.#local.maskAll();
        this.#followLocal();
        if (this.#enabled) this.#config.onEnable();
        break;
      case Register.ErrorStatus:
        this.#errorsShown = this.#errors;
        this.#errors = 0;
        break;
      case Register.InterruptCommandLow:
        this.#command = value & COMMAND_WRITABLE;
        this.#send();
        break;
      case Register.InterruptCommandHigh:
        this.#commandDestination = (value & TOP_BYTE) >>> 0;
        break;
      case Register.TimerInitialCount:
        this.#timer.initialCount = value;
        break;
      case Register.TimerDivide:
        this.#timer.divide = value;
        break;
      default:
        if (!isReadOnly(register)) this.#fail(ERROR_ILLEGAL_REGISTER);
    }
  }

  /** Entries of the local vector table have changed. */
  #followLocal(): void {
    const entry = this.#local.get(Register.TimerVector);
    this.#timer.configure((entry & PERIODIC) !== 0, (entry & MASKED) === 0);
    this.#config.onChange();
  }

  #endOfInterrupt(): void {
    const vector = this.#inService.highest();
    if (vector === NO_VECTOR) return;
    this.#inService.delete(vector);
    if (this.#levelTriggered.has(vector)) this.#config.onEndOfInterrupt(vector);
    this.#config.onChange();
  }

  /** The interrupt command register was written. Whoever else it is meant for is not there. */
  #send(): void {
    const message = commandMessage(this.#command, this.#commandDestination);
    if (message === undefined) return;
    if (hasVector(message) && message.vector < FIRST_LEGAL_VECTOR) this.#fail(ERROR_SENT_ILLEGAL_VECTOR);
    else this.receive(message);
  }

  /** The state after RESET or when the APIC is switched off; the id and the address stay. */
  #initialise(): void {
    this.#timer.reset();
    this.#local.reset();
    for (const set of [this.#requests, this.#inService, this.#levelTriggered]) set.clear();
    this.#taskPriority = 0;
    this.#logicalDestination = 0;
    this.#destinationFormat = 0xffff_ffff;
    this.#spurious = RESET_SPURIOUS;
    this.#command = 0;
    this.#commandDestination = 0;
    this.#errors = 0;
    this.#errorsShown = 0;
    this.#config.setTaskPriorityClass(0);
  }

  reset(): void {
    this.#present = true;
    this.#base = LOCAL_APIC_BASE;
    this.#id = 0;
    this.#lint0 = false;
    this.#initialise();
    this.#config.onChange();
  }

  save(): DeviceState {
    return {
      present: this.#present,
      base: this.#base,
      id: this.#id,
      taskPriority: this.#taskPriority,
      logicalDestination: this.#logicalDestination,
      destinationFormat: this.#destinationFormat,
      spurious: this.#spurious,
      command: this.#command,
      commandDestination: this.#commandDestination,
      errors: this.#errors,
      errorsShown: this.#errorsShown,
      lint0: this.#lint0,
      requests: this.#requests.save(),
      inService: this.#inService.save(),
      levelTriggered: this.#levelTriggered.save(),
      local: this.#local.save(),
      timer: this.#timer.save(),
    };
  }

  restore(state: DeviceState): void {
    const reader = new StateReader(this.name, state);
    this.#present = reader.boolean('present');
    this.#base = reader.number('base');
    this.#id = reader.number('id');
    this.#taskPriority = reader.number('taskPriority');
    this.#logicalDestination = reader.number('logicalDestination');
    this.#destinationFormat = reader.number('destinationFormat');
    this.#spurious = reader.number('spurious');
    this.#command = reader.number('command');
    this.#commandDestination = reader.number('commandDestination');
    this.#errors = reader.number('errors');
    this.#errorsShown = reader.number('errorsShown');
    this.#lint0 = reader.boolean('lint0');
    this.#requests.restore(reader.numbers('requests'));
    this.#inService.restore(reader.numbers('inService'));
    this.#levelTriggered.restore(reader.numbers('levelTriggered'));
    this.#local.restore(reader.part('local'));
    this.#timer.restore(reader.part('timer'));
    this.#config.onChange();
  }
}

function deliveryModeOf(word: number): number {
  return (word >>> DELIVERY_MODE_SHIFT) & DELIVERY_MODE_MASK;
}

/** Registers whose writes are dropped without an error. */
function isReadOnly(register: number): boolean {
  return (
    (register >= Register.InService && register < Register.ErrorStatus) ||
    register === Register.Version ||
    register === Register.ArbitrationPriority ||
    register === Register.ProcessorPriority ||
    register === Register.RemoteRead ||
    register === Register.TimerCurrentCount
  );
}
