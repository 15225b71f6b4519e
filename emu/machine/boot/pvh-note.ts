import type { FilePart } from './elf-image.ts';
import { BootError } from './errors.ts';

/** The note that names the 32-bit entry point of a PVH kernel (Xen public headers, elfnote.h). */
const XEN_OWNER = 'Xen\0';
const XEN_PHYS32_ENTRY = 18;
const NOTE_HEADER_SIZE = 12;

/**
 * Physical address of the PVH entry point that one of a kernel's note segments names; undefined when none does.
 * Throws BootError 'damaged'.
 */
export function findPvhEntry(
  file: string,
  bytes: Uint8Array,
  segments: readonly FilePart[],
): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const segment of segments) {
    const entry = entryIn(file, view, segment);
    if (entry !== undefined) return entry;
  }
  return undefined;
}

function entryIn(file: string, view: DataView, segment: FilePart): number | undefined {
  // Notes are padded to 4 bytes, except in segments aligned to 8.
  const alignment = segment.alignment === 8 ? 8 : 4;
  const pad = (size: number) => Math.ceil(size / alignment) * alignment;
  const end = segment.offset + segment.size;
  let at = segment.offset;
  while (at + NOTE_HEADER_SIZE <= end) {
    const nameSize = view.getUint32(at, true);
    const valueSize = view.getUint32(at + 4, true);
    const type = view.getUint32(at + 8, true);
    const nameAt = at + NOTE_HEADER_SIZE;
    const valueAt = at + pad(NOTE_HEADER_SIZE + nameSize);
    if (valueAt + valueSize > end) {
      throw new BootError('damaged', file, `a note at offset ${at} goes beyond its segment ${segment.index}`);
    }
    if (type === XEN_PHYS32_ENTRY && isXen(view, nameAt, nameSize)) {
      if (valueSize === 4) return view.getUint32(valueAt, true);
      if (valueSize === 8) return Number(view.getBigUint64(valueAt, true));
      throw new BootError(
        'damaged',
        file,
        `the PVH note holds ${valueSize} bytes; an address of 4 or 8 is expected`,
      );
    }
    at = valueAt + pad(valueSize);
  }
  return undefined;
}

function isXen(view: DataView, at: number, size: number): boolean {
  if (size !== XEN_OWNER.length) return false;
  for (let index = 0; index < size; index++) {
    if (view.getUint8(at + index) !== XEN_OWNER.charCodeAt(index)) return false;
  }
  return true;
}
