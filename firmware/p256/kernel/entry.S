@ The first bytes of the blob: calls kernel_main on the caller's stack, then overwrites what that left there, and what the caller has of secrets.

    .syntax unified
    .thumb
    .section .text.entry, "ax", %progbits

    .equ STACK_BYTES, 2560
    @ In struct arguments.
    .equ WIPED, 36
    .equ WIPED_BYTES, 40

    .global entry
    .type   entry, %function
    .thumb_func
entry:
    push    {r4-r11, lr}
    mov     r4, r0
    bl      kernel_main
    sub     sp, sp, #STACK_BYTES
    mov     r1, sp
    mov     r2, #0
    add     r3, r1, #STACK_BYTES
1:  str     r2, [r1], #4
    cmp     r1, r3
    bne     1b
    ldr     r1, [r4, #WIPED]
    ldr     r3, [r4, #WIPED_BYTES]
    add     r3, r1
    b       3f
2:  str     r2, [r1], #4
3:  cmp     r1, r3
    blo     2b
    mov     r1, r2
    mov     r3, r2
    mov     r12, r2
    add     sp, sp, #STACK_BYTES
    pop     {r4-r11, pc}
    .size   entry, . - entry
