#define _GNU_SOURCE
#include "clinux_crash.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct {
  int number;
  const char *name;
} fatal[] = {
    {SIGSEGV, "SIGSEGV"}, {SIGBUS, "SIGBUS"}, {SIGILL, "SIGILL"}, {SIGFPE, "SIGFPE"},
    {SIGABRT, "SIGABRT"}, {SIGTRAP, "SIGTRAP"}, {SIGSYS, "SIGSYS"},
};
enum { fatal_count = sizeof fatal / sizeof fatal[0], handler_stack_bytes = 64 << 10 };

static struct sigaction before[fatal_count];
static struct clinux_crash_lines *published;
static pid_t dying;  // The thread whose signal came first; 0 while all is well.

int clinux_crash_has_begun(void) { return __atomic_load_n(&dying, __ATOMIC_ACQUIRE) != 0; }

void clinux_crash_publish(struct clinux_crash_lines *lines) {
  __atomic_store_n(&published, lines, __ATOMIC_RELEASE);
}

// Writes what the descriptor takes; a reader that takes nothing for a tenth of a second is given up.
static void write_bounded(int descriptor, const char *bytes, size_t count) {
  while (count > 0) {
    struct pollfd wait = {.fd = descriptor, .events = POLLOUT};
    if (poll(&wait, 1, 100) <= 0 || !(wait.revents & POLLOUT)) return;
    // At most PIPE_BUF: what poll promises a pipe has room for.
    ssize_t written = write(descriptor, bytes, count < 4096 ? count : 4096);
    if (written < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (written <= 0) return;
    bytes += written;
    count -= (size_t)written;
  }
}

static void write_area(const struct clinux_crash_lines *lines, int area) {
  size_t begin = __atomic_load_n(&lines->begin[area], __ATOMIC_ACQUIRE);
  size_t end = __atomic_load_n(&lines->end[area], __ATOMIC_ACQUIRE);
  if (begin < end) write_bounded(lines->descriptor, lines->base[area] + begin, end - begin);
}

static char *put(char *to, const char *text) {
  while (*text) *to++ = *text++;
  return to;
}

static char *put_number(char *to, uintptr_t number, unsigned base) {
  char digits[20];
  int count = 0;
  do digits[count++] = "0123456789abcdef"[number % base];
  while ((number /= base) > 0);
  while (count > 0) *to++ = digits[--count];
  return to;
}

static void handle(int number, siginfo_t *info, void *context) {
  (void)context;
  int index = 0;
  while (index < fatal_count - 1 && fatal[index].number != number) index++;
  pid_t self = (pid_t)syscall(SYS_gettid);
  pid_t first = 0;
  if (!__atomic_compare_exchange_n(&dying, &first, self, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
    // Another thread dies too: it adds nothing, and must not end the process before the first is done.
    while (first != self) pause();
    // This handler itself failed: no more words.
    signal(number, SIG_DFL);
    syscall(SYS_tgkill, getpid(), self, number);
    return;
  }
  struct clinux_crash_lines *lines = __atomic_load_n(&published, __ATOMIC_ACQUIRE);
  if (lines) {
    int older = __atomic_load_n(&lines->older, __ATOMIC_ACQUIRE) & 1;
    write_area(lines, older);
    write_area(lines, !older);
  }
  char line[160];
  char thread[17] = {0};
  char *end = put(line, "varve: fatal: signal ");
  end = put_number(end, (uintptr_t)number, 10);
  end = put(put(put(end, " ("), fatal[index].name), ")");
  if (number == SIGSEGV || number == SIGBUS || number == SIGILL || number == SIGFPE) {
    end = put_number(put(end, " at address 0x"), (uintptr_t)info->si_addr, 16);
  }
  if (prctl(PR_GET_NAME, thread) == 0) end = put(put(end, " in thread "), thread);
  end = put(end, "\n");
  write_bounded(STDERR_FILENO, line, (size_t)(end - line));
  // Die of the same signal, so that the exit status and a core file tell it; whoever handled it before us
  // (a debugger's or the language's own reporter) has its turn.
  sigaction(number, &before[index], NULL);
  syscall(SYS_tgkill, getpid(), self, number);
}

int clinux_crash_install(void) {
  // A stack overflow leaves no room for a handler on the stack that overflowed.
  stack_t stack = {.ss_size = handler_stack_bytes};
  stack.ss_sp = mmap(
      NULL, handler_stack_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (stack.ss_sp == MAP_FAILED) return errno;
  if (sigaltstack(&stack, NULL) != 0) return errno;
  struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  sigfillset(&action.sa_mask);
  for (int index = 0; index < fatal_count; index++) {
    // A fault inside the handler must end the process, not wait for the handler.
    sigdelset(&action.sa_mask, fatal[index].number);
  }
  for (int index = 0; index < fatal_count; index++) {
    if (sigaction(fatal[index].number, &action, &before[index]) != 0) return errno;
  }
  return 0;
}
