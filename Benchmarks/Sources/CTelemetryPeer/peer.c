#define _GNU_SOURCE
#include "telemetry_peer.h"

#include <stdio.h>
#include <time.h>

static uint64_t counter, sum, cells[22], bounds[21];
int telemetry_peer_threshold = 2;

void peer_increment(uint64_t operations) {
  for (uint64_t i = 0; i < operations; i++) __atomic_fetch_add(&counter, 1, __ATOMIC_RELAXED);
}

void peer_observe(uint64_t operations) {
  for (int i = 0; i < 21; i++) bounds[i] = 16000ull << i;
  for (uint64_t i = 0; i < operations; i++) {
    uint64_t amount = (i & 1023) * 1000;
    int low = 0, high = 21;
    while (low < high) {
      int middle = (low + high) >> 1;
      if (bounds[middle] < amount) low = middle + 1;
      else high = middle;
    }
    __atomic_fetch_add(&cells[low], 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&sum, amount, __ATOMIC_RELAXED);
  }
}

__attribute__((noinline)) static void emit(uint64_t i) { __atomic_fetch_add(&sum, i, __ATOMIC_RELAXED); }

void peer_disabled(uint64_t operations) {
  for (uint64_t i = 0; i < operations; i++) {
    if (1 >= __atomic_load_n(&telemetry_peer_threshold, __ATOMIC_RELAXED)) emit(i);
  }
}

void peer_log(uint64_t operations) {
  static FILE *sink;
  if (!sink) sink = fopen("/dev/null", "w");
  if (!sink) return;
  for (uint64_t i = 0; i < operations; i++) {
    struct timespec now;
    struct tm parts;
    char line[512];
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &parts);
    int count = snprintf(
        line, sizeof line,
        "time=%04d-%02d-%02dT%02d:%02d:%02d.%06ldZ level=%s module=%s msg=\"%s\" peer=%s number=%llu ok=%s\n",
        parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
        now.tv_nsec / 1000, "info", "bench", "request served", "192.0.2.1", (unsigned long long)i, "true");
    fwrite(line, 1, (size_t)count, sink);
  }
}
