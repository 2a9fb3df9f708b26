@ Multiplication of 256-bit numbers in Montgomery's form (R = 2^256), eight words of 32 bits, the least first: modulo p of P-256 (p256_multiply) and
@ modulo any odd number (montgomery_multiply). By UMAAL: lo, hi = x * y + lo + hi, one cycle on a Cortex-M4 whatever it multiplies. No branch, no
@ address depends on a number.

    .syntax unified
    .thumb
    .section .text.montgomery, "ax", %progbits

@ One word of a times b, added to the window t0..t7, s: c takes the word above; s is the bit that the last row left above t7 and becomes that of this one.
.macro ROW t0, t1, t2, t3, t4, t5, t6, t7, c, s, i
    ldr     r12, [sp, #4*\i]
    mov     \c, #0
    ldrd    r0, r1, [r2]
    umaal   \t0, \c, r12, r0
    umaal   \t1, \c, r12, r1
    ldrd    r0, r1, [r2, #8]
    umaal   \t2, \c, r12, r0
    umaal   \t3, \c, r12, r1
    ldrd    r0, r1, [r2, #16]
    umaal   \t4, \c, r12, r0
    umaal   \t5, \c, r12, r1
    ldrd    r0, r1, [r2, #24]
    umaal   \t6, \c, r12, r0
    umaal   \t7, \c, r12, r1
.endm

@ Adds t0 * p, so that t0 becomes 0 and the window moves up by a word: p = 2^256 - 2^224 + 2^192 + 2^96 - 1, and -1/p = 1 modulo 2^32.
.macro REDUCE t0, t3, t4, t5, t6, t7, c
    adds    \c, \c, lr
    mov     lr, #0
    adc     lr, lr, #0
    adds    \t3, \t3, \t0
    adcs    \t4, \t4, #0
    adcs    \t5, \t5, #0
    adcs    \t6, \t6, \t0
    adcs    \t7, \t7, #0
    adcs    \c, \c, \t0
    adc     lr, lr, #0
    subs    \t7, \t7, \t0
    sbcs    \c, \c, #0
    sbc     lr, lr, #0
.endm

.macro STEP t0, t1, t2, t3, t4, t5, t6, t7, c, i
    ROW     \t0, \t1, \t2, \t3, \t4, \t5, \t6, \t7, \c, lr, \i
    REDUCE  \t0, \t3, \t4, \t5, \t6, \t7, \c
.endm

@ void p256_multiply(uint32_t out[8], const uint32_t a[8], const uint32_t b[8]): out = a * b / 2^256 modulo p, less than p; a, b < p; out may be a or b.
    .global p256_multiply
    .hidden p256_multiply
    .type   p256_multiply, %function
    .thumb_func
p256_multiply:
    push    {r0, r4-r11, lr}
    ldmia   r1, {r4-r11}
    push    {r4-r11}
    mov     r3, #0
    mov     r4, #0
    mov     r5, #0
    mov     r6, #0
    mov     r7, #0
    mov     r8, #0
    mov     r9, #0
    mov     r10, #0
    mov     lr, #0
    STEP    r3, r4, r5, r6, r7, r8, r9, r10, r11, 0
    STEP    r4, r5, r6, r7, r8, r9, r10, r11, r3, 1
    STEP    r5, r6, r7, r8, r9, r10, r11, r3, r4, 2
    STEP    r6, r7, r8, r9, r10, r11, r3, r4, r5, 3
    STEP    r7, r8, r9, r10, r11, r3, r4, r5, r6, 4
    STEP    r8, r9, r10, r11, r3, r4, r5, r6, r7, 5
    STEP    r9, r10, r11, r3, r4, r5, r6, r7, r8, 6
    STEP    r10, r11, r3, r4, r5, r6, r7, r8, r9, 7
    @ The window is r11, r3..r9, lr, less than 2p. Takes p away, and gives it back when that was too much.
    mov     r0, #-1
    subs    r11, r11, r0
    sbcs    r3, r3, r0
    sbcs    r4, r4, r0
    sbcs    r5, r5, #0
    sbcs    r6, r6, #0
    sbcs    r7, r7, #0
    sbcs    r8, r8, #1
    sbcs    r9, r9, r0
    sbc     r0, lr, #0
    add     sp, sp, #32
    pop     {r1}
    and     r2, r0, #1
    adds    r11, r11, r0
    adcs    r3, r3, r0
    adcs    r4, r4, r0
    adcs    r5, r5, #0
    adcs    r6, r6, #0
    adcs    r7, r7, #0
    adcs    r8, r8, r2
    adc     r9, r9, r0
    str     r11, [r1], #4
    stmia   r1, {r3-r9}
    pop     {r4-r11, pc}
    .size   p256_multiply, . - p256_multiply

@ Adds q * m, m at r2, q such that t0 becomes 0, and the window moves up by a word. [r2, #32] is -1/m modulo 2^32.
.macro REDUCE_BY t0, t1, t2, t3, t4, t5, t6, t7, c
    adds    \c, \c, lr
    mov     lr, #0
    adc     lr, lr, #0
    ldr     r0, [r2, #32]
    mul     r12, \t0, r0
    mov     r1, #0
    ldr     r0, [r2]
    umaal   \t0, r1, r12, r0
    ldr     r0, [r2, #4]
    umaal   \t1, r1, r12, r0
    ldr     r0, [r2, #8]
    umaal   \t2, r1, r12, r0
    ldr     r0, [r2, #12]
    umaal   \t3, r1, r12, r0
    ldr     r0, [r2, #16]
    umaal   \t4, r1, r12, r0
    ldr     r0, [r2, #20]
    umaal   \t5, r1, r12, r0
    ldr     r0, [r2, #24]
    umaal   \t6, r1, r12, r0
    ldr     r0, [r2, #28]
    umaal   \t7, r1, r12, r0
    adds    \c, \c, r1
    adc     lr, lr, #0
.endm

.macro STEP_BY t0, t1, t2, t3, t4, t5, t6, t7, c, i
    ldr     r2, [sp, #32]
    ROW     \t0, \t1, \t2, \t3, \t4, \t5, \t6, \t7, \c, lr, \i
    ldr     r2, [sp, #36]
    REDUCE_BY \t0, \t1, \t2, \t3, \t4, \t5, \t6, \t7, \c
.endm

.macro TAKE_AWAY t, i, op
    ldr     r12, [r2, #4*\i]
    and     r12, r12, r0
    \op     \t, \t, r12
.endm

@ void montgomery_multiply(uint32_t out[8], const uint32_t a[8], const uint32_t b[8], const struct modulus *m): out = a * b / 2^256 modulo m, less than
@ m; a, b < m; out may be a or b.
    .global montgomery_multiply
    .hidden montgomery_multiply
    .type   montgomery_multiply, %function
    .thumb_func
montgomery_multiply:
    push    {r0, r4-r11, lr}
    push    {r2, r3}
    ldmia   r1, {r4-r11}
    push    {r4-r11}
    mov     r3, #0
    mov     r4, #0
    mov     r5, #0
    mov     r6, #0
    mov     r7, #0
    mov     r8, #0
    mov     r9, #0
    mov     r10, #0
    mov     lr, #0
    STEP_BY r3, r4, r5, r6, r7, r8, r9, r10, r11, 0
    STEP_BY r4, r5, r6, r7, r8, r9, r10, r11, r3, 1
    STEP_BY r5, r6, r7, r8, r9, r10, r11, r3, r4, 2
    STEP_BY r6, r7, r8, r9, r10, r11, r3, r4, r5, 3
    STEP_BY r7, r8, r9, r10, r11, r3, r4, r5, r6, 4
    STEP_BY r8, r9, r10, r11, r3, r4, r5, r6, r7, 5
    STEP_BY r9, r10, r11, r3, r4, r5, r6, r7, r8, 6
    STEP_BY r10, r11, r3, r4, r5, r6, r7, r8, r9, 7
    mov     r0, #-1
    TAKE_AWAY r11, 0, subs
    TAKE_AWAY r3, 1, sbcs
    TAKE_AWAY r4, 2, sbcs
    TAKE_AWAY r5, 3, sbcs
    TAKE_AWAY r6, 4, sbcs
    TAKE_AWAY r7, 5, sbcs
    TAKE_AWAY r8, 6, sbcs
    TAKE_AWAY r9, 7, sbcs
    sbc     r0, lr, #0
    TAKE_AWAY r11, 0, adds
    TAKE_AWAY r3, 1, adcs
    TAKE_AWAY r4, 2, adcs
    TAKE_AWAY r5, 3, adcs
    TAKE_AWAY r6, 4, adcs
    TAKE_AWAY r7, 5, adcs
    TAKE_AWAY r8, 6, adcs
    TAKE_AWAY r9, 7, adcs
    add     sp, sp, #40
    pop     {r1}
    str     r11, [r1], #4
    stmia   r1, {r3-r9}
    pop     {r4-r11, pc}
    .size   montgomery_multiply, . - montgomery_multiply

.macro ADD_WORD t, i, op
    ldr     r12, [r2, #4*\i]
    \op     \t, \t, r12
.endm

@ Adds p to r4..r11 when r3 is all ones, nothing when it is 0; stores them at r0.
.macro GIVE_BACK_AND_STORE
    and     r12, r3, #1
    adds    r4, r4, r3
    adcs    r5, r5, r3
    adcs    r6, r6, r3
    adcs    r7, r7, #0
    adcs    r8, r8, #0
    adcs    r9, r9, #0
    adcs    r10, r10, r12
    adc     r11, r11, r3
    stmia   r0, {r4-r11}
    pop     {r4-r11, pc}
.endm

@ void p256_add(uint32_t out[8], const uint32_t a[8], const uint32_t b[8]): out = a + b modulo p, less than p; a, b < p.
    .global p256_add
    .hidden p256_add
    .type   p256_add, %function
    .thumb_func
p256_add:
    push    {r4-r11, lr}
    ldmia   r1, {r4-r11}
    ADD_WORD r4, 0, adds
    ADD_WORD r5, 1, adcs
    ADD_WORD r6, 2, adcs
    ADD_WORD r7, 3, adcs
    ADD_WORD r8, 4, adcs
    ADD_WORD r9, 5, adcs
    ADD_WORD r10, 6, adcs
    ADD_WORD r11, 7, adcs
    mov     r3, #0
    adc     r3, r3, #0
    mov     r12, #-1
    subs    r4, r4, r12
    sbcs    r5, r5, r12
    sbcs    r6, r6, r12
    sbcs    r7, r7, #0
    sbcs    r8, r8, #0
    sbcs    r9, r9, #0
    sbcs    r10, r10, #1
    sbcs    r11, r11, r12
    sbc     r3, r3, #0
    GIVE_BACK_AND_STORE
    .size   p256_add, . - p256_add

@ void p256_subtract(uint32_t out[8], const uint32_t a[8], const uint32_t b[8]): out = a - b modulo p, less than p; a, b < p.
    .global p256_subtract
    .hidden p256_subtract
    .type   p256_subtract, %function
    .thumb_func
p256_subtract:
    push    {r4-r11, lr}
    ldmia   r1, {r4-r11}
    ADD_WORD r4, 0, subs
    ADD_WORD r5, 1, sbcs
    ADD_WORD r6, 2, sbcs
    ADD_WORD r7, 3, sbcs
    ADD_WORD r8, 4, sbcs
    ADD_WORD r9, 5, sbcs
    ADD_WORD r10, 6, sbcs
    ADD_WORD r11, 7, sbcs
    sbc     r3, r3, r3
    GIVE_BACK_AND_STORE
    .size   p256_subtract, . - p256_subtract

@ void or_masked(uint32_t to[16], const uint32_t from[16], uint32_t mask): to |= from & mask.
    .global or_masked
    .hidden or_masked
    .type   or_masked, %function
    .thumb_func
or_masked:
    push    {r4-r11}
    .rept   4
    ldmia   r1!, {r4-r7}
    ldmia   r0, {r8-r11}
    and     r4, r4, r2
    and     r5, r5, r2
    and     r6, r6, r2
    and     r7, r7, r2
    orr     r8, r8, r4
    orr     r9, r9, r5
    orr     r10, r10, r6
    orr     r11, r11, r7
    stmia   r0!, {r8-r11}
    .endr
    pop     {r4-r11}
    bx      lr
    .size   or_masked, . - or_masked
