// The few system calls that Swift's Glibc module cannot express: macros, variadics, unions and errno as
// one-line inline wrappers; those that need GNU extensions are declared here and defined in clinux.c,
// because defining _GNU_SOURCE here would make this module disagree with Swift's Glibc. No logic lives here.
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stddef.h>
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
