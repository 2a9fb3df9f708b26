@ What thirty steps of inverse.c did to the lowest bits of two numbers, done to all of them. No branch, no address depends on a number.

    .syntax unified
    .thumb
    .section .text.matrix, "ax", %progbits

@ The lowest thirty bits of a sum of 64 go to memory, and out of it.
.macro SHIFT_OUT lo, hi, at
    bic     r12, \lo, #0xc0000000
    str     r12, [r0, #\at]
    lsr     \lo, \lo, #30
    orr     \lo, \lo, \hi, lsl #2
    asr     \hi, \hi, #30
.endm

@ void apply_matrix(struct pair *pair, const int32_t matrix[6]): inverse.c says what. A limb of a, b and the modulus at a time; the sums
@ are in r8, r9 and in r10, r11.
    .global apply_matrix
    .hidden apply_matrix
    .type   apply_matrix, %function
    .thumb_func
apply_matrix:
    push    {r4-r11, lr}
    ldmia   r1, {r2-r7}
    mov     r1, #9
    mov     r8, #0
    mov     r9, #0
    mov     r10, #0
    mov     r11, #0
1:  ldr     lr, [r0, #44]
    ldr     r12, [r0, #4]!
    smlal   r8, r9, r3, lr
    smlal   r10, r11, r5, lr
    ldr     lr, [r0, #80]
    smlal   r8, r9, r2, r12
    smlal   r10, r11, r4, r12
    smlal   r8, r9, r6, lr
    smlal   r10, r11, r7, lr
    SHIFT_OUT r8, r9, -4
    SHIFT_OUT r10, r11, 36
    subs    r1, r1, #1
    bne     1b
    str     r8, [r0]
    str     r10, [r0, #40]
    pop     {r4-r11, pc}
    .size   apply_matrix, . - apply_matrix
