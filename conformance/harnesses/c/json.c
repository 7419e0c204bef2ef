#include "json.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static const long long LARGEST = 1000000000;

static const char *blanks(const char *text) { return text + strspn(text, " \t\r\n"); }

static const char *after_string(const char *text) {
    for (text++; *text != '"'; text++) {
        if (*text == '\\') text++;
        if (*text == '\0') return NULL;
    }
    return text + 1;
}

static const char *after_value(const char *text) {
    if (*text == '"') return after_string(text);
    if (*text != '{' && *text != '[') {
        size_t length = strcspn(text, ",]} \t\r\n");
        return length ? text + length : NULL;
    }
    int depth = 0;
    do {
        if (*text == '\0') return NULL;
        if (*text == '"') {
            if (!(text = after_string(text))) return NULL;
            continue;
        }
        depth += *text == '{' || *text == '[';
        depth -= *text == '}' || *text == ']';
        text++;
    } while (depth > 0);
    return text;
}

const char *json_member(const char *object, const char *name) {
    if (!object || *object != '{') return NULL;
    const char *text = blanks(object + 1);
    while (*text == '"') {
        bool found = json_is(text, name);
        if (!(text = after_string(text))) return NULL;
        text = blanks(text);
        if (*text++ != ':') return NULL;
        text = blanks(text);
        if (found) return after_value(text) ? text : NULL;
        if (!(text = after_value(text))) return NULL;
        text = blanks(text);
        if (*text++ != ',') return NULL;
        text = blanks(text);
    }
    return NULL;
}

const char *json_first(const char *array) {
    if (!array || *array != '[') return NULL;
    const char *text = blanks(array + 1);
    return *text == ']' || !after_value(text) ? NULL : text;
}

const char *json_next(const char *item) {
    const char *text = after_value(item);
    if (!text) return NULL;
    text = blanks(text);
    if (*text != ',') return NULL;
    text = blanks(text + 1);
    return after_value(text) ? text : NULL;
}

bool json_is(const char *value, const char *text) {
    size_t length = strlen(text);
    return value && *value == '"' && strncmp(value + 1, text, length) == 0 && value[length + 1] == '"';
}

static bool whole(const char *value, long long most, long long *number) {
    if (!value || (*value != '-' && (*value < '0' || *value > '9'))) return false;
    char *end;
    errno = 0;
    long long found = strtoll(value, &end, 10);
    if (end == value || errno || !strchr(",]} \t\r\n", *end) || found > most || found < -most) return false;
    *number = found;
    return true;
}

bool json_integer(const char *value, long long *number) { return whole(value, LARGEST, number); }

bool json_id(const char *value, long long *number) { return whole(value, LLONG_MAX, number); }

static int digit(char letter) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *found = letter ? strchr(digits, letter) : NULL;
    return found ? (int)(found - digits) : -1;
}

bool json_bytes(const char *value, unsigned char *bytes, size_t count) {
    if (!value || *value != '"') return false;
    const char *text = value + 1;
    unsigned int bits = 0;
    int held = 0;
    for (size_t done = 0; done < count;) {
        int six = digit(*text);
        if (six < 0) return false;
        text++;
        bits = (bits << 6 | (unsigned int)six) & 0xffffu;
        held += 6;
        if (held >= 8) {
            held -= 8;
            bytes[done++] = (unsigned char)(bits >> held);
        }
    }
    return text[strspn(text, "=")] == '"';
}
