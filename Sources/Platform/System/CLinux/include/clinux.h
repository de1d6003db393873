// The few system calls that Swift's Glibc module cannot express: macros, variadics, unions and errno.
// One-line inline wrappers only; no logic lives here.
#pragma once
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

static inline int clinux_errno(void) { return errno; }
