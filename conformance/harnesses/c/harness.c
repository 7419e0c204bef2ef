/* Judged by `convt check cmd:./harness`: a plain C operator behind convt's protocol. Build: cc -O2 -o harness *.c */
#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call.h"
#include "json.h"

static const char DESCRIPTION[] =
    "{\"protocol\": 1, \"description\": {\"name\": \"plain C\", \"version\": \"1\", \"language\": \"C\", \"home\": \"\", "
    "\"supports\": [\"NCL\", \"NLC\", \"function\", \"bias\", \"groups\", \"dilation\", \"padding\", \"VALID\", \"SAME\", "
    "\"output_padding\", \"output_size\", \"float32\", \"float64\"], \"packages\": {}}}";

/* Writes bytes as base64. */
static void put_bytes(const unsigned char *bytes, size_t count) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t each = 0; each < count; each += 3) {
        size_t left = count - each;
        unsigned int bits = (unsigned int)bytes[each] << 16;
        if (left > 1) bits |= (unsigned int)bytes[each + 1] << 8;
        if (left > 2) bits |= bytes[each + 2];
        putchar(digits[bits >> 18]);
        putchar(digits[bits >> 12 & 63]);
        putchar(left > 1 ? digits[bits >> 6 & 63] : '=');
        putchar(left > 2 ? digits[bits & 63] : '=');
    }
}

static void put_result(long long id, const struct call *call, double *y, size_t count) {
    const struct convolution *of = &call->of;
    bool single = call->x.bytes == 4;
    long long rows = of->channels_last ? of->out_length : of->out_channels, columns = of->channels_last ? of->out_channels : of->out_length;
    printf("{\"id\": %lld, \"outcome\": \"computed\", \"array\": {\"dtype\": \"%s\", ", id, single ? "float32" : "float64");
    printf("\"shape\": [%lld, %lld, %lld], \"data\": \"", of->batch, rows, columns);
    for (size_t each = 0; single && each < count; each++) {
        float rounded = (float)y[each];
        memcpy((unsigned char *)y + each * 4, &rounded, 4);
    }
    put_bytes((const unsigned char *)y, count * (single ? 4 : 8));
    puts("\"}}");
}

/* Computes a call and answers; false when there is no memory for the result. */
static bool compute(long long id, const struct call *call) {
    const struct convolution *of = &call->of;
    long long rows, count;
    if (__builtin_mul_overflow(of->batch, of->out_channels, &rows) || __builtin_mul_overflow(rows, of->out_length, &count)) return false;
    if (count > LARGEST_COUNT) return false;
    double *y = malloc(count ? (size_t)count * sizeof *y : 1);
    if (!y) return false;
    convolve(of, call->x.values, call->weight.values, call->biased ? call->bias.values : NULL, y);
    put_result(id, call, y, (size_t)count);
    free(y);
    return true;
}

/* Answers a run; false when the request makes no sense. */
static bool run(const char *request) {
    long long id;
    struct call call;
    const char *why = "the result is too large";
    if (!json_id(json_member(request, "id"), &id)) return false;
    enum verdict verdict = read_call(request, &call, &why);
    if (verdict == COMPUTABLE && !compute(id, &call)) verdict = NO_MEMORY;
    release(&call);
    if (verdict == REJECTED) printf("{\"id\": %lld, \"outcome\": \"rejected\", \"error\": \"EINVAL\", \"message\": \"%s\"}\n", id, why);
    if (verdict == UNSUPPORTED) printf("{\"id\": %lld, \"outcome\": \"unsupported\", \"reason\": \"%s\"}\n", id, why);
    if (verdict == NO_MEMORY) printf("{\"id\": %lld, \"outcome\": \"out-of-memory\", \"message\": \"%s\"}\n", id, why);
    if (verdict == MALFORMED) fprintf(stderr, "%s\n", why);
    return verdict != MALFORMED;
}

int main(void) {
    char *line = NULL;
    size_t room = 0;
    bool understood = true;
    while (understood && getline(&line, &room, stdin) >= 0) {
        const char *request = json_member(line, "request");
        if (json_is(request, "stop")) break;
        if (json_is(request, "start")) puts(DESCRIPTION);
        else understood = json_is(request, "run") && run(line);
        fflush(stdout);
    }
    free(line);
    if (!understood) fputs("a request that makes no sense\n", stderr);
    return understood ? 0 : 2;
}
