// Wrappers that need GNU extensions in force before the first system header, which a Clang module
// imported by Swift cannot promise.
#define _GNU_SOURCE
#include "clinux.h"

int clinux_set_thread_name(const char *name) { return pthread_setname_np(pthread_self(), name); }

#include <string.h>

const char *clinux_error_name(int code) { return strerrorname_np(code); }

const char *clinux_error_text(int code) { return strerrordesc_np(code); }
int clinux_dup3(int from, int to, int flags) { return dup3(from, to, flags); }

#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

_Thread_local void *clinux_loop_of_thread;
_Thread_local void *clinux_held_wakes_of_thread;

int clinux_accept(int listener, void *address, unsigned *length) {
  return accept4(listener, address, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

ssize_t clinux_pread_cached(int descriptor, void *bytes, size_t count, off_t offset) {
  struct iovec range = {.iov_base = bytes, .iov_len = count};
  return preadv2(descriptor, &range, 1, offset, RWF_NOWAIT);
}

ssize_t clinux_sendfile(int socket, int file, off_t offset, size_t count) {
  return sendfile(socket, file, &offset, count);
}

#include <sched.h>

int clinux_core_count(void) {
  cpu_set_t cores;
  return sched_getaffinity(0, sizeof cores, &cores) == 0 ? CPU_COUNT(&cores) : 1;
}

#include <semaphore.h>

int clinux_semaphore_wait_until(void *semaphore, int64_t seconds, int64_t nanoseconds) {
  struct timespec deadline = {.tv_sec = seconds, .tv_nsec = nanoseconds};
  return sem_clockwait(semaphore, CLOCK_MONOTONIC, &deadline);
}
