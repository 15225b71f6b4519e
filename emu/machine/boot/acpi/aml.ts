/** Encodings of the ACPI machine language (ACPI specification 6.4, section 20.2). */
const ZERO = 0x00;
const ONE = 0x01;
const NAME = 0x08;
const BYTE_PREFIX = 0x0a;
const WORD_PREFIX = 0x0b;
const DWORD_PREFIX = 0x0c;
const SCOPE = 0x10;
const BUFFER = 0x11;
const PACKAGE = 0x12;
const EXTENDED = 0x5b;
const DEVICE = 0x82;

/** Resource descriptors (section 6.4.2): I/O ports, interrupts, the end. */
const IO_PORTS = 0x47;
const IO_DECODES_16_BITS = 0x01;
const IRQ_MASK = 0x22;
const END = 0x79;

const SEGMENT_LENGTH = 4;
const SHORT_PACKAGE_LENGTH = 0x3f;

/** A term or a list of terms, encoded. */
export type Aml = readonly number[];

/** A name of one segment, padded with underscores; a leading backslash roots it. */
export function amlName(name: string): Aml {
  const rooted = name.startsWith('\\');
  const segment = (rooted ? name.slice(1) : name).padEnd(SEGMENT_LENGTH, '_');
  return [...(rooted ? ['\\'] : []), ...segment].map((letter) => letter.charCodeAt(0));
}

/** An integer of at most 32 bits, in its shortest form. */
export function amlInteger(value: number): Aml {
  if (value === 0) return [ZERO];
  if (value === 1) return [ONE];
  if (value <= 0xff) return [BYTE_PREFIX, value];
  if (value <= 0xffff) return [WORD_PREFIX, ...littleEndian(value, 2)];
  return [DWORD_PREFIX, ...littleEndian(value, 4)];
}

/** Name (name, value). */
export function amlDefine(name: string, value: Aml): Aml {
  return [NAME, ...amlName(name), ...value];
}

/** Package () { … }. */
export function amlPackage(elements: readonly Aml[]): Aml {
  return [PACKAGE, ...withLength([elements.length, ...elements.flat()])];
}

/** Scope (name) { … }. */
export function amlScope(name: string, terms: readonly Aml[]): Aml {
  return [SCOPE, ...withLength([...amlName(name), ...terms.flat()])];
}

/** Device (name) { … }. */
export function amlDevice(name: string, terms: readonly Aml[]): Aml {
  return [EXTENDED, DEVICE, ...withLength([...amlName(name), ...terms.flat()])];
}

/** EisaId ("PNP0501"): three letters of five bits and four hexadecimal digits, the first byte lowest. */
export function amlEisaId(id: string): Aml {
  const [first, second, third] = [...id.slice(0, 3)].map((letter) => letter.charCodeAt(0) - 0x40) as [
    number,
    number,
    number,
  ];
  const letters = (first << 10) | (second << 5) | third;
  const digits = Number.parseInt(id.slice(3), 16);
  return [DWORD_PREFIX, letters >>> 8, letters & 0xff, digits >>> 8, digits & 0xff];
}

/** What a device occupies. */
export interface AmlResources {
  /** First port and number of ports of each range. */
  readonly ports: readonly (readonly [base: number, length: number])[];
  /** An edge-triggered ISA interrupt. */
  readonly irq?: number | undefined;
}

/** ResourceTemplate () { … }. */
export function amlResources({ ports, irq }: AmlResources): Aml {
  const bytes = ports.flatMap(([base, length]) => [
    IO_PORTS,
    IO_DECODES_16_BITS,
    ...littleEndian(base, 2),
    ...littleEndian(base, 2),
    1,
    length,
  ]);
  if (irq !== undefined) bytes.push(IRQ_MASK, ...littleEndian(1 << irq, 2));
  // A checksum of zero stands for any.
  bytes.push(END, 0);
  return [BUFFER, ...withLength([...amlInteger(bytes.length), ...bytes])];
}

/** A package length, which counts itself, and what it is the length of. */
function withLength(contents: Aml): Aml {
  const { length } = contents;
  if (length + 1 <= SHORT_PACKAGE_LENGTH) return [length + 1, ...contents];
  // The low four bits come first, beside the number of bytes that follow.
  let following = 1;
  while (length + 1 + following >= 2 ** (4 + 8 * following)) following++;
  const total = length + 1 + following;
  return [(following << 6) | (total & 0xf), ...littleEndian(total >>> 4, following), ...contents];
}

function littleEndian(value: number, size: number): number[] {
  return Array.from({ length: size }, (_, index) => (value >>> (8 * index)) & 0xff);
}
