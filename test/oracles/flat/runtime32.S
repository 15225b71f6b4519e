/*
 * A PVH image that runs small cases one after the other in 32-bit protected mode without paging, in ring 3, and prints what each did. A
 * case starts with the registers and flags of its entry in case_table and ends with an exception, a software interrupt or DONE; the
 * handler reports vector, frame, registers and the words of the arena that changed, and starts the next case. Ring 0 has a stack of
 * its own, so that nothing of a case is overwritten by its end.
 */
	.set KERNEL_CODE, 0x08
	.set KERNEL_DATA, 0x10
	.set USER_CODE, 0x1b
	.set USER_DATA, 0x23
	.set TSS_SELECTOR, 0x28
	.set LDT_SELECTOR, 0x30
	.set FS_DATA, 0x3b		/* its base is the arena */
	.set GS_DATA, 0x43		/* its base plus 0x10000 is the arena: addresses wrap */
	.set OTHER_CODE, 0x4b
	.set ABSENT, 0x53
	.set LOCAL_DATA, 0x07		/* entry 0 of the LDT */
	.set SPARE, 0x58		/* zero: for the case to fill, two entries */
	.set SPARE2, 0x60
	.set GDT_LIMIT, 0x67

	/* The memory of a case: within the reach of 16-bit addresses. */
	.set ARENA, 0x8000
	.set ARENA_WORDS, 0x3000 / 4

	.set COM1, 0x3f8
	.set DONE_VECTOR, 0x60

	/* An entry of case_table: code, name, then these. */
	.set CASE_FLAGS, 8
	.set CASE_REGISTERS, 12		/* eax ecx edx ebx esp ebp esi edi */
	.set CASE_SIZE, 44

.macro DONE
	int DONE_VECTOR
.endm

	.section .note.pvh, "a", @note
	.long 4, 4, 18
	.ascii "Xen\0"
	.long start32

	.text
	.code32
	.globl start32
start32:
	mov esp, offset kernel_stack_top
	cld
	lgdt [gdt_pointer]
	jmp KERNEL_CODE:1f
1:	mov ax, KERNEL_DATA
	mov ss, ax
	mov ds, ax
	mov es, ax
	mov ax, TSS_SELECTOR
	ltr ax
	mov ax, LDT_SELECTOR
	lldt ax
	mov dword ptr [tss + 4], offset kernel_stack_top
	mov dword ptr [tss + 8], KERNEL_DATA
	mov word ptr [tss + 0x66], 0x68
	/* The I/O permission bitmap: all closed. */
	mov edi, offset tss + 0x68
	mov eax, -1
	mov ecx, (0x100 - 0x68) / 4
	rep stosd
	/* Every vector has a stub of 16 bytes; ring 3 may use the gates of INT3, INTO and DONE. */
	mov edi, offset idt
	mov eax, offset stubs
	mov ecx, 256
2:	mov [edi], ax
	mov word ptr [edi + 2], KERNEL_CODE
	mov word ptr [edi + 4], 0x8e00
	mov ebx, eax
	shr ebx, 16
	mov [edi + 6], bx
	add eax, 16
	add edi, 8
	loop 2b
	mov byte ptr [idt + 3 * 8 + 5], 0xee
	mov byte ptr [idt + 4 * 8 + 5], 0xee
	mov byte ptr [idt + DONE_VECTOR * 8 + 5], 0xee
	lidt [idt_pointer]
	call serial_init
	mov dword ptr [case_pointer], offset case_table

next_case:
	mov esp, offset kernel_stack_top
	mov ebx, [case_pointer]
	cmp dword ptr [ebx], 0
	je all_done
	mov edi, ARENA
	mov ecx, ARENA_WORDS
3:	imul eax, edi, 0x01000193
	stosd
	loop 3b
	mov eax, USER_DATA
	push eax
	push dword ptr [ebx + CASE_REGISTERS + 16]
	push dword ptr [ebx + CASE_FLAGS]
	push USER_CODE
	push dword ptr [ebx]
	mov ds, ax
	mov es, ax
	mov eax, FS_DATA
	mov fs, ax
	mov eax, GS_DATA
	mov gs, ax
	mov eax, [ebx + CASE_REGISTERS]
	mov ecx, [ebx + CASE_REGISTERS + 4]
	mov edx, [ebx + CASE_REGISTERS + 8]
	mov ebp, [ebx + CASE_REGISTERS + 20]
	mov esi, [ebx + CASE_REGISTERS + 24]
	mov edi, [ebx + CASE_REGISTERS + 28]
	mov ebx, [ebx + CASE_REGISTERS + 12]
	iretd

all_done:
	mov esi, offset text_end
	call print_text
	mov dx, 0x604
	mov ax, 0x2000
	out dx, ax
1:	cli
	hlt
	jmp 1b

	.balign 16
stubs:
	.set vector, 0
	.rept 256
	.balign 16
	.if vector == 8 || (vector >= 10 && vector <= 14) || vector == 17
	.else
	push 0
	.endif
	push vector
	jmp common
	.set vector, vector + 1
	.endr
	.balign 16

/* The stack then: vector, error, eip, cs, eflags, esp, ss. */
common:
	push eax
	push ecx
	push edx
	push ebx
	push ebp
	push esi
	push edi
	mov ebp, esp
	mov eax, ds
	push eax
	mov eax, es
	push eax
	mov eax, fs
	push eax
	mov eax, gs
	push eax
	mov eax, KERNEL_DATA
	mov ds, ax
	mov es, ax
	cld
	mov ebx, [case_pointer]
	mov esi, [ebx + 4]
	call print_text
	mov esi, offset text_vector
	mov eax, [ebp + 28]
	call print_labelled
	mov esi, offset text_error
	mov eax, [ebp + 32]
	call print_labelled
	mov esi, offset text_eip
	mov eax, [ebp + 36]
	sub eax, [ebx]
	call print_labelled
	mov esi, offset text_cs
	mov eax, [ebp + 40]
	call print_labelled
	mov esi, offset text_flags
	mov eax, [ebp + 44]
	/* Not RF: processors set it in the frame of a fault, QEMU's own does not. */
	btr eax, 16
	call print_labelled
	mov esi, offset text_esp
	mov eax, [ebp + 48]
	call print_labelled
	mov esi, offset text_ss
	mov eax, [ebp + 52]
	call print_labelled
	/* The seven registers, as they were pushed. */
	xor ebx, ebx
1:	mov eax, ebx
	neg eax
	mov eax, [ebp + eax * 4 + 24]
	lea esi, [register_names + ebx * 8]
	call print_labelled
	inc ebx
	cmp ebx, 7
	jb 1b
	xor ebx, ebx
2:	mov eax, ebx
	neg eax
	mov eax, [ebp + eax * 4 - 4]
	movzx eax, ax
	cmp eax, [initial_segments + ebx * 4]
	je 3f
	lea esi, [segment_names + ebx * 8]
	call print_labelled
3:	inc ebx
	cmp ebx, 4
	jb 2b
	/* Words of the arena that changed. */
	mov ebx, ARENA
4:	imul eax, ebx, 0x01000193
	cmp eax, [ebx]
	je 5f
	mov esi, offset text_space
	mov eax, ebx
	call print_labelled
	mov esi, offset text_equals
	mov eax, [ebx]
	call print_labelled
5:	add ebx, 4
	cmp ebx, ARENA + ARENA_WORDS * 4
	jb 4b
	mov al, 10
	call print_byte
	add dword ptr [case_pointer], CASE_SIZE
	jmp next_case

/* Prints the zero-terminated text at esi, then eax in hex without leading zeros. */
print_labelled:
	push eax
	call print_text
	pop eax
	mov ecx, 32
1:	sub ecx, 4
	jz 2f
	mov edx, eax
	shr edx, cl
	jz 1b
2:	mov edx, eax
	shr edx, cl
	and edx, 15
	push eax
	mov al, [digits + edx]
	call print_byte
	pop eax
	sub ecx, 4
	jns 2b
	ret

print_text:
	lodsb
	test al, al
	jz 1f
	call print_byte
	jmp print_text
1:	ret

print_byte:
	push edx
	push eax
	mov dx, COM1 + 5
1:	in al, dx
	test al, 0x20
	jz 1b
	pop eax
	mov dx, COM1
	out dx, al
	pop edx
	ret

serial_init:
	/* The interrupt controllers stay masked: firmware may have left a timer running. */
	mov al, 0xff
	out 0x21, al
	out 0xa1, al
	mov dx, COM1 + 1
	xor eax, eax
	out dx, al
	mov dx, COM1 + 3
	mov al, 0x80
	out dx, al
	mov dx, COM1
	mov al, 1
	out dx, al
	mov dx, COM1 + 1
	xor eax, eax
	out dx, al
	mov dx, COM1 + 3
	mov al, 3
	out dx, al
	ret

	.section .rodata
digits:	.ascii "0123456789abcdef"
text_end: .asciz "end\n"
text_vector: .asciz ": v="
text_error: .asciz " e="
text_eip: .asciz " ip="
text_cs: .asciz " cs="
text_flags: .asciz " fl="
text_esp: .asciz " sp="
text_ss: .asciz " ss="
text_space: .asciz " "
text_equals: .asciz "="
	.macro LABEL text
	.asciz "\text"
	.balign 8
	.endm
	.balign 8
register_names:
	LABEL " a="
	LABEL " c="
	LABEL " d="
	LABEL " b="
	LABEL " bp="
	LABEL " si="
	LABEL " di="
segment_names:
	LABEL " ds="
	LABEL " es="
	LABEL " fs="
	LABEL " gs="
initial_segments:
	.long USER_DATA, USER_DATA, FS_DATA, GS_DATA

	.data
	.balign 16
gdt:	.quad 0
	.quad 0x00cf9b000000ffff
	.quad 0x00cf93000000ffff
	.quad 0x00cffb000000ffff
	.quad 0x00cff3000000ffff
	/* The TSS and the LDT; the linker cannot split addresses, the image lies below 16 MiB. */
	.word 0xff, tss_low
	.byte tss_middle, 0x89, 0, 0
	.word 7, ldt_low
	.byte ldt_middle, 0x82, 0, 0
	.quad 0x00cff3008000ffff
	.quad 0xffcff3ff8000ffff
	.quad 0x00cffb000000ffff
	.quad 0x00cf73000000ffff
	.quad 0, 0
	.balign 8
ldt:	.quad 0x00cff3000000ffff
	.word 0
gdt_pointer:
	.word GDT_LIMIT
	.long gdt
	.word 0
idt_pointer:
	.word 0x7ff
	.long idt

	.bss
	.balign 4096
	.globl tss, ldt
idt:	.skip 2048
tss:	.skip 256
	.skip 2048
kernel_stack_top:
	.skip 64
case_pointer: .skip 4
