/* The 1-D transposed convolution on plain arrays: the operator under judgement, which knows nothing of the protocol. */
#ifndef OPERATOR_H
#define OPERATOR_H

#include <stdbool.h>

/* Sizes count samples and channels. `left` samples are cropped from the start of the scattered sum, and `out_length` kept. */
struct convolution {
    long long batch, in_channels, out_channels, length, kernel, stride, dilation, groups, left, out_length;
    bool channels_last;
};

/* x is (batch, in_channels, length), or (batch, length, in_channels) with channels_last, and y likewise; weight is
   (in_channels, out_channels / groups, kernel); bias is (out_channels) or NULL. */
void convolve(const struct convolution *of, const double *x, const double *weight, const double *bias, double *y);

#endif
