import { ByteReader, type Section } from './byte-reader.ts';
import { ADDRESS_SIZE, DW_LNE, DW_LNS } from './dwarf-constants.ts';
import { type LineHeader, readOldFile } from './line-header.ts';

/** Bits of LineRows.flags. */
export const ROW_FLAG = {
  isStmt: 1,
  basicBlock: 2,
  endSequence: 4,
  prologueEnd: 8,
  epilogueBegin: 16,
} as const;

/** The rows of one line program, column by column; addresses are keys (see address.ts). */
export interface LineRows {
  readonly addresses: readonly number[];
  readonly files: readonly number[];
  readonly lines: readonly number[];
  readonly columns: readonly number[];
  readonly flags: readonly number[];
  readonly discriminators: readonly number[];
}

const MAX_OPCODE = 255;

/** The registers of the line-number state machine (DWARF 5, 6.2.2). */
class LineMachine {
  address = 0;
  file = 1;
  line = 1;
  column = 0;
  isStmt: boolean;
  basicBlock = false;
  prologueEnd = false;
  epilogueBegin = false;
  discriminator = 0;
  readonly rows = {
    addresses: [] as number[],
    files: [] as number[],
    lines: [] as number[],
    columns: [] as number[],
    flags: [] as number[],
    discriminators: [] as number[],
  };

  constructor(defaultIsStmt: boolean) {
    this.isStmt = defaultIsStmt;
  }

  emit(endSequence: boolean): void {
    const { rows } = this;
    rows.addresses.push(this.address);
    rows.files.push(this.file);
    rows.lines.push(this.line);
    rows.columns.push(this.column);
    rows.discriminators.push(this.discriminator);
    rows.flags.push(
      (this.isStmt ? ROW_FLAG.isStmt : 0) |
        (this.basicBlock ? ROW_FLAG.basicBlock : 0) |
        (endSequence ? ROW_FLAG.endSequence : 0) |
        (this.prologueEnd ? ROW_FLAG.prologueEnd : 0) |
        (this.epilogueBegin ? ROW_FLAG.epilogueBegin : 0),
    );
    this.basicBlock = false;
    this.prologueEnd = false;
    this.epilogueBegin = false;
    this.discriminator = 0;
  }

  startSequence(defaultIsStmt: boolean): void {
    this.address = 0;
    this.file = 1;
    this.line = 1;
    this.column = 0;
    this.isStmt = defaultIsStmt;
  }
}

/** Runs a line program and gives its rows. Throws DwarfError when it is damaged. */
export function runLineProgram(section: Section, header: LineHeader): LineRows {
  const reader = new ByteReader(section, header.firstOpcode, header.end);
  const machine = new LineMachine(header.defaultIsStmt);
  const { opcodeBase, lineBase, lineRange, minimumInstructionLength } = header;
  while (!reader.atEnd) {
    const opcode = reader.u8();
    if (opcode >= opcodeBase) {
      const adjusted = opcode - opcodeBase;
      machine.address += Math.trunc(adjusted / lineRange) * minimumInstructionLength;
      machine.line += lineBase + (adjusted % lineRange);
      machine.emit(false);
    } else if (opcode === DW_LNS.extended) {
      runExtended(reader, machine, header);
    } else {
      runStandard(reader, machine, header, opcode);
    }
  }
  return machine.rows;
}

/** One standard opcode (DWARF 5, 6.2.5.2). */
function runStandard(reader: ByteReader, machine: LineMachine, header: LineHeader, opcode: number): void {
  switch (opcode) {
    case DW_LNS.copy:
      machine.emit(false);
      break;
    case DW_LNS.advancePc:
      machine.address += reader.uleb() * header.minimumInstructionLength;
      break;
    case DW_LNS.advanceLine:
      machine.line += reader.sleb();
      break;
    case DW_LNS.setFile:
      machine.file = reader.uleb();
      break;
    case DW_LNS.setColumn:
      machine.column = reader.uleb();
      break;
    case DW_LNS.negateStmt:
      machine.isStmt = !machine.isStmt;
      break;
    case DW_LNS.setBasicBlock:
      machine.basicBlock = true;
      break;
    case DW_LNS.constAddPc:
      machine.address +=
        Math.trunc((MAX_OPCODE - header.opcodeBase) / header.lineRange) * header.minimumInstructionLength;
      break;
    case DW_LNS.fixedAdvancePc:
      machine.address += reader.u16();
      break;
    case DW_LNS.setPrologueEnd:
      machine.prologueEnd = true;
      break;
    case DW_LNS.setEpilogueBegin:
      machine.epilogueBegin = true;
      break;
    case DW_LNS.setIsa:
      reader.skipLeb();
      break;
    default:
      // An opcode of a later standard: the header says how many operands to skip.
      for (let left = header.operandCounts[opcode] ?? 0; left > 0; left--) reader.skipLeb();
  }
}

/** One extended opcode (DWARF 5, 6.2.5.3). */
function runExtended(reader: ByteReader, machine: LineMachine, header: LineHeader): void {
  const size = reader.uleb();
  const start = reader.advance(size);
  if (size === 0) return;
  const operands = new ByteReader(reader.section, start, start + size);
  switch (operands.u8()) {
    case DW_LNE.endSequence:
      machine.emit(true);
      machine.startSequence(header.defaultIsStmt);
      break;
    case DW_LNE.setAddress:
      if (operands.remaining !== ADDRESS_SIZE) throw operands.malformed('DW_LNE_set_address without 8 bytes');
      machine.address = operands.addressKey();
      break;
    case DW_LNE.defineFile: {
      const file = readOldFile(operands, header.directories);
      if (file !== undefined) header.files.push(file);
      break;
    }
    case DW_LNE.setDiscriminator:
      machine.discriminator = operands.uleb();
      break;
    default:
    // A vendor's opcode: its length was enough to skip it.
  }
}
