// A QEMU plugin: what a piece of a program did, as a number of instructions and a hash of every address that it ran or touched, in order. The program says
// where the piece begins and ends by two calls of getppid. Debian's qemu-user takes plugins and ships no header: what is needed is declared here (QEMU 7.2,
// include/qemu/qemu-plugin.h).

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define VISIBLE __attribute__((visibility("default")))
#define ARM_GETPPID 64
#define NO_REGISTERS 0
#define READS_AND_WRITES 3
#define ADD_U64 0

typedef uint64_t qemu_plugin_id_t;
typedef uint32_t qemu_plugin_meminfo_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t, void (*)(qemu_plugin_id_t, struct qemu_plugin_tb *));
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *, void (*)(unsigned, void *), int, void *);
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *, int, void *, uint64_t);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *, void (*)(unsigned, qemu_plugin_meminfo_t, uint64_t, void *), int, int, void *);
void qemu_plugin_register_vcpu_syscall_cb(qemu_plugin_id_t, void (*)(qemu_plugin_id_t, unsigned, int64_t, uint64_t, uint64_t, uint64_t, uint64_t,
                                                                    uint64_t, uint64_t, uint64_t, uint64_t));

VISIBLE int qemu_plugin_version = 1;

static uint64_t instructions, hash;
static bool is_traced = true;

static void mix(uint64_t value) { hash = (hash ^ value) * 0x100000001b3u; }
static void ran(unsigned cpu, void *address) {
  (void)cpu;
  mix((uintptr_t)address);
}
static void touched(unsigned cpu, qemu_plugin_meminfo_t info, uint64_t address, void *unused) {
  (void)cpu, (void)unused;
  mix(address ^ (uint64_t)info << 32);
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb) {
  (void)id;
  for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
    struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
    qemu_plugin_register_vcpu_insn_exec_inline(insn, ADD_U64, &instructions, 1);
    if (!is_traced) continue;
    qemu_plugin_register_vcpu_insn_exec_cb(insn, ran, NO_REGISTERS, (void *)(uintptr_t)qemu_plugin_insn_vaddr(insn));
    qemu_plugin_register_vcpu_mem_cb(insn, touched, NO_REGISTERS, READS_AND_WRITES, NULL);
  }
}

static void called(qemu_plugin_id_t id, unsigned cpu, int64_t number, uint64_t is_end, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f, uint64_t g,
                   uint64_t h) {
  (void)id, (void)cpu, (void)b, (void)c, (void)d, (void)e, (void)f, (void)g, (void)h;
  if (number != ARM_GETPPID) return;
  if (is_end == 1) fprintf(stderr, "%" PRIu64 " %016" PRIx64 "\n", instructions, hash);
  instructions = 0;
  hash = 0xcbf29ce484222325u;
}

VISIBLE int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv) {
  (void)info;
  for (int i = 0; i < argc; i++)
    if (argv[i][0] == 'c') is_traced = false;
  qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
  qemu_plugin_register_vcpu_syscall_cb(id, called);
  return 0;
}
