// The few system calls that Swift's Glibc module cannot express: macros, variadics, unions and errno as
// one-line inline wrappers; those that need GNU extensions are declared here and defined in clinux.c,
// because defining _GNU_SOURCE here would make this module disagree with Swift's Glibc. No logic lives here.
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/types.h>
#include <unistd.h>

static inline int clinux_errno(void) { return errno; }

static inline ssize_t clinux_getrandom(void *bytes, size_t count) { return getrandom(bytes, count, 0); }

int clinux_set_thread_name(const char *name);

// The symbolic name ("ENOENT") and the sentence of an error number; null when the kernel's number is unknown.
const char *clinux_error_name(int code);
const char *clinux_error_text(int code);
int clinux_dup3(int from, int to, int flags);

// Waits for a semaphore, a sem_t, until a moment of the monotonic clock. A void pointer, because Swift's Glibc
// owns the type.
int clinux_semaphore_wait_until(void *semaphore, int64_t seconds, int64_t nanoseconds);

// epoll. The event mask is unsigned with the top bit set, and epoll_data is a union in a packed struct.
#include <stdint.h>

static inline int clinux_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

// Every readiness of a socket, edge-triggered.
static inline int clinux_epoll_add_socket(int epoll, int descriptor, uint64_t data) {
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.u64 = data};
  return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
}

// Readability alone, edge-triggered: for listeners and eventfds.
static inline int clinux_epoll_add_readable(int epoll, int descriptor, uint64_t data) {
  struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.u64 = data};
  return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
}

static inline int clinux_epoll_remove(int epoll, int descriptor) {
  return epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, NULL);
}

static inline int clinux_epoll_wait(int epoll, struct epoll_event *events, int capacity, int milliseconds) {
  return epoll_wait(epoll, events, capacity, milliseconds);
}

static inline uint64_t clinux_epoll_data(const struct epoll_event *events, int index) {
  return events[index].data.u64;
}

static inline uint32_t clinux_epoll_bits(const struct epoll_event *events, int index) {
  return events[index].events;
}

static inline int clinux_eventfd(void) {
  int eventfd(unsigned, int);
  return eventfd(0, O_CLOEXEC | O_NONBLOCK);
}

// The event loop that runs on this thread; null on every other thread.
extern _Thread_local void *clinux_loop_of_thread;
static inline void *clinux_current_loop(void) { return clinux_loop_of_thread; }
static inline void clinux_set_current_loop(void *loop) { clinux_loop_of_thread = loop; }

// Where this thread notes the loops it has yet to wake; null when it wakes them at once.
extern _Thread_local void *clinux_held_wakes_of_thread;
static inline void *clinux_held_wakes(void) { return clinux_held_wakes_of_thread; }
static inline void clinux_set_held_wakes(void *wakes) { clinux_held_wakes_of_thread = wakes; }

int clinux_accept(int listener, void *address, unsigned *length);

// preadv2 with RWF_NOWAIT: EAGAIN instead of waiting for the disk.
ssize_t clinux_pread_cached(int descriptor, void *bytes, size_t count, off_t offset);

ssize_t clinux_sendfile(int socket, int file, off_t offset, size_t count);

// How many cores this process may run on.
int clinux_core_count(void);

// Which task runs on this thread, as the concurrency library knows it; null for none. An address to compare,
// never to follow. `withUnsafeCurrentTask` says the same but retains the task: 25 ns at every wait.
__attribute__((swiftcall)) void *swift_task_getCurrent(void);
static inline uintptr_t clinux_current_task(void) { return (uintptr_t)swift_task_getCurrent(); }
