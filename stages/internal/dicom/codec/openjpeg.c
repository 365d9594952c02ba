//go:build !windows

#include "libraries.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

// What is used of the interface of libopenjp2.so.7, OpenJPEG 2.1 and later.
typedef struct {
  uint32_t dx, dy, width, height, x0, y0, precision, obsolete, is_signed, resolutions, factor;
  int32_t *data;
  uint16_t alpha;
} component;

typedef struct {
  uint32_t x0, y0, x1, y1, components;
  int color_space;
  component *component;
  uint8_t *profile;
  uint32_t profile_size;
} image;

typedef struct {
  const uint8_t *data;
  size_t size, at;
} source;

typedef void (*message)(const char *, void *);

static struct {
  void *(*create)(int format);
  void (*destroy)(void *);
  void (*defaults)(void *parameters);
  int (*setup)(void *, void *parameters);
  int (*on_error)(void *, message, void *);
  void *(*stream)(size_t buffer, int is_input);
  void (*stream_destroy)(void *);
  void (*stream_read)(void *, size_t (*)(void *, size_t, void *));
  void (*stream_skip)(void *, int64_t (*)(int64_t, void *));
  void (*stream_seek)(void *, int (*)(int64_t, void *));
  void (*stream_data)(void *, void *, void (*)(void *));
  void (*stream_size)(void *, uint64_t);
  int (*header)(void *stream, void *codec, image **);
  int (*decode)(void *codec, void *stream, image *);
  int (*end)(void *codec, void *stream);
  void (*image_destroy)(image *);
} openjpeg;

int openjpeg_open(char *what) {
#ifdef __APPLE__
  void *lib = dlopen("libopenjp2.7.dylib", RTLD_NOW | RTLD_LOCAL);
#else
  void *lib = dlopen("libopenjp2.so.7", RTLD_NOW | RTLD_LOCAL);
#endif
  if (!lib) {
    snprintf(what, 256, "%s", dlerror());
    return 1;
  }
  const struct { const char *name; void **to; } wanted[] = {
    {"opj_create_decompress", (void **)&openjpeg.create},
    {"opj_destroy_codec", (void **)&openjpeg.destroy},
    {"opj_set_default_decoder_parameters", (void **)&openjpeg.defaults},
    {"opj_setup_decoder", (void **)&openjpeg.setup},
    {"opj_set_error_handler", (void **)&openjpeg.on_error},
    {"opj_stream_create", (void **)&openjpeg.stream},
    {"opj_stream_destroy", (void **)&openjpeg.stream_destroy},
    {"opj_stream_set_read_function", (void **)&openjpeg.stream_read},
    {"opj_stream_set_skip_function", (void **)&openjpeg.stream_skip},
    {"opj_stream_set_seek_function", (void **)&openjpeg.stream_seek},
    {"opj_stream_set_user_data", (void **)&openjpeg.stream_data},
    {"opj_stream_set_user_data_length", (void **)&openjpeg.stream_size},
    {"opj_read_header", (void **)&openjpeg.header},
    {"opj_decode", (void **)&openjpeg.decode},
    {"opj_end_decompress", (void **)&openjpeg.end},
    {"opj_image_destroy", (void **)&openjpeg.image_destroy},
  };
  for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
    if (!(*wanted[i].to = dlsym(lib, wanted[i].name))) {
      snprintf(what, 256, "libopenjp2.so.7 has no %s", wanted[i].name);
      return 1;
    }
  return 0;
}

static size_t read_source(void *to, size_t n, void *user) {
  source *s = user;
  if (s->at == s->size)
    return (size_t)-1;
  if (n > s->size - s->at)
    n = s->size - s->at;
  memcpy(to, s->data + s->at, n);
  s->at += n;
  return n;
}

static int64_t skip_source(int64_t n, void *user) {
  source *s = user;
  if (n < 0 || (uint64_t)n > s->size - s->at)
    n = s->size - s->at;
  s->at += n;
  return n;
}

static int seek_source(int64_t to, void *user) {
  source *s = user;
  if (to < 0 || (uint64_t)to > s->size)
    return 0;
  s->at = to;
  return 1;
}

// first_error keeps the first text, without its line end.
static void first_error(const char *text, void *user) {
  char *what = user;
  if (*what)
    return;
  snprintf(what, 256, "%s", text);
  what[strcspn(what, "\r\n")] = 0;
}

// gather puts the components side by side. Precision up to 31 bits fits.
static int gather(const image *img, uint32_t rows, uint32_t columns, uint32_t samples, int32_t *out, char *what) {
  if (img->components != samples) {
    snprintf(what, 256, "the stream has %u samples, the header %u", img->components, samples);
    return 1;
  }
  for (uint32_t c = 0; c < samples; c++) {
    const component *p = &img->component[c];
    if (p->width != columns || p->height != rows || !p->data) {
      snprintf(what, 256, "sample %u has %u rows and %u columns, the header says %u and %u", c + 1, p->height, p->width, rows, columns);
      return 1;
    }
    for (size_t i = 0, n = (size_t)rows * columns; i < n; i++)
      out[i * samples + c] = p->data[i];
  }
  return 0;
}

// MAX_SECONDS of processor time is far more than the largest frame takes.
enum { MAX_SECONDS = 30 };

// shared is memory that a decoding process leaves its result in.
typedef struct {
  char what[256];
  int32_t samples[];
} shared;

static int run(void *codec, void *stream, image **img, char *what) {
  // The library's settings are 8252 bytes in version 2.5, and have only grown.
  union { uint64_t aligned; char bytes[32768]; } parameters;
  memset(&parameters, 0, sizeof parameters);
  openjpeg.defaults(&parameters);
  openjpeg.on_error(codec, first_error, what);
  return openjpeg.setup(codec, &parameters) && openjpeg.header(stream, codec, img) &&
         openjpeg.decode(codec, stream, *img) && openjpeg.end(codec, stream);
}

static int decode(const void *data, size_t size, uint32_t rows, uint32_t columns, uint32_t samples,
                    int32_t *out, char *what) {
  source from = {data, size, 0};
  image *img = NULL;
  void *codec = openjpeg.create(0); // 0: a bare codestream
  void *stream = openjpeg.stream(size < 65536 ? 65536 : 1 << 20, 1);
  int failed = 1;
  *what = 0;
  if (codec && stream) {
    openjpeg.stream_read(stream, read_source);
    openjpeg.stream_skip(stream, skip_source);
    openjpeg.stream_seek(stream, seek_source);
    openjpeg.stream_data(stream, &from, NULL);
    openjpeg.stream_size(stream, size);
    failed = !run(codec, stream, &img, what) || gather(img, rows, columns, samples, out, what);
  }
  if (failed && !*what)
    snprintf(what, 256, "the stream is broken or cut off");
  if (img)
    openjpeg.image_destroy(img);
  if (stream)
    openjpeg.stream_destroy(stream);
  if (codec)
    openjpeg.destroy(codec);
  return failed;
}

// alone runs in a process of its own: crashes, assertions and endless loops of the
// library end that process and not ours. It calls nothing of Go's.
static void alone(const void *data, size_t size, uint32_t rows, uint32_t columns, uint32_t samples, shared *to) {
  const int deadly[] = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGXCPU};
  for (size_t i = 0; i < sizeof deadly / sizeof *deadly; i++)
    signal(deadly[i], SIG_DFL); // Go's handlers would want a Go runtime
  sigset_t none;
  sigemptyset(&none);
  pthread_sigmask(SIG_SETMASK, &none, NULL);
  setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
  setrlimit(RLIMIT_CPU, &(struct rlimit){MAX_SECONDS, MAX_SECONDS});
  int nowhere = open("/dev/null", O_WRONLY);
  if (nowhere >= 0)
    dup2(nowhere, 2); // assertions talk
  _exit(decode(data, size, rows, columns, samples, to->samples, to->what));
}

int openjpeg_decode(const void *data, size_t size, uint32_t rows, uint32_t columns, uint32_t samples,
                    int32_t *out, char *what) {
  size_t pixels = (size_t)rows * columns * samples * sizeof *out, all = sizeof(shared) + pixels;
  shared *to = mmap(NULL, all, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (to == MAP_FAILED) {
    snprintf(what, 256, "no memory for %zu bytes of pixels", pixels);
    return 1;
  }
  pid_t child = fork();
  if (child == 0)
    alone(data, size, rows, columns, samples, to);
  int status = 0, failed = 1;
  while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
    ;
  if (child < 0)
    snprintf(what, 256, "no process to decode in: %s", strerror(errno));
  else if (WIFSIGNALED(status))
    snprintf(what, 256, "OpenJPEG broke down over the stream (%s)", strsignal(WTERMSIG(status)));
  else if (WEXITSTATUS(status) != 0)
    snprintf(what, 256, "%.255s", to->what);
  else
    failed = 0;
  if (!failed)
    memcpy(out, to->samples, pixels);
  munmap(to, all);
  return failed;
}
