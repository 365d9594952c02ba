// OpenJPEG, opened at run time: the program builds and starts without it. The
// functions return 0, or a text in what; what must hold 256 bytes.
#ifndef VERTEBRA_CODEC_LIBRARIES_H
#define VERTEBRA_CODEC_LIBRARIES_H

#include <stddef.h>
#include <stdint.h>

int openjpeg_open(char *what);
int openjpeg_decode(const void *data, size_t size, uint32_t rows, uint32_t columns, uint32_t samples,
                    int32_t *out, char *what);

#endif
