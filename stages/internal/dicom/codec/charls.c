//go:build !windows

#include "libraries.h"

#include <dlfcn.h>
#include <stdio.h>

// The C interface of CharLS 2.1 and later, whose major version is the so's name:
// opaque decoders, error codes of int size, one struct of four numbers.
typedef struct {
  uint32_t width, height;
  int32_t bits_per_sample, component_count;
} frame_info;

static struct {
  void *(*create)(void);
  void (*destroy)(const void *);
  int (*source)(void *, const void *, size_t);
  int (*header)(void *);
  int (*frame)(const void *, frame_info *);
  int (*interleave)(const void *, int32_t *);
  int (*needs)(const void *, uint32_t stride, size_t *);
  int (*decode)(void *, void *, size_t, uint32_t stride);
  const char *(*message)(int);
} charls;

int charls_open(char *what) {
#ifdef __APPLE__
  void *lib = dlopen("libcharls.2.dylib", RTLD_NOW | RTLD_LOCAL);
#else
  void *lib = dlopen("libcharls.so.2", RTLD_NOW | RTLD_LOCAL);
#endif
  if (!lib) {
    snprintf(what, 256, "%s", dlerror());
    return 1;
  }
  const struct { const char *name; void **to; } wanted[] = {
    {"charls_jpegls_decoder_create", (void **)&charls.create},
    {"charls_jpegls_decoder_destroy", (void **)&charls.destroy},
    {"charls_jpegls_decoder_set_source_buffer", (void **)&charls.source},
    {"charls_jpegls_decoder_read_header", (void **)&charls.header},
    {"charls_jpegls_decoder_get_frame_info", (void **)&charls.frame},
    {"charls_jpegls_decoder_get_interleave_mode", (void **)&charls.interleave},
    {"charls_jpegls_decoder_get_destination_size", (void **)&charls.needs},
    {"charls_jpegls_decoder_decode_to_buffer", (void **)&charls.decode},
    {"charls_get_error_message", (void **)&charls.message},
  };
  for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
    if (!(*wanted[i].to = dlsym(lib, wanted[i].name))) {
      snprintf(what, 256, "libcharls.so.2 has no %s", wanted[i].name);
      return 1;
    }
  return 0;
}

static int run(void *d, const void *data, size_t size, uint32_t rows, uint32_t columns, uint32_t samples,
               void *out, size_t out_size, int32_t *bits, int32_t *interleave, char *what) {
  frame_info info;
  size_t needs = 0;
  int code;
  if ((code = charls.source(d, data, size)) || (code = charls.header(d)) || (code = charls.frame(d, &info)) ||
      (code = charls.interleave(d, interleave)))
    return code;
  // Before anything is made by the stream's own sizes.
  if (info.width != columns || info.height != rows || info.component_count != (int32_t)samples) {
    snprintf(what, 256, "the stream has %u rows, %u columns and %d samples, the header %u, %u and %u",
             info.height, info.width, info.component_count, rows, columns, samples);
    return -1;
  }
  *bits = info.bits_per_sample;
  if ((code = charls.needs(d, 0, &needs)))
    return code;
  if (needs > out_size) {
    snprintf(what, 256, "the stream needs %zu bytes, there are %zu", needs, out_size);
    return -1;
  }
  return charls.decode(d, out, needs, 0);
}

int charls_decode(const void *data, size_t size, uint32_t rows, uint32_t columns, uint32_t samples,
                  void *out, size_t out_size, int32_t *bits, int32_t *interleave, char *what) {
  void *d = charls.create();
  if (!d) {
    snprintf(what, 256, "out of memory");
    return 1;
  }
  int code = run(d, data, size, rows, columns, samples, out, out_size, bits, interleave, what);
  if (code > 0)
    snprintf(what, 256, "%s", charls.message(code));
  charls.destroy(d);
  return code != 0;
}
