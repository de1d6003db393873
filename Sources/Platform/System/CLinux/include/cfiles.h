// File calls of Linux that need GNU extensions in force: defined in cfiles.c. Each sets errno as the call
// it is named after does. No logic lives here.
#pragma once
#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

extern const int cfiles_open_direct;
extern const int cfiles_keep_size;
extern const int cfiles_punch_hole;
extern const int cfiles_zero_range;

int cfiles_open(const char *path, int flags, mode_t mode);
int cfiles_fallocate(int descriptor, int mode, off_t offset, off_t length);
ssize_t cfiles_read_nowait(int descriptor, void *bytes, size_t count, off_t offset);
ssize_t cfiles_copy_range(int from, off_t from_offset, int to, off_t to_offset, size_t count);
int cfiles_start_writeback(int descriptor, off_t offset, off_t length);

// inotify: a watch for changes that any process makes. The bits are macros over an enumeration that Swift's
// Glibc module does not import whole.
int cfiles_watch_open(void);
// A file's bytes change, or another file gets its name.
int cfiles_watch_file(int watch, const char *path);
// A directory's entries come, go or change names.
int cfiles_watch_directory(int watch, const char *path);

// The parts of a device's number: macros.
unsigned cfiles_device_major(dev_t device);
unsigned cfiles_device_minor(dev_t device);
