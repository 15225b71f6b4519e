import { describeFamily, type Spec } from './family.ts';

const specs: Spec[] = [
  { title: 'should execute CBW', code: 'cbw', cases: [{ rax: 0x1234_5680n, result: { rax: 0x1234_ff80n } }] },
  {
    title: 'should execute CWDE and clear the upper half',
    code: 'cwde',
    cases: [{ rax: -0x8000n, result: { rax: 0xffff_8000n } }],
  },
  {
    title: 'should execute CDQE',
    code: 'cdqe',
    cases: [{ rax: 0x8000_0000n, result: { rax: 0xffff_ffff_8000_0000n } }],
  },
  { title: 'should execute CWD', code: 'cwd' },
  {
    title: 'should execute CDQ and clear the upper half',
    code: 'cdq',
    cases: [{ rax: 0x8000_0000n, result: { rdx: 0xffff_ffffn } }],
  },
  { title: 'should execute CQO', code: 'cqo', cases: [{ rax: -1n, result: { rdx: 2n ** 64n - 1n } }] },
  { title: 'should execute CQO when both prefixes name a size', code: '.byte 0x66, 0x48, 0x99' },
];

describeFamily(
  'sign extension',
  specs.map((spec) => ({ ...spec, random: 30 })),
);
