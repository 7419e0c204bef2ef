#include "call.h"

#include <stdlib.h>
#include <string.h>

#include "json.h"

static enum verdict say(const char **why, enum verdict verdict, const char *text) {
    *why = text;
    return verdict;
}

/* The numbers of the protocol are little-endian, and so is every machine that this is compiled for. */
static double number(const unsigned char *bytes, int size) {
    float single;
    double full;
    if (size == 8) return memcpy(&full, bytes, 8), full;
    return memcpy(&single, bytes, 4), (double)single;
}

static enum verdict read_array(const char *value, struct array *array, const char **why) {
    const char *dtype = json_member(value, "dtype"), *shape = json_member(value, "shape");
    array->bytes = json_is(dtype, "float32") ? 4 : json_is(dtype, "float64") ? 8 : 0;
    if (!dtype || !shape || *shape != '[') return say(why, MALFORMED, "an array needs dtype and shape");
    if (!array->bytes) return say(why, REJECTED, "the dtype must be float32 or float64");
    array->count = 1;
    for (const char *item = json_first(shape); item; item = json_next(item)) {
        long long size;
        if (array->rank == 4 || !json_integer(item, &size) || size < 0) return say(why, MALFORMED, "a shape has up to four sizes from 0");
        array->shape[array->rank++] = size;
        if (__builtin_mul_overflow(array->count, size, &array->count)) return say(why, NO_MEMORY, "the array is too large");
    }
    if (array->count > LARGEST_COUNT) return say(why, NO_MEMORY, "the array is too large");
    size_t room = (size_t)array->count * 8;
    array->values = malloc(room ? room : 1);
    unsigned char *raw = malloc(room ? room : 1);
    bool read = array->values && raw && json_bytes(json_member(value, "data"), raw, (size_t)(array->count * array->bytes));
    for (long long each = 0; read && each < array->count; each++) array->values[each] = number(raw + each * array->bytes, array->bytes);
    bool memory = array->values && raw;
    free(raw);
    if (!memory) return say(why, NO_MEMORY, "the array is too large");
    return read ? COMPUTABLE : say(why, MALFORMED, "the data does not fit the shape");
}

/* An argument that is an int, or a list or tuple of one; `otherwise` when it is left out. */
static bool one_int(const char *arguments, const char *name, long long otherwise, long long *found) {
    const char *value = json_member(arguments, name);
    *found = otherwise;
    if (!value || json_integer(value, found)) return true;
    const char *items = json_member(value, "list");
    const char *only = json_first(items ? items : json_member(value, "tuple"));
    return only && !json_next(only) && json_integer(only, found);
}

/* The length of the result and what is cropped before it, from the padding, the samples added, and the length asked for, if any. */
static enum verdict read_length(struct call *call, bool same, long long crop, long long added, const long long *size, const char **why) {
    struct convolution *of = &call->of;
    if (call->x.rank != 3 || call->weight.rank != 3) return say(why, REJECTED, "x and weight must have rank 3");
    of->length = call->x.shape[of->channels_last ? 1 : 2], of->kernel = call->weight.shape[2];
    if (of->length < 1 || of->kernel < 1) return say(why, REJECTED, "x and weight must have at least one sample");
    long long extent = of->dilation * (of->kernel - 1) + 1;
    long long shortest = same ? of->length * of->stride : (of->length - 1) * of->stride - 2 * crop + extent;
    of->left = same ? (extent > of->stride ? extent - of->stride : 0) / 2 : crop;
    of->out_length = size ? *size : shortest + added;
    if (of->out_length < shortest || of->out_length > shortest + of->stride) return say(why, REJECTED, "output_size is out of range");
    return of->out_length < 1 ? say(why, REJECTED, "the output must have at least one sample") : COMPUTABLE;
}

static enum verdict read_arguments(const char *given, struct call *call, const char **why) {
    struct convolution *of = &call->of;
    const char *format = json_member(given, "data_format"), *padding = json_member(given, "padding"), *groups = json_member(given, "groups");
    long long crop = 0, added, size;
    bool same = json_is(padding, "SAME"), sized = json_member(given, "output_size") != NULL;
    of->channels_last = json_is(format, "NLC");
    if (format && !of->channels_last && !json_is(format, "NCL")) return say(why, REJECTED, "data_format must be NCL or NLC");
    if (!same && !json_is(padding, "VALID") && (!one_int(given, "padding", 0, &crop) || crop < 0))
        return say(why, REJECTED, "padding must be SAME, VALID or an int from 0");
    if (!one_int(given, "stride", 1, &of->stride) || of->stride < 1) return say(why, REJECTED, "stride must be an int from 1");
    if (!one_int(given, "dilation", 1, &of->dilation) || of->dilation < 1) return say(why, REJECTED, "dilation must be an int from 1");
    if (!one_int(given, "output_padding", 0, &added) || added < 0 || added > of->stride)
        return say(why, REJECTED, "output_padding must be an int from 0 to stride");
    if (!one_int(given, "output_size", 0, &size)) return say(why, REJECTED, "output_size must be an int");
    if (sized && added) return say(why, REJECTED, "output_size and output_padding name the same thing");
    of->groups = 1;
    if (groups && (!json_integer(groups, &of->groups) || of->groups < 1)) return say(why, REJECTED, "groups must be an int from 1");
    return read_length(call, same, crop, added, sized ? &size : NULL, why);
}

static enum verdict read_channels(struct call *call, const char **why) {
    struct convolution *of = &call->of;
    of->batch = call->x.shape[0], of->in_channels = call->x.shape[of->channels_last ? 2 : 1];
    if (of->in_channels != call->weight.shape[0] || of->in_channels < 1 || call->weight.shape[1] < 1)
        return say(why, REJECTED, "the channels of x and weight must match");
    if (of->in_channels % of->groups) return say(why, REJECTED, "groups must divide the input channels");
    of->out_channels = call->weight.shape[1] * of->groups;
    if (call->biased && (call->bias.rank != 1 || call->bias.shape[0] != of->out_channels))
        return say(why, REJECTED, "bias must have one number per output channel");
    if (call->weight.bytes != call->x.bytes || (call->biased && call->bias.bytes != call->x.bytes))
        return say(why, REJECTED, "x, weight and bias must have one dtype");
    return COMPUTABLE;
}

enum verdict read_call(const char *request, struct call *call, const char **why) {
    const char *given = json_member(request, "arguments"), *bias = json_member(request, "bias");
    memset(call, 0, sizeof *call);
    if (!json_is(json_member(request, "call"), "function")) return say(why, UNSUPPORTED, "this is a function, and has no layer form");
    if (!given || *given != '{' || !bias) return say(why, MALFORMED, "a run needs arguments, x, weight and bias");
    call->biased = *bias == '{';
    enum verdict verdict = read_array(json_member(request, "x"), &call->x, why);
    if (verdict == COMPUTABLE) verdict = read_array(json_member(request, "weight"), &call->weight, why);
    if (verdict == COMPUTABLE && call->biased) verdict = read_array(bias, &call->bias, why);
    if (verdict == COMPUTABLE) verdict = read_arguments(given, call, why);
    return verdict == COMPUTABLE ? read_channels(call, why) : verdict;
}

void release(struct call *call) {
    free(call->x.values);
    free(call->weight.values);
    free(call->bias.values);
}
