@ One block of SHA-256 (FIPS 180-4 §6.2.2). No branch, no address depends on what is hashed.

    .syntax unified
    .thumb
    .section .text.sha256, "ax", %progbits

    .equ SCHEDULE_BYTES, 256

@ r0 and r1 go through the constants and the schedule; bc is b xor c, and ab becomes a xor b: the next round's bc.
.macro ROUND a, b, c, d, e, f, g, h, ab, bc
    eor     r2, \e, \e, ror #5
    eor     r2, r2, \e, ror #19
    add     \h, \h, r2, ror #6
    eor     r2, \f, \g
    and     r2, r2, \e
    eor     r2, r2, \g
    add     \h, \h, r2
    ldr     r2, [r0], #4
    ldr     r3, [r1], #4
    add     \h, \h, r2
    add     \h, \h, r3
    add     \d, \d, \h
    eor     r2, \a, \a, ror #11
    eor     r2, r2, \a, ror #20
    add     \h, \h, r2, ror #2
    eor     \ab, \a, \b
    and     \bc, \bc, \ab
    eor     \bc, \bc, \b
    add     \h, \h, \bc
.endm

@ w16 = w0 + sigma0(w1) + w9 + sigma1(w14), in place of w0.
.macro EXTEND w0, w1, w9, w14
    add     \w0, \w0, \w9
    ror     r12, \w1, #7
    eor     r12, r12, \w1, ror #18
    eor     r12, r12, \w1, lsr #3
    add     \w0, \w0, r12
    ror     r12, \w14, #17
    eor     r12, r12, \w14, ror #19
    eor     r12, r12, \w14, lsr #10
    add     \w0, \w0, r12
.endm

@ void sha256_block(uint32_t state[8], const uint8_t block[64], const uint32_t constants[64]); block at a multiple of 4.
    .global sha256_block
    .hidden sha256_block
    .type   sha256_block, %function
    .thumb_func
sha256_block:
    push    {r0, r2, r4-r11, lr}
    sub     sp, sp, #SCHEDULE_BYTES
    mov     r3, sp
    add     r12, r3, #64
1:  ldmia   r1!, {r4-r7}
    rev     r4, r4
    rev     r5, r5
    rev     r6, r6
    rev     r7, r7
    stmia   r3!, {r4-r7}
    cmp     r3, r12
    bne     1b
    @ Two words at a time: r4 and r5 are the first ones of sixteen, r10 and r11 the last ones.
    mov     r3, sp
    add     lr, r3, #SCHEDULE_BYTES-64
    ldr     r4, [r3]
    ldrd    r10, r11, [r3, #56]
2:  ldrd    r5, r6, [r3, #4]
    ldrd    r8, r9, [r3, #36]
    EXTEND  r4, r5, r8, r10
    EXTEND  r5, r6, r9, r11
    strd    r4, r5, [r3, #64]
    mov     r10, r4
    mov     r11, r5
    mov     r4, r6
    add     r3, r3, #8
    cmp     r3, lr
    bne     2b
    ldmia   r0, {r4-r11}
    ldr     r0, [sp, #SCHEDULE_BYTES+4]
    mov     r1, sp
    eor     r12, r5, r6
3:  ROUND   r4, r5, r6, r7, r8, r9, r10, r11, lr, r12
    ROUND   r11, r4, r5, r6, r7, r8, r9, r10, r12, lr
    ROUND   r10, r11, r4, r5, r6, r7, r8, r9, lr, r12
    ROUND   r9, r10, r11, r4, r5, r6, r7, r8, r12, lr
    ROUND   r8, r9, r10, r11, r4, r5, r6, r7, lr, r12
    ROUND   r7, r8, r9, r10, r11, r4, r5, r6, r12, lr
    ROUND   r6, r7, r8, r9, r10, r11, r4, r5, lr, r12
    ROUND   r5, r6, r7, r8, r9, r10, r11, r4, r12, lr
    add     r2, sp, #SCHEDULE_BYTES
    cmp     r1, r2
    bne     3b
    add     sp, sp, #SCHEDULE_BYTES
    pop     {r0, r2}
    ldmia   r0, {r1, r2, r3, r12}
    add     r4, r4, r1
    add     r5, r5, r2
    add     r6, r6, r3
    add     r7, r7, r12
    stmia   r0!, {r4-r7}
    ldmia   r0, {r1, r2, r3, r12}
    add     r8, r8, r1
    add     r9, r9, r2
    add     r10, r10, r3
    add     r11, r11, r12
    stmia   r0, {r8-r11}
    pop     {r4-r11, pc}
    .size   sha256_block, . - sha256_block
