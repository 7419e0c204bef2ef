/* JSON read in place: a value is a pointer into a text that ends with NUL, and NULL stands for what is missing or malformed. */
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stddef.h>

/* The value of a member of an object. */
const char *json_member(const char *object, const char *name);

/* The first item of an array, and the one after an item; NULL at the end. */
const char *json_first(const char *array);
const char *json_next(const char *item);

/* Whether a value is this string. */
bool json_is(const char *value, const char *text);

/* Whether a value is a whole number of up to 10^9 either way; if so it goes to `number`. */
bool json_integer(const char *value, long long *number);

/* The same for any whole number that is no size. */
bool json_id(const char *value, long long *number);

/* Decodes a string of base64 into `bytes`, exactly `count` of them; false when it is anything else. */
bool json_bytes(const char *value, unsigned char *bytes, size_t count);

#endif
