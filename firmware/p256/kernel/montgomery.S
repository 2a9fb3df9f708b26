@ Multiplication of 256-bit numbers in Montgomery's form (R = 2^256), eight words of 32 bits, the least first: modulo p of P-256 (p256_multiply) and
@ modulo any odd number (montgomery_product). By UMAAL: lo, hi = x * y + lo + hi, one cycle on a Cortex-M4 whatever it multiplies. No branch, no
@ address depends on a number.

    .syntax unified
    .thumb
    .section .text.montgomery, "ax", %progbits

@ The first three of the four products of two words of b (r2, lr) with two words of a (r0, r1).
.macro THREE_OF_FOUR t0, t1, c0, c1, j
    ldrd    r2, lr, [sp, #36+8*\j]
    umaal   \t0, \c0, r0, r2
    umaal   \t1, \c1, r1, r2
    umaal   \t1, \c0, r0, lr
.endm

@ Two words of a times b from word 2 on, added to the window; c0 and c1 take the two words above it.
.macro REST_OF_ROWS t2, t3, t4, t5, t6, t7, c0, c1
    umaal   \t2, \c1, r1, lr
    THREE_OF_FOUR \t2, \t3, \c0, \c1, 1
    umaal   \t4, \c1, r1, lr
    THREE_OF_FOUR \t4, \t5, \c0, \c1, 2
    umaal   \t6, \c1, r1, lr
    THREE_OF_FOUR \t6, \t7, \c0, \c1, 3
    umaal   \c0, \c1, r1, lr
.endm

@ The same from word 0 on. c1 comes with what the last REDUCE has left to be added at word 1.
.macro ROWS t0, t1, t2, t3, t4, t5, t6, t7, c0, c1, i
    ldrd    r0, r1, [sp, #4+8*\i]
    mov     \c0, #0
    THREE_OF_FOUR \t0, \t1, \c0, \c1, 0
    REST_OF_ROWS \t2, \t3, \t4, \t5, \t6, \t7, \c0, \c1
.endm

@ Adds (t1, t0) * p, so that both become 0 and the window moves up by two words: p = 2^256 - 2^224 + 2^192 + 2^96 - 1, and -1/p = 1 modulo 2^64: the
@ two words are added at words 3 and 6, and 2^32 - 1 times at word 7. Left to the next ROWS, whose c1 it is, is t0 at word 3. `above` is the bit that
@ the REDUCE before left above the window; r0 becomes the next one.
.macro MULTIPLE t0, t1, t7, c0
    mov     r2, #-1
    mov     r0, \t1
    umaal   \t7, r0, \t0, r2
    umaal   \c0, r0, \t1, r2
.endm
.macro UPPER_WORDS t0, t5, t6, t7, c0, c1, above
    adcs    \t5, \t5, #0
    adcs    \t6, \t6, \t0
    adcs    \t7, \t7, #0
    adcs    \c0, \c0, \above
    adcs    \c1, \c1, r0
    adc     r0, r2, #1
.endm
.macro REDUCE t0, t1, t4, t5, t6, t7, c0, c1, above
    MULTIPLE \t0, \t1, \t7, \c0
    adds    \t4, \t4, \t1
    UPPER_WORDS \t0, \t5, \t6, \t7, \c0, \c1, \above
    str     r0, [sp]
.endm

@ void p256_multiply(uint32_t out[8], const uint32_t a[8], const uint32_t b[8]): out = a * b / 2^256 modulo p, less than p; a, b < p; out may be a or b.
    .global p256_multiply
    .hidden p256_multiply
    .type   p256_multiply, %function
    .thumb_func
p256_multiply:
    push    {r0, r4-r11, lr}
    ldmia   r2, {r4-r11}
    push    {r4-r11}
    ldmia   r1, {r4-r11}
    push    {r3-r11}
    @ The stack: a place for the bit above the window, a, b.
    ldrd    r0, r1, [sp, #4]
    ldrd    r2, lr, [sp, #36]
    umull   r6, r3, r0, r2
    umull   r5, r4, r1, r2
    umaal   r5, r3, r0, lr
    mov     r7, #0
    mov     r8, #0
    mov     r9, #0
    mov     r10, #0
    mov     r11, #0
    mov     r12, #0
    REST_OF_ROWS r8, r7, r10, r9, r11, r12, r3, r4
    REDUCE  r6, r5, r10, r9, r11, r12, r3, r4, #0
    ROWS    r8, r7, r10, r9, r11, r12, r3, r4, r5, r6, 1
    ldr     r1, [sp]
    REDUCE  r8, r7, r11, r12, r3, r4, r5, r6, r1
    ROWS    r10, r9, r11, r12, r3, r4, r5, r6, r7, r8, 2
    ldr     r1, [sp]
    REDUCE  r10, r9, r3, r4, r5, r6, r7, r8, r1
    ROWS    r11, r12, r3, r4, r5, r6, r7, r8, r9, r10, 3
    ldr     r1, [sp]
    MULTIPLE r11, r12, r8, r9
    adds    r4, r4, r11
    adcs    r5, r5, r12
    UPPER_WORDS r11, r6, r7, r8, r9, r10, r1
    @ The window is r3..r10, r0, less than 2p. Takes p away (r2 is all ones), and gives it back when that was too much.
    subs    r3, r3, r2
    sbcs    r4, r4, r2
    sbcs    r5, r5, r2
    sbcs    r6, r6, #0
    sbcs    r7, r7, #0
    sbcs    r8, r8, #0
    sbcs    r9, r9, #1
    sbcs    r10, r10, r2
    sbc     r0, r0, #0
    add     sp, sp, #68
    and     r2, r0, #1
    adds    r3, r3, r0
    adcs    r4, r4, r0
    adcs    r5, r5, r0
    adcs    r6, r6, #0
    adcs    r7, r7, #0
    adcs    r8, r8, #0
    adcs    r9, r9, r2
    adc     r10, r10, r0
    pop     {r0}
    stmia   r0, {r3-r10}
    pop     {r4-r11, pc}
    .size   p256_multiply, . - p256_multiply

.macro TIMES_WORD t, at
    ldr     r0, [r2, #\at]
    umaal   \t, r1, r12, r0
.endm

@ uint32_t montgomery_product(uint32_t out[8], const uint32_t a[8], const uint32_t b[8], const struct modulus *m): out and the carry that is returned are
@ a * b / 2^256 modulo m, less than 2m; a, b < m; out may be a or b. A word of a at a time: of short code, and seldom called.
    .global montgomery_product
    .hidden montgomery_product
    .type   montgomery_product, %function
    .thumb_func
montgomery_product:
    push    {r0, r4-r11, lr}
    add     r12, r1, #32
    push    {r1, r2, r3, r12}
    mov     r3, #0
    mov     r4, #0
    mov     r5, #0
    mov     r6, #0
    mov     r7, #0
    mov     r8, #0
    mov     r9, #0
    mov     r10, #0
    mov     lr, #0
    @ The window is r3..r10 and lr, the bit above it.
1:  ldr     r2, [sp]
    ldr     r12, [r2], #4
    str     r2, [sp]
    ldr     r2, [sp, #4]
    mov     r1, #0
    TIMES_WORD r3, 0
    TIMES_WORD r4, 4
    TIMES_WORD r5, 8
    TIMES_WORD r6, 12
    TIMES_WORD r7, 16
    TIMES_WORD r8, 20
    TIMES_WORD r9, 24
    TIMES_WORD r10, 28
    adds    r11, r1, lr
    mov     lr, #0
    adc     lr, lr, #0
    @ Adds the multiple of m that makes the lowest word 0: m[8] is -1/m modulo 2^32.
    ldr     r2, [sp, #8]
    ldr     r0, [r2, #32]
    mul     r12, r3, r0
    mov     r1, #0
    TIMES_WORD r3, 0
    TIMES_WORD r4, 4
    TIMES_WORD r5, 8
    TIMES_WORD r6, 12
    TIMES_WORD r7, 16
    TIMES_WORD r8, 20
    TIMES_WORD r9, 24
    TIMES_WORD r10, 28
    mov     r3, r4
    mov     r4, r5
    mov     r5, r6
    mov     r6, r7
    mov     r7, r8
    mov     r8, r9
    mov     r9, r10
    adds    r10, r11, r1
    adc     lr, lr, #0
    ldr     r0, [sp]
    ldr     r1, [sp, #12]
    cmp     r0, r1
    bne     1b
    add     sp, sp, #16
    pop     {r0}
    stmia   r0, {r3-r10}
    mov     r0, lr
    pop     {r4-r11, pc}
    .size   montgomery_product, . - montgomery_product
