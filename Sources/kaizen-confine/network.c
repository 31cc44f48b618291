// The sandbox's own network: a loopback device and nothing else, up so that a test may talk to
// itself.
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "confine.h"

void network_up(void) {
  struct ifreq lo = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  // A kernel without IPv4 has no loopback to bring up, and no way out either.
  if (fd < 0) return;
  if (ioctl(fd, SIOCSIFFLAGS, &lo) != 0) die("ioctl", "SIOCSIFFLAGS lo", "");
  close(fd);
  if (sethostname("sandbox", 7) != 0) die("sethostname", "sandbox", "");
}
