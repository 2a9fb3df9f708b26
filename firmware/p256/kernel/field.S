@ Modulo p of P-256, eight words, the least first: sums, differences, halves, opposites. And of any such number: whether it is 0, and one out of a table,
@ all of which is read. No branch, no address depends on a number.

    .syntax unified
    .thumb
    .section .text.field, "ax", %progbits

@ r4..r11 + or - the number at r2, which is lost with r1, r3, r12 and lr.
.macro WITH_NUMBER first, next
    ldmia   r2!, {r1, r3, r12, lr}
    \first  r4, r4, r1
    \next   r5, r5, r3
    \next   r6, r6, r12
    \next   r7, r7, lr
    ldmia   r2, {r1, r3, r12, lr}
    \next   r8, r8, r1
    \next   r9, r9, r3
    \next   r10, r10, r12
    \next   r11, r11, lr
.endm

@ Adds p to r4..r11 where r3 is all ones, nothing where it is 0; the carry is set.
.macro GIVE_BACK
    and     r12, r3, #1
    adds    r4, r4, r3
    adcs    r5, r5, r3
    adcs    r6, r6, r3
    adcs    r7, r7, #0
    adcs    r8, r8, #0
    adcs    r9, r9, #0
    adcs    r10, r10, r12
    adcs    r11, r11, r3
.endm

@ void p256_add(uint32_t out[8], const uint32_t a[8], const uint32_t b[8]): out = a + b modulo p, less than p; a, b < p.
    .global p256_add
    .hidden p256_add
    .type   p256_add, %function
    .thumb_func
p256_add:
    push    {r4-r11, lr}
    ldmia   r1, {r4-r11}
    WITH_NUMBER adds, adcs
    mov     r12, #-1
    adc     r3, r12, #1
    subs    r4, r4, r12
    sbcs    r5, r5, r12
    sbcs    r6, r6, r12
    sbcs    r7, r7, #0
    sbcs    r8, r8, #0
    sbcs    r9, r9, #0
    sbcs    r10, r10, #1
    sbcs    r11, r11, r12
    sbc     r3, r3, #0
    GIVE_BACK
    stmia   r0, {r4-r11}
    pop     {r4-r11, pc}
    .size   p256_add, . - p256_add

@ void p256_subtract(uint32_t out[8], const uint32_t a[8], const uint32_t b[8]): out = a - b modulo p, less than p; a, b < p.
    .global p256_subtract
    .hidden p256_subtract
    .type   p256_subtract, %function
    .thumb_func
p256_subtract:
    push    {r4-r11, lr}
    ldmia   r1, {r4-r11}
    WITH_NUMBER subs, sbcs
    sbc     r3, r3, r3
    GIVE_BACK
    stmia   r0, {r4-r11}
    pop     {r4-r11, pc}
    .size   p256_subtract, . - p256_subtract

@ void p256_half(uint32_t out[8], const uint32_t a[8]): out = a / 2 modulo p, less than p; a < p.
    .global p256_half
    .hidden p256_half
    .type   p256_half, %function
    .thumb_func
p256_half:
    push    {r4-r11, lr}
    ldmia   r1, {r4-r11}
    sbfx    r3, r4, #0, #1
    GIVE_BACK
    rrxs    r11, r11
    rrxs    r10, r10
    rrxs    r9, r9
    rrxs    r8, r8
    rrxs    r7, r7
    rrxs    r6, r6
    rrxs    r5, r5
    rrx     r4, r4
    stmia   r0, {r4-r11}
    pop     {r4-r11, pc}
    .size   p256_half, . - p256_half

@ void p256_negate_if(uint32_t a[8], uint32_t mask): a = p - a where the mask is all ones, unchanged where it is 0; 0 < a < p. p - a = p + 1 + ~a.
    .global p256_negate_if
    .hidden p256_negate_if
    .type   p256_negate_if, %function
    .thumb_func
p256_negate_if:
    push    {r4-r11}
    ldmia   r0, {r4-r11}
    eor     r4, r4, r1
    eor     r5, r5, r1
    eor     r6, r6, r1
    eor     r7, r7, r1
    eor     r8, r8, r1
    eor     r9, r9, r1
    eor     r10, r10, r1
    eor     r11, r11, r1
    and     r2, r1, #1
    adds    r7, r7, r2
    adcs    r8, r8, #0
    adcs    r9, r9, #0
    adcs    r10, r10, r2
    adc     r11, r11, r1
    stmia   r0, {r4-r11}
    pop     {r4-r11}
    bx      lr
    .size   p256_negate_if, . - p256_negate_if

.macro TAKE_ENTRY
    ldmia   r1!, {r3, r12, lr}
    mla     r4, r3, r0, r4
    mla     r5, r12, r0, r5
    mla     r6, lr, r0, r6
    ldmia   r1!, {r3, r12, lr}
    mla     r7, r3, r0, r7
    mla     r8, r12, r0, r8
    mla     r9, lr, r0, r9
    ldmia   r1!, {r3, r12}
    mla     r10, r3, r0, r10
    mla     r11, r12, r0, r11
.endm

@ void number_choose(uint32_t out[8], const uint32_t table[count][8], uint32_t index, uint32_t count): out = table[index]. Reads all of it, two entries at
@ a time: count is even, and less than 32.
    .global number_choose
    .hidden number_choose
    .type   number_choose, %function
    .thumb_func
number_choose:
    push    {r0, r4-r11, lr}
    @ A bit at the index, and one above all entries, which ends it.
    mov     r0, #1
    lsl     r2, r0, r2
    lsl     r0, r0, r3
    orr     r2, r2, r0
    mov     r4, #0
    mov     r5, #0
    mov     r6, #0
    mov     r7, #0
    mov     r8, #0
    mov     r9, #0
    mov     r10, #0
    mov     r11, #0
1:  and     r0, r2, #1
    TAKE_ENTRY
    ubfx    r0, r2, #1, #1
    TAKE_ENTRY
    lsr     r2, r2, #2
    cmp     r2, #1
    bne     1b
    pop     {r0}
    stmia   r0, {r4-r11}
    pop     {r4-r11, pc}
    .size   number_choose, . - number_choose

@ uint32_t number_is_zero(const uint32_t a[8]): all ones when it is 0.
    .global number_is_zero
    .hidden number_is_zero
    .type   number_is_zero, %function
    .thumb_func
number_is_zero:
    ldmia   r0!, {r1, r2, r3, r12}
    orr     r1, r1, r2
    orr     r3, r3, r12
    orr     r1, r1, r3
    ldmia   r0, {r0, r2, r3, r12}
    orr     r0, r0, r1
    orr     r2, r2, r3
    orr     r0, r0, r12
    orr     r0, r0, r2
    clz     r0, r0
    lsr     r0, r0, #5
    rsb     r0, r0, #0
    bx      lr
    .size   number_is_zero, . - number_is_zero
