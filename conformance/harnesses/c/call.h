/* A `run` request as a checked call: its arrays as doubles, and where its result lies. */
#ifndef CALL_H
#define CALL_H

#include "operator.h"

/* Elements beyond which nothing is allocated. */
#define LARGEST_COUNT (1LL << 36)

struct array {
    int bytes; /* 4 for float32, 8 for float64 */
    int rank;
    long long shape[4], count;
    double *values;
};

struct call {
    struct array x, weight, bias;
    bool biased;
    struct convolution of;
};

enum verdict { COMPUTABLE, REJECTED, UNSUPPORTED, NO_MEMORY, MALFORMED };

/* Reads a request; unless it is COMPUTABLE, `why` says what is wrong. The call is to be released in any case. */
enum verdict read_call(const char *request, struct call *call, const char **why);
void release(struct call *call);

#endif
