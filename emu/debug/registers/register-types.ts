import { BaseType, FunctionType, Member, StructType, type Type, VoidType } from '../../symbols/index.ts';
import { arrayOf, INT, LONG, pointerTo } from '../expressions/values.ts';
import { REGISTER_FLAGS } from './flag-bits.ts';
import { REGISTER_ROWS } from './register-table.ts';

/** The parts of an XMM register, as gdb's own description of it has them; `element` is the name of a type there. */
export const VECTORS = [
  { name: 'v4_float', element: 'ieee_single', count: 4, type: new BaseType('float', 4, 'float') },
  { name: 'v2_double', element: 'ieee_double', count: 2, type: new BaseType('double', 8, 'float') },
  { name: 'v16_int8', element: 'int8', count: 16, type: new BaseType('int8_t', 1, 'signed') },
  { name: 'v8_int16', element: 'int16', count: 8, type: new BaseType('int16_t', 2, 'signed') },
  { name: 'v4_int32', element: 'int32', count: 4, type: new BaseType('int32_t', 4, 'signed') },
  { name: 'v2_int64', element: 'int64', count: 2, type: new BaseType('int64_t', 8, 'signed') },
] as const;

const VECTOR_SIZE = 16;
const UINT128 = new BaseType('uint128_t', VECTOR_SIZE, 'unsigned');
const VECTOR = new StructType('union', 'vec128', VECTOR_SIZE, true, () => [
  ...VECTORS.map(({ name, type, count }) => new Member(name, 0, () => arrayOf(type, count))),
  new Member('uint128', 0, () => UINT128),
]);
const VOID = new VoidType();
const DATA = pointerTo(VOID);
const CODE = pointerTo(
  new FunctionType(
    () => VOID,
    () => [],
    false,
    false,
  ),
);

/** Types by the names that the description of the target has for them. */
const TYPES: Readonly<Record<string, Type>> = {
  int64: LONG,
  int32: INT,
  data_ptr: DATA,
  code_ptr: CODE,
  i387_ext: new BaseType('i387_ext', 10, 'float'),
  vec128: VECTOR,
  ...Object.fromEntries(
    Object.keys(REGISTER_FLAGS).map((name) => {
      const size = name.startsWith('i386') ? 4 : 8;
      return [name, new BaseType(name, size, 'signed')];
    }),
  ),
};

/** The registers' types, by the registers' names: rip points to code, the stack's registers to anything, most others are numbers. */
export const REGISTER_TYPES: Readonly<Record<string, Type>> = Object.fromEntries(
  REGISTER_ROWS.map(({ name, type, bits }) => [name, TYPES[type] ?? (bits === 64 ? LONG : INT)]),
);
