import type { ElfSection, ElfSegment } from './elf.ts';
import { NT_GNU_BUILD_ID, PT, SHT } from './elf-constants.ts';
import { ElfError } from './errors.ts';
import { decodeText } from './text.ts';

/** One note (gABI chapter 5, "Note Section"). */
export interface ElfNote {
  /** The name field without its NUL: "Xen", "GNU", "OpenBSD" … */
  readonly owner: string;
  /** Its meaning is the owner's. */
  readonly type: number;
  /** The desc field (a view of the file). */
  readonly description: Uint8Array;
}

const NOTE_HEADER_SIZE = 12;
const DEFAULT_ALIGNMENT = 4;
const WIDE_ALIGNMENT = 8;

/** The notes of all note segments, then of the note sections no note segment covers. */
export function notesOf(segments: readonly ElfSegment[], sections: readonly ElfSection[]): ElfNote[] {
  const notes: ElfNote[] = [];
  const noteSegments = segments.filter((segment) => segment.type === PT.note);
  for (const segment of noteSegments) readNotes(segment.data, segment.alignment, notes);
  for (const section of sections) {
    if (section.type !== SHT.note) continue;
    const covered = noteSegments.some(
      (segment) =>
        section.offset >= segment.offset &&
        section.offset + section.size <= segment.offset + segment.fileSize,
    );
    if (!covered) readNotes(section.data, section.alignment, notes);
  }
  return notes;
}

/** The description of the GNU build-id note in hexadecimal. */
export function buildIdOf(notes: readonly ElfNote[]): string | undefined {
  const note = notes.find(({ owner, type }) => owner === 'GNU' && type === NT_GNU_BUILD_ID);
  return note && Array.from(note.description, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function readNotes(data: Uint8Array, alignment: number, notes: ElfNote[]): void {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  // Alignments other than 8 (0 and 1 occur) mean the classic 4-byte padding.
  const padding = alignment === WIDE_ALIGNMENT ? WIDE_ALIGNMENT : DEFAULT_ALIGNMENT;
  const align = (value: number): number => Math.ceil(value / padding) * padding;
  let offset = 0;
  while (offset + NOTE_HEADER_SIZE <= data.length) {
    const nameSize = view.getUint32(offset, true);
    const descriptionSize = view.getUint32(offset + 4, true);
    const type = view.getUint32(offset + 8, true);
    const nameStart = offset + NOTE_HEADER_SIZE;
    const descriptionStart = align(nameStart + nameSize);
    const end = descriptionStart + descriptionSize;
    if (nameStart + nameSize > data.length || end > data.length) {
      throw new ElfError(
        'truncated',
        `a note at offset ${offset} of its segment ends outside (${data.length} bytes)`,
      );
    }
    const hasNul = nameSize > 0 && data[nameStart + nameSize - 1] === 0;
    notes.push({
      owner: decodeText(data, nameStart, nameStart + nameSize - (hasNul ? 1 : 0)),
      type,
      description: data.subarray(descriptionStart, end),
    });
    offset = align(end);
  }
}
