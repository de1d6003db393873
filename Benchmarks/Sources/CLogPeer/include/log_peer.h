// What the log is compared with: bare loops over the kernel's calls, and clients that keep a fixed number of
// appends outstanding at a Redis, NATS or Kafka server. Functions answer 0, or -1 with a message in
// log_peer_error().
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// What a run did. `latencies` belongs to the caller; samples beyond its capacity are counted but not kept.
struct log_load {
  uint64_t operations;
  uint64_t nanoseconds;
  uint64_t *latencies;
  size_t capacity;
};

// The reason of the last failure on this thread.
const char *log_peer_error(void);

uint64_t log_peer_now(void);

// Makes a file of `bytes` zeros, written and synced, and returns its descriptor (-1: failed).
int log_peer_zeroed_file(const char *path, size_t bytes);

// Raw ceiling of durable appends: pwrite of a batch over zeros and fdatasync, again and again for `seconds`, wrapping
// at `file_bytes`. A batch holds `batch_records` records of `record_bytes` on average (whole numbers taking turns).
// `operations` counts records, `latencies` holds one figure a batch. `batches` is how many there were.
int log_peer_durable(
    int file, size_t file_bytes, size_t record_bytes, double batch_records, double seconds, struct log_load *load,
    uint64_t *batches);

// Raw ceiling of cached appends: memcpy into 64 KiB and one pwrite each time it is full.
int log_peer_cached(int file, size_t file_bytes, size_t record_bytes, uint64_t records);

// Raw ceiling of reading: read(2) into a buffer of `buffer_bytes` until the end. Answers the bytes read.
int64_t log_peer_read(const char *path, size_t buffer_bytes);

// Raw ceiling of waking a subscriber: a thread sleeps on a futex; this one, every `pause_nanoseconds`, pwrites and
// fdatasyncs a record and wakes it. A latency runs from before the pwrite to the sleeper's first look.
int log_peer_wake(int file, size_t record_bytes, uint64_t events, uint64_t pause_nanoseconds, struct log_load *load);

// Waits until the time `log_peer_now` gives, by clock_nanosleep.
void log_peer_sleep_until(uint64_t nanoseconds);

// One connection a producer, one append outstanding on each, all driven by one epoll loop.
int log_peer_redis(uint16_t port, int producers, size_t record_bytes, double seconds, struct log_load *load);
int log_peer_nats(uint16_t port, int producers, size_t record_bytes, double seconds, struct log_load *load);

// One command or request, its answer ignored but for an error: between runs, untimed.
int log_peer_redis_command(uint16_t port, const char *command);
int log_peer_nats_request(uint16_t port, const char *subject, const char *body);

// librdkafka, acks=all, no lingering, `producers` records outstanding.
int log_peer_kafka(uint16_t port, int producers, size_t record_bytes, double seconds, struct log_load *load);

// Starts a program that ends when this thread does, its output in a file. Answers its process id.
pid_t log_peer_spawn(
    const char *program, char *const *arguments, const char *directory, const char *output);

// Whether it is still there.
int log_peer_runs(pid_t process);

// Waits for its end. 0: it exited with 0.
int log_peer_wait(pid_t process);

// Kills it, for what it would save is thrown away, and waits for its end.
void log_peer_stop(pid_t process);

// A port of 127.0.0.1 that nothing listens on (0: failed), and whether something listens there now.
uint16_t log_peer_free_port(void);
int log_peer_listens(uint16_t port);

// Cache flushes the disk under `path` was asked for since it was attached, -1 where the kernel does not say.
int64_t log_peer_flushes(const char *path);

// Whether `path` is on tmpfs or ramfs, which keep nothing.
int log_peer_is_memory(const char *path);

// Resident memory of this process in bytes.
uint64_t log_peer_resident(void);
