// Last words of a dying process. Only async-signal-safe calls may be made once a fatal signal has come, and
// no Swift code is that; so the little that happens then is written in C, here and in clinux_crash.c.
#pragma once
#include <stddef.h>

// The log lines that wait for a descriptor, as one queue publishes them: two areas of memory that live as
// long as the process, and which part of each holds whole lines not written yet.
struct clinux_crash_lines {
  int descriptor;
  int older;  // The area whose lines came first.
  const char *base[2];
  size_t begin[2];
  size_t end[2];
};

static inline void clinux_crash_lines_set_begin(struct clinux_crash_lines *lines, int area, size_t begin) {
  __atomic_store_n(&lines->begin[area], begin, __ATOMIC_RELEASE);
}

static inline void clinux_crash_lines_set_end(struct clinux_crash_lines *lines, int area, size_t end) {
  __atomic_store_n(&lines->end[area], end, __ATOMIC_RELEASE);
}

static inline void clinux_crash_lines_set_older(struct clinux_crash_lines *lines, int area) {
  __atomic_store_n(&lines->older, area, __ATOMIC_RELEASE);
}

static inline void clinux_crash_lines_init(
    struct clinux_crash_lines *lines, int descriptor, const void *first, const void *second) {
  *lines = (struct clinux_crash_lines){descriptor, 0, {(const char *)first, (const char *)second}, {0, 0}, {0, 0}};
}

// Installs the handlers of the fatal signals: SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP and SIGSYS.
// Returns 0, or the errno of the call that failed. The calling thread gets a stack of its own for them.
int clinux_crash_install(void);

// The lines to write before the last one; null for none. They must never be freed after this.
void clinux_crash_publish(struct clinux_crash_lines *lines);

// Whether a fatal signal has come: whoever else writes the published lines must stop.
int clinux_crash_has_begun(void);
