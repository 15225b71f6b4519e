/*
 * A PVH image that runs small cases one after the other in long mode and prints what each did. A case is a piece of code that ends
 * with an exception, a software interrupt or DONE; whatever vector it ends with, the common handler reports the vector, the frame, the
 * registers that differ from their starting values and the page-table entries of the test region, puts the machine back as it was, and
 * starts the next case. The text on COM1 is the same on every processor that does what the manual says.
 */
	.section .note.pvh, "a", @note
	.long 4, 4, 18
	.ascii "Xen\0"
	.long start32

	.text
	.code32
	.globl start32
start32:
	mov esp, offset harness_stack_top
	cld
	/* 64 MiB of identity mapping in 2 MiB pages that everybody may use. */
	mov edi, offset low_pd
	mov eax, 0x87
	mov ecx, 32
1:	mov [edi], eax
	add eax, 0x200000
	add edi, 8
	loop 1b
	mov eax, CR4_DEFAULT
	mov cr4, eax
	mov eax, offset pml4
	mov cr3, eax
	mov dword ptr [pml4], offset low_pdpt + 7
	mov dword ptr [low_pdpt], offset low_pd + 7
	mov ecx, MSR_EFER
	mov eax, EFER_DEFAULT
	xor edx, edx
	wrmsr
	mov eax, CR0_DEFAULT
	mov cr0, eax
	mov esi, offset gdt_template
	mov edi, offset gdt
	mov ecx, (GDT_LIMIT + 1) / 4
	rep movsd
	lgdt [gdt_pointer]
	jmp KERNEL_CODE:start64

	.code64
start64:
	call serial_init
	/* The IDT's template: every vector has a stub of 16 bytes. */
	mov rdi, offset idt_template
	mov rax, offset stubs
	mov ecx, 256
1:	mov [rdi], ax
	mov word ptr [rdi + 2], KERNEL_CODE
	mov word ptr [rdi + 4], 0x8e00
	mov rbx, rax
	shr rbx, 16
	mov [rdi + 6], bx
	mov qword ptr [rdi + 8], 0
	add rax, 16
	add rdi, 16
	loop 1b
	mov byte ptr [idt_template + 8 * 16 + 4], 1
	mov byte ptr [idt_template + 3 * 16 + 5], 0xee
	mov byte ptr [idt_template + 4 * 16 + 5], 0xee
	mov byte ptr [idt_template + DONE_VECTOR * 16 + 5], 0xee
	mov byte ptr [idt_template + 0x80 * 16 + 5], 0xee
	mov qword ptr [case_pointer], offset case_table

next_case:
	mov rsp, offset harness_stack_top
	call restore_machine
	mov rbx, [case_pointer]
	mov rax, [rbx]
	test rax, rax
	jz all_done
	/* Fixed starting values: register n holds sixteen times the digit n. */
	mov rsp, offset case_stack_top
	push rax
	mov rax, 0x1111111111111111
	mov rcx, 0x1212121212121212
	mov rdx, 0x1313131313131313
	mov rbx, 0x1414141414141414
	mov rbp, 0x0505050505050505
	mov rsi, 0x0606060606060606
	mov rdi, 0x0707070707070707
	mov r8, 0x0808080808080808
	mov r9, 0x0909090909090909
	mov r10, 0x0a0a0a0a0a0a0a0a
	mov r11, 0x0b0b0b0b0b0b0b0b
	mov r12, 0x0c0c0c0c0c0c0c0c
	mov r13, 0x0d0d0d0d0d0d0d0d
	mov r14, 0x0e0e0e0e0e0e0e0e
	mov r15, 0x0f0f0f0f0f0f0f0f
	ret

all_done:
	mov rsi, offset text_end
	call print_text
	mov dx, 0x604
	mov ax, 0x2000
	out dx, ax
1:	cli
	hlt
	jmp 1b

/* Every vector: push what is missing of {vector, error}, then report. */
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

/* The frame: vector, error (0 when there is none), rip, cs, rflags, rsp, ss. */
common:
	mov [saved + 0], rax
	/* No breakpoint may meet what follows. */
	mov rax, dr6
	mov [frame_dr6], rax
	mov rax, dr7
	mov [frame_dr7], rax
	mov eax, 0x400
	mov dr7, rax
	mov [saved + 8], rcx
	mov [saved + 16], rdx
	mov [saved + 24], rbx
	mov [saved + 32], rbp
	mov [saved + 40], rsi
	mov [saved + 48], rdi
	mov [saved + 56], r8
	mov [saved + 64], r9
	mov [saved + 72], r10
	mov [saved + 80], r11
	mov [saved + 88], r12
	mov [saved + 96], r13
	mov [saved + 104], r14
	mov [saved + 112], r15
	cld
	mov rsi, rsp
	mov [frame_address], rsi
	mov rdi, offset frame
	mov ecx, 7
	rep movsq
	mov rax, cr2
	mov [frame_cr2], rax
	mov word ptr [saved_segments], ds
	mov word ptr [saved_segments + 2], es
	mov word ptr [saved_segments + 4], fs
	mov word ptr [saved_segments + 6], gs
	mov word ptr [saved_segments + 8], ss
	mov rsp, offset harness_stack_top
	call report
	add qword ptr [case_pointer], 16
	jmp next_case

/* Puts tables, control registers, MSRs and segments back. */
restore_machine:
	mov rax, CR0_DEFAULT
	mov cr0, rax
	mov rax, CR4_DEFAULT & ~0x80
	mov cr4, rax
	mov rax, CR4_DEFAULT
	mov cr4, rax
	WRITE_MSR MSR_EFER, EFER_DEFAULT | 0x400
	WRITE_MSR MSR_STAR, 0x001b000800000000
	WRITE_MSR MSR_LSTAR, "offset stubs_syscall"
	WRITE_MSR MSR_CSTAR, "offset stubs_syscall_compat"
	WRITE_MSR MSR_SFMASK, 0x700
	mov rsi, offset gdt_template
	mov rdi, offset gdt
	mov ecx, (GDT_LIMIT + 1) / 8
	rep movsq
	mov rsi, offset idt_template
	mov rdi, offset idt
	mov ecx, 512
	rep movsq
	mov rsi, offset tss_template
	mov rdi, offset tss
	mov ecx, 0x100 / 8
	rep movsq
	mov rsi, offset ldt_template
	mov rdi, offset ldt
	mov ecx, 4
	rep movsq
	lgdt [gdt_pointer]
	lidt [idt_pointer]
	mov ax, TSS_SELECTOR
	ltr ax
	mov ax, LDT_SELECTOR
	lldt ax
	mov ax, KERNEL_DATA
	mov ss, ax
	mov ax, USER_DATA | 3
	mov ds, ax
	mov es, ax
	mov fs, ax
	mov gs, ax
	WRITE_MSR MSR_FSBASE, 0x1000
	WRITE_MSR MSR_GSBASE, 0x2000
	WRITE_MSR MSR_KGSBASE, 0x3000
	/* Page tables of the test region. */
	xor eax, eax
	mov rdi, offset test_pt
	mov ecx, 512 * 3
	rep stosq
	mov rdi, offset pml4 + 8
	mov ecx, 511
	rep stosq
	mov qword ptr [low_pd], 0x87
	mov qword ptr [pml4], offset low_pdpt + 0x27
	mov qword ptr [low_pdpt], offset low_pd + 0x27
	mov qword ptr [low_pdpt + 8], offset test_pd + 7
	mov qword ptr [low_pdpt + 16], 0
	mov qword ptr [low_pdpt + 24], 0
	mov qword ptr [test_pd], offset test_pt + 7
	/* The frames hold a known pattern, and code that reports where it ran. */
	mov rdi, offset frame0
	mov rax, 0x7060504030201000
	mov ecx, 512 * 4
1:	mov [rdi], rax
	add rax, 0x08
	add rdi, 8
	loop 1b
	mov dword ptr [frame0 + 0x800], 0x909060cd
	mov dword ptr [frame1 + 0x800], 0x909060cd
	mov rax, offset pml4
	mov cr3, rax
	xor eax, eax
	mov cr2, rax
	mov dr0, rax
	mov dr1, rax
	mov dr2, rax
	mov dr3, rax
	mov rax, DR6_DEFAULT
	mov dr6, rax
	push 2
	popfq
	ret

/* SYSCALL's entry points report themselves. */
stubs_syscall:
	DONE
stubs_syscall_compat:
	nop
	DONE

report:
	mov rbx, [case_pointer]
	mov rsi, [rbx + 8]
	call print_text
	mov rsi, offset text_vector
	mov rax, [frame]
	call print_labelled
	mov rsi, offset text_error
	mov rax, [frame + 8]
	call print_labelled
	cmp qword ptr [frame], 14
	jne 1f
	mov rsi, offset text_cr2
	mov rax, [frame_cr2]
	call print_labelled
1:	cmp qword ptr [frame], 1
	jne 1f
	mov rsi, offset text_dr6
	mov rax, [frame_dr6]
	call print_labelled
	mov rsi, offset text_dr7
	mov rax, [frame_dr7]
	call print_labelled
1:	mov rsi, offset text_rip
	mov rax, [frame + 16]
	call print_labelled
	mov rsi, offset text_cs
	mov rax, [frame + 24]
	call print_labelled
	mov rsi, offset text_flags
	mov rax, [frame + 32]
	/* Not RF: processors set it in the frame of a fault, QEMU's own does not. */
	btr eax, 16
	call print_labelled
	mov rsi, offset text_rsp
	mov rax, [frame + 40]
	call print_labelled
	mov rsi, offset text_ss
	mov rax, [frame + 48]
	call print_labelled
	mov rsi, offset text_at
	mov rax, [frame_address]
	call print_labelled
	/* Registers that changed. */
	xor ebx, ebx
2:	mov rax, [saved + rbx * 8]
	cmp rax, [initial + rbx * 8]
	je 3f
	lea rsi, [register_names + rbx * 8]
	call print_labelled
3:	inc ebx
	cmp ebx, 15
	jb 2b
	/* Segment selectors that changed. */
	xor ebx, ebx
4:	movzx eax, word ptr [saved_segments + rbx * 2]
	cmp ax, [initial_segments + rbx * 2]
	je 5f
	/*
	 * The handler's SS counts when the ring changed. QEMU also clears it for an interrupt stack within ring 0, where the manuals
	 * change it with the ring alone.
	 */
	cmp ebx, 4
	jne 6f
	test byte ptr [frame + 24], 3
	jz 5f
6:
	lea rsi, [segment_names + rbx * 8]
	call print_labelled
5:	inc ebx
	cmp ebx, 5
	jb 4b
	/* Entries of the test region that are not zero. */
	xor ebx, ebx
6:	mov rax, [test_pt + rbx * 8]
	test rax, rax
	jz 7f
	mov rsi, offset text_pte
	call print_labelled
7:	inc ebx
	cmp ebx, 4
	jb 6b
	mov rax, [test_pd]
	mov rsi, offset text_pde
	call print_labelled
	mov rax, [test_pd + 8]
	test rax, rax
	jz 8f
	mov rsi, offset text_pde
	call print_labelled
8:	mov rax, [low_pdpt + 8]
	mov rsi, offset text_pdpte
	call print_labelled
	mov rax, [low_pdpt + 16]
	test rax, rax
	jz 9f
	mov rsi, offset text_pdpte
	call print_labelled
9:	mov al, 10
	jmp print_byte

/* Prints the zero-terminated text at rsi, then rax in hex without leading zeros. */
print_labelled:
	push rax
	call print_text
	pop rax
	mov ecx, 64
1:	sub ecx, 4
	jz 2f
	mov rdx, rax
	shr rdx, cl
	jz 1b
2:	mov rdx, rax
	shr rdx, cl
	and edx, 15
	push rax
	mov al, [digits + rdx]
	call print_byte
	pop rax
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
	push rdx
	push rax
	mov dx, COM1 + 5
1:	in al, dx
	test al, 0x20
	jz 1b
	pop rax
	mov dx, COM1
	out dx, al
	pop rdx
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
text_cr2: .asciz " cr2="
text_dr6: .asciz " dr6="
text_dr7: .asciz " dr7="
text_rip: .asciz " ip="
text_cs: .asciz " cs="
text_flags: .asciz " fl="
text_rsp: .asciz " sp="
text_ss: .asciz " ss="
text_at: .asciz " at="
text_pte: .asciz " pte="
text_pde: .asciz " pde="
text_pdpte: .asciz " pdpte="
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
	LABEL " 8="
	LABEL " 9="
	LABEL " 10="
	LABEL " 11="
	LABEL " 12="
	LABEL " 13="
	LABEL " 14="
	LABEL " 15="
segment_names:
	LABEL " ds="
	LABEL " es="
	LABEL " fs="
	LABEL " gs="
	LABEL " SS="
	.balign 8
initial:
	.quad 0x1111111111111111, 0x1212121212121212, 0x1313131313131313, 0x1414141414141414
	.quad 0x0505050505050505, 0x0606060606060606, 0x0707070707070707, 0x0808080808080808
	.quad 0x0909090909090909, 0x0a0a0a0a0a0a0a0a, 0x0b0b0b0b0b0b0b0b, 0x0c0c0c0c0c0c0c0c
	.quad 0x0d0d0d0d0d0d0d0d, 0x0e0e0e0e0e0e0e0e, 0x0f0f0f0f0f0f0f0f
initial_segments:
	.word USER_DATA | 3, USER_DATA | 3, USER_DATA | 3, USER_DATA | 3, KERNEL_DATA

	.data
	.balign 16
gdt_template:
	.quad 0
	.quad 0x00af9b000000ffff
	.quad 0x00cf93000000ffff
	.quad 0x00cffb000000ffff
	.quad 0x00cff3000000ffff
	.quad 0x00affb000000ffff
	.quad 0x00cf9b000000ffff
	/* The TSS and the LDT; the linker cannot split addresses, the image lies below 16 MiB. */
	.word 0xff, tss_low
	.byte tss_middle, 0x89, 0, 0
	.quad 0
	.word 0x1f, ldt_low
	.byte ldt_middle, 0x82, 0, 0
	.quad 0
	.quad 0, 0
	.quad 0
	.quad 0x00af9f000000ffff
	.balign 16
ldt_template:
	.quad 0
	.quad 0x00cff3000000ffff
	.quad 0x00cf93000000ffff
	.quad 0
	.balign 8
	.word 0, 0, 0
gdt_pointer:
	.word GDT_LIMIT
	.quad gdt
	.balign 8
	.word 0, 0, 0
idt_pointer:
	.word 0xfff
	.quad idt
	.balign 16
tss_template:
	.long 0
	.quad kernel_stack_top, 0, 0
	.quad 0
	.quad double_stack_top, ist2_top, ist3_top, 0, 0, 0, 0
	.quad 0
	.word 0
	.word 0x68
	/* The I/O permission bitmap: all closed but ports 0x40 to 0x43. */
	.fill 8, 1, 0xff
	.byte 0xf0
	.fill 0x8f, 1, 0xff

	.bss
	.balign 4096
	.globl tss, ldt
pml4:	.skip 4096
low_pdpt: .skip 4096
low_pd:	.skip 4096
test_pt: .skip 4096
test_pd: .skip 4096
test_pdpt: .skip 4096
frame0:	.skip 4096
frame1:	.skip 4096
frame2:	.skip 4096
frame3:	.skip 4096
gdt:	.skip 4096
idt:	.skip 4096
idt_template: .skip 4096
tss:	.skip 256
ldt:	.skip 32
	.balign 16
	.skip 4096
harness_stack_top:
	.skip 2048
case_stack_top:
	.skip 2048
kernel_stack_top:
	.skip 2048
user_stack_top:
	.skip 2048
double_stack_top:
	.skip 2048
ist2_top:
	.skip 2048
ist3_top:
	.skip 64
case_pointer: .skip 8
saved:	.skip 120
saved_segments: .skip 16
frame:	.skip 56
frame_address: .skip 8
frame_cr2: .skip 8
frame_dr6: .skip 8
frame_dr7: .skip 8
