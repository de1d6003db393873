// Bare loops over the kernel's calls: what no log on this disk can be faster than.
#define _GNU_SOURCE
#include "log_peer.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "failure.h"

enum { cached_buffer_bytes = 64 << 10, zeros_bytes = 1 << 20 };

uint64_t log_peer_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void log_peer_sleep_until(uint64_t nanoseconds) {
  struct timespec until = {(time_t)(nanoseconds / 1000000000u), (long)(nanoseconds % 1000000000u)};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR) {
  }
}

static int write_all(int file, const char *bytes, size_t count, off_t at) {
  while (count > 0) {
    ssize_t written = pwrite(file, bytes, count, at);
    if (written <= 0) return log_peer_fail("pwrite");
    bytes += written;
    at += written;
    count -= (size_t)written;
  }
  return 0;
}

int log_peer_zeroed_file(const char *path, size_t bytes) {
  int file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) return log_peer_fail("%s", path);
  char *zeros = calloc(1, zeros_bytes);
  for (size_t at = 0; zeros && at < bytes; at += zeros_bytes) {
    size_t count = bytes - at < zeros_bytes ? bytes - at : zeros_bytes;
    if (write_all(file, zeros, count, (off_t)at) != 0) break;
  }
  free(zeros);
  if (lseek(file, 0, SEEK_END) != (off_t)bytes || fsync(file) != 0) {
    close(file);
    return log_peer_fail("%s: writing zeros", path);
  }
  return file;
}

int log_peer_durable(
    int file, size_t file_bytes, size_t record_bytes, double batch_records, double seconds, struct log_load *load,
    uint64_t *batches) {
  size_t most = ((size_t)batch_records + 2) * record_bytes;
  char *bytes = malloc(most);
  if (!bytes || most > file_bytes) return log_peer_fail("a batch of %zu bytes", most);
  memset(bytes, 0x5a, most);
  size_t at = 0;
  double owed = 0;
  uint64_t began = log_peer_now(), now = began, count = 0, records = 0;
  uint64_t end = began + (uint64_t)(seconds * 1e9);
  int result = 0;
  while (now < end) {
    owed += batch_records;
    size_t batch = owed < 1 ? 1 : (size_t)owed;
    owed -= (double)batch;
    if (at + batch * record_bytes > file_bytes) at = 0;
    if (write_all(file, bytes, batch * record_bytes, (off_t)at) != 0 || fdatasync(file) != 0) {
      result = log_peer_fail("durable append");
      break;
    }
    at += batch * record_bytes;
    records += batch;
    uint64_t after = log_peer_now();
    if (count < load->capacity) load->latencies[count] = after - now;
    count++;
    now = after;
  }
  free(bytes);
  load->operations = records;
  load->nanoseconds = now - began;
  *batches = count;
  return result;
}

int log_peer_cached(int file, size_t file_bytes, size_t record_bytes, uint64_t records) {
  static char buffer[cached_buffer_bytes];
  char *record = malloc(record_bytes);
  if (!record || record_bytes > sizeof buffer) return log_peer_fail("a record of %zu bytes", record_bytes);
  memset(record, 0x5a, record_bytes);
  size_t used = 0, at = 0;
  int result = 0;
  for (uint64_t i = 0; i < records && result == 0; i++) {
    if (used + record_bytes > sizeof buffer) {
      if (at + used > file_bytes) at = 0;
      result = write_all(file, buffer, used, (off_t)at);
      at += used;
      used = 0;
    }
    memcpy(buffer + used, record, record_bytes);
    used += record_bytes;
  }
  if (result == 0) result = write_all(file, buffer, used, at + used > file_bytes ? 0 : (off_t)at);
  free(record);
  return result;
}

int64_t log_peer_read(const char *path, size_t buffer_bytes) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return log_peer_fail("%s", path);
  char *buffer = malloc(buffer_bytes);
  int64_t total = 0;
  ssize_t count = -1;
  while (buffer && (count = read(file, buffer, buffer_bytes)) > 0) total += count;
  free(buffer);
  close(file);
  return count < 0 ? log_peer_fail("reading %s", path) : total;
}

// The sleeper and its waker take turns: `turn` counts the events given, `seen_at` answers each.
struct wake {
  _Atomic uint32_t turn;
  _Atomic uint64_t seen_at;
  uint64_t events;
};

static void *sleep_and_look(void *argument) {
  struct wake *wake = argument;
  for (uint32_t seen = 0; seen < wake->events; seen++) {
    while (atomic_load(&wake->turn) == seen) syscall(SYS_futex, &wake->turn, FUTEX_WAIT_PRIVATE, seen, NULL, NULL, 0);
    atomic_store(&wake->seen_at, log_peer_now());
  }
  return NULL;
}

int log_peer_wake(int file, size_t record_bytes, uint64_t events, uint64_t pause_nanoseconds, struct log_load *load) {
  struct wake wake = {.events = events};
  pthread_t sleeper;
  char *record = malloc(record_bytes);
  if (!record) return log_peer_fail("out of memory");
  memset(record, 0x5a, record_bytes);
  if (pthread_create(&sleeper, NULL, sleep_and_look, &wake) != 0) return log_peer_fail("no thread");
  int result = 0;
  uint64_t began = log_peer_now();
  for (uint64_t i = 0; i < events; i++) {
    log_peer_sleep_until(began + (i + 1) * pause_nanoseconds);
    atomic_store(&wake.seen_at, 0);
    uint64_t start = log_peer_now();
    if (result == 0 && (write_all(file, record, record_bytes, (off_t)(i * record_bytes)) != 0 || fdatasync(file) != 0))
      result = log_peer_fail("durable append");
    atomic_fetch_add(&wake.turn, 1);
    syscall(SYS_futex, &wake.turn, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
    uint64_t seen;
    while ((seen = atomic_load(&wake.seen_at)) == 0) sched_yield();
    if (i < load->capacity) load->latencies[i] = seen - start;
  }
  pthread_join(sleeper, NULL);
  free(record);
  load->operations = events;
  load->nanoseconds = log_peer_now() - began;
  return result;
}
