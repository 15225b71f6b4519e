/** Top of the stack that a program's threads share: a mapping with MAP_STACK that the program's process makes first. */
export const THREAD_STACK = 0x3000_0000;
export const THREAD_STACK_SIZE = 0x8000;
const STACK_ROOM = 0x100;
export const THREAD_STACK_TOP = THREAD_STACK + THREAD_STACK_SIZE - STACK_ROOM;
