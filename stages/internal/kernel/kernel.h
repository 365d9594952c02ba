// Loops over pixels, in C so that the compiler makes vector instructions of them.
// Lengths and places are checked by the callers in Go.
#ifndef VERTEBRA_KERNEL_H
#define VERTEBRA_KERNEL_H

#include <stddef.h>
#include <stdint.h>

// What makes values of stored 16-bit numbers: the bits of flip are turned, then they
// are shifted up, then down with or without their sign, then multiplied and added to.
typedef struct {
  int32_t flip, up, down, is_signed;
  double slope, intercept;
} kernel_words;

// Output i takes count inputs from first[i] on, with the weights from i * count on.
// Each eight of the outputs, counted from 0, take all theirs from reach inputs, from
// the first of the eight's first on. No vectors of more than widest bits put them in
// place.
typedef struct {
  int32_t outputs, count, reach, widest;
} kernel_taps;

typedef struct {
  uint64_t sum, squares;
  int64_t bad; // the first number that is none; -1 when all are
} kernel_sums;

void kernel_floats(const uint8_t *words, const kernel_words *how, size_t n, float *out);
void kernel_count(const uint8_t *words, const kernel_words *how, size_t n, int32_t low, uint32_t *counts, size_t size);
void kernel_word_range(const uint8_t *words, const kernel_words *how, size_t n, int32_t *low, int32_t *high);
// rows has room for four rows of width numbers.
void kernel_resample_floats(const float *in, int32_t width, int32_t left, int32_t right,
                            kernel_taps across, const int32_t *across_first, const float *across_weights,
                            kernel_taps down, const int32_t *down_first, const float *down_weights, float *rows, float *out);
void kernel_resample_words(const uint8_t *words, const kernel_words *how, int32_t width, int32_t left, int32_t right,
                           kernel_taps across, const int32_t *across_first, const float *across_weights,
                           kernel_taps down, const int32_t *down_first, const float *down_weights, float *rows, float *out);
void kernel_range(const float *in, size_t n, float *low, float *high);
int kernel_numbers(const float *in, size_t n);
void kernel_column_sums(const float *in, size_t rows, size_t width, double *out);
void kernel_window(float *pixels, size_t n, float low, float span);
void kernel_levels(float *pixels, size_t n);
void kernel_quantise8(const float *in, size_t n, uint8_t *out, kernel_sums *sums);
void kernel_quantise16(const float *in, size_t n, uint8_t *out, kernel_sums *sums);
void kernel_pack(float *pixels, size_t n, float low, float step, uint8_t *out);
void kernel_unpack(const uint8_t *in, size_t n, float low, float step, float *out);

#endif
