#include "measure.h"
#include <stdarg.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

static _Thread_local char message[512];

const char *projection_peer_error(void) { return message; }

int projection_peer_fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  return -1;
}

static double wall(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec + now.tv_nsec / 1e9;
}

static double processor(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return now.tv_sec + now.tv_nsec / 1e9;
}

void projection_peer_begin(struct projection_load *load) {
  load->seconds = -wall();
  load->processor_seconds = -processor();
}

void projection_peer_end(struct projection_load *load) {
  load->seconds += wall();
  load->processor_seconds += processor();
}

// Made once: what is measured is the store, not snprintf.
static char accounts[1000][16], memos[1000][32];

__attribute__((constructor)) static void make_values(void) {
  for (int index = 0; index < 1000; index++) {
    snprintf(accounts[index], sizeof accounts[index], "account-%04d", index);
    snprintf(memos[index], sizeof memos[index], "invoice %06d of the year", index);
  }
}

struct projection_entry projection_peer_entry(int64_t index) {
  return (struct projection_entry){
      accounts[index * 7919 % 1000], memos[index % 1000], index * 104729 % 1000000};
}
