// Starting and stopping servers, and what the kernel tells about this process and the disk.
#define _GNU_SOURCE
#include "log_peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "failure.h"

static _Thread_local char last_error[512];

const char *log_peer_error(void) { return last_error; }

int log_peer_fail(const char *format, ...) {
  int code = errno;
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(last_error, sizeof last_error, format, arguments);
  va_end(arguments);
  if (code != 0 && length > 0 && (size_t)length < sizeof last_error)
    snprintf(last_error + length, sizeof last_error - (size_t)length, ": %s", strerror(code));
  return -1;
}

pid_t log_peer_spawn(
    const char *program, char *const *arguments, const char *directory, const char *output) {
  pid_t parent = getpid(), child = fork();
  if (child < 0) return log_peer_fail("fork");
  if (child > 0) return child;
  // A benchmark that is interrupted leaves no server behind.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);
  int file = open(output, O_WRONLY | O_CREAT | O_TRUNC, 0644), nothing = open("/dev/null", O_RDONLY);
  if (file < 0 || nothing < 0 || chdir(directory) != 0) _exit(127);
  dup2(nothing, 0);
  dup2(file, 1);
  dup2(file, 2);
  close_range(3, ~0u, 0);
  execv(program, arguments);
  dprintf(2, "%s: %s\n", program, strerror(errno));
  _exit(127);
}

int log_peer_runs(pid_t process) {
  siginfo_t ended = {0};
  return waitid(P_PID, (id_t)process, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid == 0;
}

int log_peer_wait(pid_t process) {
  int status = 0;
  if (waitpid(process, &status, 0) != process) return log_peer_fail("waitpid");
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

void log_peer_stop(pid_t process) {
  kill(process, SIGKILL);
  waitpid(process, NULL, 0);
}

uint16_t log_peer_free_port(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t length = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  uint16_t port = 0;
  if (bind(listener, (struct sockaddr *)&address, length) == 0 &&
      getsockname(listener, (struct sockaddr *)&address, &length) == 0)
    port = ntohs(address.sin_port);
  if (port == 0) log_peer_fail("no free port");
  close(listener);
  return port;
}

int log_peer_listens(uint16_t port) {
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
  int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int result = connect(client, (struct sockaddr *)&address, sizeof address);
  close(client);
  return result == 0;
}

int64_t log_peer_flushes(const char *path) {
  struct stat status;
  char name[128];
  if (stat(path, &status) != 0) return -1;
  unsigned first = major(status.st_dev), second = minor(status.st_dev);
  // Flushes are counted for the whole disk, so a partition asks the disk it is on.
  snprintf(name, sizeof name, "/sys/dev/block/%u:%u/partition", first, second);
  const char *disk = access(name, F_OK) == 0 ? "/.." : "";
  snprintf(name, sizeof name, "/sys/dev/block/%u:%u%s/stat", first, second, disk);
  FILE *file = fopen(name, "r");
  if (!file) return -1;
  unsigned long long figure = 0;
  int fields = 0;
  // The sixteenth figure; older kernels have fewer.
  while (fields < 16 && fscanf(file, "%llu", &figure) == 1) fields++;
  fclose(file);
  return fields == 16 ? (int64_t)figure : -1;
}

int log_peer_is_memory(const char *path) {
  struct statfs status;
  return statfs(path, &status) == 0 && (status.f_type == TMPFS_MAGIC || status.f_type == RAMFS_MAGIC);
}

uint64_t log_peer_resident(void) {
  FILE *status = fopen("/proc/self/status", "r");
  if (!status) return 0;
  char line[256];
  unsigned long long kib = 0;
  while (fgets(line, sizeof line, status) && sscanf(line, "VmRSS: %llu kB", &kib) != 1) {
  }
  fclose(status);
  return kib * 1024;
}
