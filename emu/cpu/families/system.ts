import * as layout from '../layout.ts';
import { Vector } from '../system/exception.ts';
import { CR4_FSGSBASE, CR4_UMIP } from '../system/registers.ts';
import { type Row, row, type Semantics } from '../table/row.ts';
import type { Site } from '../table/site.ts';
import { type I32, type I64, i32, i64 } from '../wasm/expressions.ts';
import { movedStackPointer, push, top } from './stack.ts';

const RSP = layout.GPR + 4 * 8;
const low = (value: I64): I32 => i32.wrap(value);
const high = (value: I64): I32 => i32.wrap(i64.shrU(value, i64.const(32)));

/** A system instruction without operands. */
const helper =
  (name: string): Semantics =>
  (site) =>
    site.helper(name);

/** One that takes its operand size. */
const sizedHelper =
  (name: string): Semantics =>
  (site) =>
    site.helper(name, i32.const(site.size));

/** #GP(0) outside ring 0, before an operand is read. */
function requireRing0(site: Site): void {
  site.body.if(site.get32(layout.CPL), () => site.raise(Vector.GeneralProtection, 0));
}

/** One of ring 0 that takes a 16-bit operand. */
const privilegedSelectorHelper =
  (name: string): Semantics =>
  (site) => {
    requireRing0(site);
    selectorHelper(name)(site);
  };

/** One that takes a 16-bit operand. */
const selectorHelper =
  (name: string): Semantics =>
  (site) =>
    site.helper(name, low(site.body.let64(site.operand(0).unsigned())));

/** One that takes the address of its memory operand. */
const addressHelper =
  (name: string, ...rest: ((site: Site) => I32)[]): Semantics =>
  (site) => {
    const address = site.body.let64(site.address());
    site.helper(name, low(address), high(address), ...rest.map((operand) => operand(site)));
  };

/** MOV to and from CRn and DRn: the register number stands in one operand's slot field, the GPR's slot in the other's. */
const moveSpecial =
  (name: string, special: number): Semantics =>
  (site) =>
    site.helper(name, site.registerSlot(special), site.registerSlot(1 - special));

/** SLDT, STR, SMSW: a register destination takes the operand size, a memory destination 16 bits. */
const storeSystem =
  (slot: number): Semantics =>
  (site) => {
    const prevented = i32.and(site.get32(layout.CR4), i32.const(CR4_UMIP));
    site.body.if(prevented, () => {
      site.body.if(site.get32(layout.CPL), () => site.raise(Vector.GeneralProtection, 0));
    });
    const value = i64.load(i32.const(0), slot);
    const destination = site.operand(0);
    if (!destination.isMemory) {
      destination.write(slot === layout.CR0 ? value : i64.and(value, i64.const(0xffff)));
      return;
    }
    const target = site.memory(site.address(), 2, 'write', site.throughStack());
    site.body.storeLow(2, target.pointer, value);
    target.commit();
  };

const selectorSlot = (segment: number): number =>
  layout.SEGMENTS + segment * layout.SEGMENT_SIZE + layout.SEGMENT_SELECTOR;
/** Number of the task-priority register, CR8. */
const TASK_PRIORITY = 8;
const CS = 1;
const FS = 4;
const GS = 5;
const LDTR = 6;
const TR = 7;

/** MOV r/m, Sreg: the record holds the segment's number where a register's slot would stand. */
const moveFromSegment: Semantics = (site) => {
  site.body.if(i32.gtU(site.registerSlot(1), i32.const(GS)), () => site.raise(Vector.InvalidOpcode));
  const address = i32.mul(site.registerSlot(1), i32.const(layout.SEGMENT_SIZE));
  const value = site.body.let64(i64.load16u(address, layout.SEGMENTS));
  const destination = site.operand(0);
  if (!destination.isMemory) {
    destination.write(value);
    return;
  }
  const target = site.memory(site.address(), 2, 'write', site.throughStack());
  site.body.storeLow(2, target.pointer, value);
  target.commit();
};

/** MOV Sreg, r/m: CS and numbers without a register are #UD before the source is read. */
const moveToSegment: Semantics = (site) => {
  const { body } = site;
  const segment = body.let32(site.registerSlot(0));
  const invalid = i32.or(i32.eq(segment, i32.const(CS)), i32.gtU(segment, i32.const(GS)));
  body.if(invalid, () => site.raise(Vector.InvalidOpcode));
  const value = site.body.let64(site.operand(1).unsigned());
  site.helper('loadSegment', segment, low(value));
};

const pushSegment =
  (segment: number): Semantics =>
  (site) =>
    push(site, i64.load16u(i32.const(0), selectorSlot(segment)), site.size);

/** POP Sreg: the stack pointer moves only once the segment is loaded. */
const popSegment =
  (segment: number): Semantics =>
  (site) => {
    const value = top(site, site.size);
    const moved = site.body.let64(movedStackPointer(site, site.size));
    site.helperThen(() => site.set64(RSP, moved), 'loadSegment', i32.const(segment), low(value));
  };

const SELECTOR_BYTES = 2;
/** Size of the offset in a far pointer in memory: on AMD's processors 4 with REX.W too, zero-extended (APM volume 3, CALL and LFS). */
const farOffsetSize = (site: Site): 2 | 4 => (site.size === 2 ? 2 : 4);

/** A far pointer in memory: the offset is read, then the selector behind it. */
function farPointer(site: Site): { readonly offset: I64; readonly selector: I32 } {
  const { body } = site;
  const size = farOffsetSize(site);
  const address = body.let64(site.address());
  const { pointer } = site.memory(address, size, 'read', site.throughStack());
  const offset = body.let64((size === 2 ? i64.load16u : i64.load32u)(pointer));
  const behind = body.let64(i64.add(address, i64.const(size)));
  const second = site.memory(behind, SELECTOR_BYTES, 'read', site.throughStack());
  return { offset, selector: low(body.let64(i64.load16u(second.pointer))) };
}

/** LES, LDS, LSS, LFS, LGS: offset, then selector behind it. */
const loadFarPointer =
  (segment: number): Semantics =>
  (site) => {
    const { offset, selector } = farPointer(site);
    site.helperThen(() => site.operand(0).write(offset), 'loadSegment', i32.const(segment), selector);
  };

const farDirect =
  (name: 'farJump' | 'farCall'): Semantics =>
  (site) => {
    const offset = site.body.let64(site.immediate());
    const size = name === 'farCall' ? [i32.const(site.size)] : [];
    site.helper(name, low(site.displacement()), low(offset), high(offset), ...size);
  };

const farIndirect =
  (name: 'farJump' | 'farCall'): Semantics =>
  (site) => {
    const { offset, selector } = farPointer(site);
    const rest = name === 'farCall' ? [i32.const(site.size)] : [];
    site.helper(name, selector, low(offset), high(offset), ...rest);
  };

/** The size of the accumulator operand: AL, AX or EAX (a REX.W does not widen it). */
const portSize = (site: Site): number => {
  if (site.size === 0) return 1;
  return site.size === 2 ? 2 : 4;
};
const portImmediate =
  (name: 'portIn' | 'portOut'): Semantics =>
  (site) =>
    site.helper(name, i32.and(low(site.immediate()), i32.const(0xff)), i32.const(portSize(site)));
const portRegister =
  (name: 'portIn' | 'portOut'): Semantics =>
  (site) =>
    site.helper(name, i32.load16u(i32.const(layout.GPR + 2 * 8)), i32.const(portSize(site)));

const baseSlot = (segment: number): number =>
  layout.SEGMENTS + segment * layout.SEGMENT_SIZE + layout.SEGMENT_BASE;

/** RDFSBASE and the like raise #UD while CR4.FSGSBASE is clear. */
function requireSegmentBaseAccess(site: Site): void {
  const enabled = i32.and(site.get32(layout.CR4), i32.const(CR4_FSGSBASE));
  site.body.if(i32.eqz(enabled), () => site.raise(Vector.InvalidOpcode));
}

const readBase =
  (segment: number): Semantics =>
  (site) => {
    requireSegmentBaseAccess(site);
    site.operand(0).write(site.get64(baseSlot(segment)));
  };

const writeBase =
  (segment: number): Semantics =>
  (site) => {
    requireSegmentBaseAccess(site);
    const base = site.body.let64(site.operand(0).unsigned());
    const canonical = i64.shrS(i64.shl(base, i64.const(16)), i64.const(16));
    site.body.if(i64.ne(base, canonical), () => site.raise(Vector.GeneralProtection, 0));
    site.set64(baseSlot(segment), base);
  };

/** Memory is ordered as the program says anyway. */
const fence: Semantics = () => {};

const READ = { access: 'read' as const };
const LEGACY = { mode: 'legacy' as const };
const LONG = { mode: '64' as const };
const SEGMENT_BASE = { ...LONG, feature: 'FSGSBASE' };
const STACK = { stack: true, size64: 'default' as const, sized: true };
const invalid = helper('ud2');

const SYSENTER_PROFILE = "#UD in long mode, as on AMD's processors; Intel's have it there too.";
/** AMD APM volume 3, CALL (far), JMP (far), LFS: the offset has 32 bits at most. */
const FAR_PROFILE = 'With REX.W the offset in memory still has 32 bits and is zero-extended; Intel reads 64.';

export const systemRows: Row[] = [
  row('SYSCALL', '0F 05', '', helper('syscall')),
  row('SYSRET', '0F 07', '', (site) => site.helper('sysret', i32.const(site.size === 8 ? 8 : 4)), {
    sized: true,
    profile:
      'A non-canonical RCX is loaded as it is, and the fetch in ring 3 faults; Intel faults in ring 0.',
  }),
  row('SYSENTER', '0F 34', '', helper('sysenter'), { profile: SYSENTER_PROFILE }),
  row('SYSEXIT', '0F 35', '', (site) => site.helper('sysexit', i32.const(site.size === 8 ? 8 : 4)), {
    sized: true,
    profile: SYSENTER_PROFILE,
  }),
  row('SWAPGS', '0F 01 F8', '', helper('swapgs'), LONG),
  row('RDTSCP', '0F 01 F9', '', helper('rdtscp'), {
    own: ['rax', 'rcx', 'rdx'],
    feature: 'RDTSCP',
  }),
  row('XGETBV', 'NP 0F 01 D0', '', helper('xgetbv'), { feature: 'XSAVE', own: ['rax', 'rdx'] }),
  row('XSETBV', 'NP 0F 01 D1', '', helper('xsetbv'), { feature: 'XSAVE' }),
  row('SGDT', '0F 01 /0', 'M', addressHelper('sgdt')),
  row('SIDT', '0F 01 /1', 'M', addressHelper('sidt')),
  row(
    'LGDT',
    '0F 01 /2',
    'M',
    addressHelper('lgdt', (site) => i32.const(site.size)),
    { sized: true },
  ),
  row(
    'LIDT',
    '0F 01 /3',
    'M',
    addressHelper('lidt', (site) => i32.const(site.size)),
    { sized: true },
  ),
  row('SMSW', '0F 01 /4', 'Ev', storeSystem(layout.CR0)),
  row('LMSW', '0F 01 /6', 'Ew', privilegedSelectorHelper('lmsw'), READ),
  row('INVLPG', '0F 01 /7', 'M', addressHelper('invlpg')),
  row('SLDT', '0F 00 /0', 'Ev', storeSystem(selectorSlot(LDTR))),
  row('STR', '0F 00 /1', 'Ev', storeSystem(selectorSlot(TR))),
  row('LLDT', '0F 00 /2', 'Ew', privilegedSelectorHelper('lldt'), READ),
  row('LTR', '0F 00 /3', 'Ew', privilegedSelectorHelper('ltr'), READ),
  row('VERR', '0F 00 /4', 'Ew', selectorHelper('verr'), { ...READ, flags: { written: 'z' } }),
  row('VERW', '0F 00 /5', 'Ew', selectorHelper('verw'), { ...READ, flags: { written: 'z' } }),
  row(
    'LAR',
    '0F 02 /r',
    'Gv,Ew',
    (site) =>
      site.helper(
        'lar',
        low(site.body.let64(site.operand(1).unsigned())),
        site.registerSlot(0),
        i32.const(site.size),
      ),
    { flags: { written: 'z' } },
  ),
  row(
    'LSL',
    '0F 03 /r',
    'Gv,Ew',
    (site) =>
      site.helper(
        'lsl',
        low(site.body.let64(site.operand(1).unsigned())),
        site.registerSlot(0),
        i32.const(site.size),
      ),
    { flags: { written: 'z' } },
  ),
  row('CLTS', '0F 06', '', helper('clts')),
  row('INVD', '0F 08', '', helper('wbinvd')),
  row('WBINVD', '0F 09', '', helper('wbinvd')),
  row('UD2', '0F 0B', '', invalid, { ends: true }),
  row('UD1', '0F B9 /r', 'Gv,Ev', invalid, { ...READ, ends: true }),
  row('UD0', '0F FF /r', 'Gv,Ev', invalid, { ...READ, ends: true }),
  // AMD's way to CR8 without a REX prefix.
  row(
    'MOV',
    'LOCK 0F 20 /0',
    'Rq',
    (site) => site.helper('movFromControl', i32.const(TASK_PRIORITY), site.registerSlot(0)),
    { feature: 'ALTMOVCR8' },
  ),
  row(
    'MOV',
    'LOCK 0F 22 /0',
    'Rq',
    (site) => site.helper('movToControl', i32.const(TASK_PRIORITY), site.registerSlot(0)),
    { ...READ, feature: 'ALTMOVCR8' },
  ),
  row('MOV', '0F 20 /r', 'Rq,Cq', moveSpecial('movFromControl', 1)),
  row('MOV', '0F 21 /r', 'Rq,Dq', moveSpecial('movFromDebug', 1)),
  row('MOV', '0F 22 /r', 'Cq,Rq', moveSpecial('movToControl', 0)),
  row('MOV', '0F 23 /r', 'Dq,Rq', moveSpecial('movToDebug', 0)),
  row('WRMSR', '0F 30', '', helper('wrmsr')),
  row('RDTSC', '0F 31', '', helper('rdtsc'), { own: ['rax', 'rdx'] }),
  row('RDMSR', '0F 32', '', helper('rdmsr')),
  row('RDPMC', '0F 33', '', helper('rdpmc')),
  row('CPUID', '0F A2', '', helper('cpuid'), { own: ['rax', 'rcx', 'rdx', 'rbx'] }),
  row('HLT', 'F4', '', helper('hlt')),
  row('CLAC', '0F 01 CA', '', helper('clac'), { feature: 'SMAP' }),
  row('STAC', '0F 01 CB', '', helper('stac'), { feature: 'SMAP' }),
  row('CLI', 'FA', '', helper('cli'), { flags: { written: 'i' } }),
  row('STI', 'FB', '', helper('sti'), { flags: { written: 'i' } }),
  row('RDFSBASE', 'F3 0F AE /0', 'Ry', readBase(FS), SEGMENT_BASE),
  row('RDGSBASE', 'F3 0F AE /1', 'Ry', readBase(GS), SEGMENT_BASE),
  row('WRFSBASE', 'F3 0F AE /2', 'Ry', writeBase(FS), { ...SEGMENT_BASE, ...READ }),
  row('WRGSBASE', 'F3 0F AE /3', 'Ry', writeBase(GS), { ...SEGMENT_BASE, ...READ }),
  row('LFENCE', 'NP 0F AE /5', 'Rd', fence, READ),
  row('MFENCE', 'NP 0F AE /6', 'Rd', fence, READ),
  row('SFENCE', 'NP 0F AE /7', 'Rd', fence, READ),
  row('INT3', 'CC', '', helper('int3')),
  row(
    'INT',
    'CD',
    'Ib',
    (site) => site.helper('softwareInterrupt', i32.and(low(site.immediate()), i32.const(0xff))),
    READ,
  ),
  row('INTO', 'CE', '', helper('into'), { ...LEGACY, flags: { read: 'o' } }),
  row('INT1', 'F1', '', helper('int1')),
  row('IRET', 'CF', '', sizedHelper('iret'), { sized: true, ends: true }),
  row('RETF', 'CB', '', (site) => site.helper('farReturn', i32.const(site.size), i32.const(0)), {
    sized: true,
    ends: true,
  }),
  row(
    'RETF',
    'CA',
    'Iw',
    (site) =>
      site.helper('farReturn', i32.const(site.size), i32.and(low(site.immediate()), i32.const(0xffff))),
    { ...READ, sized: true, ends: true },
  ),
  row('JMP', 'EA', 'Av', farDirect('farJump'), { ...READ, ...LEGACY, ends: true }),
  row('CALL', '9A', 'Av', farDirect('farCall'), { ...READ, ...LEGACY }),
  row('JMP', 'FF /5', 'M', farIndirect('farJump'), {
    ...READ,
    sized: true,
    ends: true,
    profile: FAR_PROFILE,
  }),
  row('CALL', 'FF /3', 'M', farIndirect('farCall'), { ...READ, sized: true, profile: FAR_PROFILE }),
  row('MOV', '8C /r', 'Ev,Sw', moveFromSegment),
  row('MOV', '8E /r', 'Sw,Ew', moveToSegment),
  ...[0, 1, 2, 3].map((segment) =>
    row('PUSH', (segment * 8 + 6).toString(16).padStart(2, '0').toUpperCase(), '', pushSegment(segment), {
      ...STACK,
      ...LEGACY,
    }),
  ),
  ...[0, 2, 3].map((segment) =>
    row('POP', (segment * 8 + 7).toString(16).padStart(2, '0').toUpperCase(), '', popSegment(segment), {
      ...STACK,
      ...LEGACY,
    }),
  ),
  ...[4, 5].flatMap((segment) => [
    row('PUSH', `0F ${(0x80 + segment * 8).toString(16).toUpperCase()}`, '', pushSegment(segment), STACK),
    row('POP', `0F ${(0x81 + segment * 8).toString(16).toUpperCase()}`, '', popSegment(segment), STACK),
  ]),
  row('LES', 'C4 /r', 'Gv,M', loadFarPointer(0), LEGACY),
  row('LDS', 'C5 /r', 'Gv,M', loadFarPointer(3), LEGACY),
  row('LSS', '0F B2 /r', 'Gv,M', loadFarPointer(2), { profile: FAR_PROFILE }),
  row('LFS', '0F B4 /r', 'Gv,M', loadFarPointer(4), { profile: FAR_PROFILE }),
  row('LGS', '0F B5 /r', 'Gv,M', loadFarPointer(5), { profile: FAR_PROFILE }),
  row('IN', 'E4', 'AL,Ib', portImmediate('portIn')),
  row('IN', 'E5', 'rAX,Ib', portImmediate('portIn')),
  row('OUT', 'E6', 'Ib,AL', portImmediate('portOut'), READ),
  row('OUT', 'E7', 'Ib,rAX', portImmediate('portOut'), READ),
  row('IN', 'EC', 'AL,DX', portRegister('portIn')),
  row('IN', 'ED', 'rAX,DX', portRegister('portIn')),
  row('OUT', 'EE', 'DX,AL', portRegister('portOut'), READ),
  row('OUT', 'EF', 'DX,rAX', portRegister('portOut'), READ),
];
