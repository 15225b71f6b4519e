import { decodeFlags, FAULT_TYPES, PROTECTION } from '../constants.ts';
import { attachAll, type EventSource, toInt, toUnsigned } from './source.ts';

const PAGE_SIZE = 4096n;

/** `uvm:fault`: uvm_fault(map, vaddr, fault_type, access_type) is entered. */
export const uvmFault: EventSource = ({ probes, emit }) =>
  probes.function('uvm_fault', {
    enter: ({ arguments: [map = 0n, address = 0n, type, access] }) => {
      const faultType = FAULT_TYPES[toInt(type)] ?? `fault_type ${toInt(type)}`;
      emit('uvm:fault', { map, address, faultType, access: decodeFlags(toUnsigned(access), PROTECTION) });
    },
  });

/**
 * `uvm:uarea_alloc`: uvm_uarea_alloc() has returned. How many pages it is about is a constant of the kernel's source; it is seen as
 * the size that is asked of uvm_km_alloc1(map, size, align, flags) inside.
 */
export const uareaAlloc: EventSource = ({ kernel, probes, emit }) => {
  let inside = 0;
  let size: bigint | undefined;
  return attachAll([
    () =>
      probes.function('uvm_uarea_alloc', {
        enter: () => {
          inside++;
          size = undefined;
        },
        leave: (_call, _entered, address) => {
          inside--;
          emit('uvm:uarea_alloc', {
            address,
            pages: size === undefined ? undefined : Number(size / PAGE_SIZE),
          });
        },
      }),
    () =>
      kernel.image.addressOf('uvm_km_alloc1') === undefined
        ? () => {}
        : probes.function('uvm_km_alloc1', {
            enter: ({ arguments: [, bytes] }) => {
              if (inside > 0) size ??= bytes;
            },
          }),
  ]);
};
