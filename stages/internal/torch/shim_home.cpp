// gotch makes a folder for downloads below $HOME before main begins, and ends the process
// where it cannot. Nothing here downloads by it, so where there is no such home, as for a
// service or in a container, it is told of a folder that is there: by the environment, which
// Go reads before any of its packages could change it. So the program starts itself anew.
#include <cerrno>
#include <cstdlib>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

static bool have_folder(const std::string &path) {
    struct stat info;
    if (stat(path.c_str(), &info) == 0 || errno != ENOENT) return true; // what gotch does not make
    size_t slash = path.rfind('/');
    if (slash != std::string::npos && slash > 0 && !have_folder(path.substr(0, slash))) return false;
    return mkdir(path.c_str(), 0755) == 0 || errno == EEXIST;
}

__attribute__((constructor)) static void need_no_home(int, char **argv, char **) {
    const char *own = getenv("GOTCH_CACHE"), *home = getenv("HOME");
    if (own && *own) return;
    if (have_folder(std::string(home ? home : "") + "/.cache/gotch")) return;
    if (setenv("GOTCH_CACHE", "/proc/self", 1) == 0) execv("/proc/self/exe", argv);
}
