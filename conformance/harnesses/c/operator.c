#include "operator.h"

#include <stddef.h>

/* Where sample `t` of channel `c` lies, for an array of `channels` by `length`. */
static long long at(const struct convolution *of, long long n, long long c, long long t, long long channels, long long length) {
    return of->channels_last ? (n * length + t) * channels + c : (n * channels + c) * length + t;
}

/* Scatters one input channel of one batch into one output channel. */
static void scatter(const struct convolution *of, const double *x, const double *taps, double *y, long long n, long long c, long long m) {
    for (long long i = 0; i < of->length; i++) {
        double sample = x[at(of, n, c, i, of->in_channels, of->length)];
        for (long long k = 0; k < of->kernel; k++) {
            long long t = i * of->stride + k * of->dilation - of->left;
            if (t >= 0 && t < of->out_length) y[at(of, n, m, t, of->out_channels, of->out_length)] += sample * taps[k];
        }
    }
}

void convolve(const struct convolution *of, const double *x, const double *weight, const double *bias, double *y) {
    long long in_per_group = of->in_channels / of->groups, out_per_group = of->out_channels / of->groups;
    for (long long n = 0; n < of->batch; n++) {
        for (long long m = 0; m < of->out_channels; m++) {
            for (long long t = 0; t < of->out_length; t++) y[at(of, n, m, t, of->out_channels, of->out_length)] = bias ? bias[m] : 0;
            long long group = m / out_per_group;
            for (long long c = group * in_per_group; c < (group + 1) * in_per_group; c++) {
                const double *taps = weight + (c * out_per_group + m % out_per_group) * of->kernel;
                scatter(of, x, taps, y, n, c, m);
            }
        }
    }
}
