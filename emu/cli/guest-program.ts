/** The ELF file of a program of the guest, by the program's name; undefined for one that the build does not know. */
export { programFile as guestProgram } from '../../scripts/guest/index.ts';
