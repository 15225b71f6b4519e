import {
  type ApicMessage,
  BROADCAST,
  DELIVERY_MODE_MASK,
  DELIVERY_MODE_SHIFT,
  DESTINATION_SHIFT,
  DeliveryMode,
  LEVEL_TRIGGERED,
  LOGICAL_DESTINATION,
  VECTOR_MASK,
} from './local-apic-registers.ts';

/** Interrupt command register (AMD APM vol. 2, section 16.5): what stays, level (assert), and the destination shorthand. */
export const COMMAND_WRITABLE = 0xc_cfff;
const COMMAND_ASSERT = 1 << 14;
const SHORTHAND_SHIFT = 18;
const SHORTHAND_NONE = 0;
const SHORTHAND_SELF = 1;
const SHORTHAND_ALL = 2;

/** Destination format register: the model in the topmost four bits; all other bits are 1. */
export const DESTINATION_FORMAT_FIXED = 0x0fff_ffff;
const MODEL_SHIFT = 28;
const MODEL_FLAT = 0xf;
/** In the cluster model a logical destination is a cluster and a set of its members. */
const CLUSTER_SHIFT = 4;
const MEMBERS = 0xf;

/** What names a local APIC. */
export interface ApicDestination {
  readonly id: number;
  /** The logical destination register's 8 bits. */
  readonly logical: number;
  /** The destination format register. */
  readonly format: number;
}

/** Whether a message is meant for an APIC. */
export function isDestination({ logical, destination }: ApicMessage, apic: ApicDestination): boolean {
  if (destination === BROADCAST) return true;
  if (!logical) return destination === apic.id;
  if (apic.format >>> MODEL_SHIFT === MODEL_FLAT) return (apic.logical & destination) !== 0;
  const sameCluster = apic.logical >>> CLUSTER_SHIFT === destination >>> CLUSTER_SHIFT;
  return sameCluster && (apic.logical & destination & MEMBERS) !== 0;
}

/** Whether a message is an interrupt with a vector. */
export function hasVector({ deliveryMode }: Pick<ApicMessage, 'deliveryMode'>): boolean {
  return deliveryMode === DeliveryMode.Fixed || deliveryMode === DeliveryMode.LowestPriority;
}

/**
 * The message that a command sends to the one processor there is; undefined when it sends none: to the others, to itself
 * what has no vector, or INIT with level de-assert, which synchronises arbitration ids that nothing here has.
 */
export function commandMessage(low: number, high: number): ApicMessage | undefined {
  const deliveryMode = (low >>> DELIVERY_MODE_SHIFT) & DELIVERY_MODE_MASK;
  const deasserts = (low & LEVEL_TRIGGERED) !== 0 && (low & COMMAND_ASSERT) === 0;
  if (deliveryMode === DeliveryMode.Init && deasserts) return undefined;
  const message = { vector: low & VECTOR_MASK, deliveryMode, levelTriggered: false };
  const shorthand = low >>> SHORTHAND_SHIFT;
  if (shorthand === SHORTHAND_NONE) {
    const logical = (low & LOGICAL_DESTINATION) !== 0;
    return { ...message, logical, destination: high >>> DESTINATION_SHIFT };
  }
  const reached = shorthand === SHORTHAND_ALL || (shorthand === SHORTHAND_SELF && hasVector(message));
  return reached ? { ...message, logical: false, destination: BROADCAST } : undefined;
}
