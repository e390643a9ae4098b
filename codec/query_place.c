/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What is read of a value is what an order needs, and no more: eight letters
 * without accents and separators, a day, eighteen digits, a page. Values are
 * decoded byte by byte, so that nothing of them is ever copied.
 */
#include "codec/query_place.h"

#include <stdbool.h>
#include <string.h>

#include "base/time.h"
#include "codec/query.h"

#define WORD_BYTES_MAX 40
#define LETTERS 8
#define DIGITS_MODULUS UINT64_C(1000000000000000000)
#define OFFSET_DIGITS_MAX 12
#define DAYS_BEFORE_1970 800000 /* dates before it stay positive */
#define YEAR_MIN 1850
#define YEAR_MAX 2150

/* What a parameter may say. Of two of the same use the smaller rank wins. */
enum use { USE_NONE, USE_NAME, USE_DATE, USE_IDENTIFIER, USE_PAGE, USE_PERSON };

struct word {
    const char *name; /* lower case, without '_' and '-' */
    uint8_t length, use, rank;
};

#define WORD(name) name, sizeof(name) - 1

static const struct word words[] = {
    {WORD("family"), USE_NAME, 1},
    {WORD("nom"), USE_NAME, 1},
    {WORD("lastname"), USE_NAME, 1},
    {WORD("surname"), USE_NAME, 1},
    {WORD("nomnaissance"), USE_NAME, 1},
    {WORD("nomdenaissance"), USE_NAME, 1},
    {WORD("nomusage"), USE_NAME, 1},
    {WORD("familyname"), USE_NAME, 1},
    {WORD("name"), USE_NAME, 2},
    {WORD("phonetic"), USE_NAME, 2},
    {WORD("patientname"), USE_NAME, 2},
    {WORD("given"), USE_NAME, 3},
    {WORD("prenom"), USE_NAME, 3},
    {WORD("firstname"), USE_NAME, 3},
    {WORD("givenname"), USE_NAME, 3},
    {WORD("birthdate"), USE_DATE, 1},
    {WORD("ddn"), USE_DATE, 1},
    {WORD("datenaissance"), USE_DATE, 1},
    {WORD("datedenaissance"), USE_DATE, 1},
    {WORD("dateofbirth"), USE_DATE, 1},
    {WORD("dob"), USE_DATE, 1},
    {WORD("identifier"), USE_IDENTIFIER, 1},
    {WORD("ins"), USE_IDENTIFIER, 1},
    {WORD("nir"), USE_IDENTIFIER, 1},
    {WORD("ipp"), USE_IDENTIFIER, 1},
    {WORD("patientidentifier"), USE_IDENTIFIER, 1},
    {WORD("telecom"), USE_IDENTIFIER, 2},
    {WORD("phone"), USE_IDENTIFIER, 2},
    {WORD("telephone"), USE_IDENTIFIER, 2},
    {WORD("tel"), USE_IDENTIFIER, 2},
    {WORD("offset"), USE_PAGE, 0}, /* rank: number of the first page */
    {WORD("getpagesoffset"), USE_PAGE, 0},
    {WORD("skip"), USE_PAGE, 0},
    {WORD("start"), USE_PAGE, 0},
    {WORD("startindex"), USE_PAGE, 0},
    {WORD("page"), USE_PAGE, 1},
    {WORD("pagenumber"), USE_PAGE, 1},
    {WORD("p"), USE_PAGE, 1},
    {WORD("patient"), USE_PERSON, 0},
    {WORD("subject"), USE_PERSON, 0},
    {WORD("beneficiary"), USE_PERSON, 0},
};

/* -- bytes of a value, decoded -- */

struct reader {
    struct text left;
};

static int
next_byte(struct reader *reader)
{
    struct text *left = &reader->left;
    int byte;

    if (left->length == 0)
        return -1;
    byte = (unsigned char)left->bytes[0];
    if (byte == '%' && left->length > 2 && query_hex(left->bytes[1]) >= 0 &&
        query_hex(left->bytes[2]) >= 0) {
        byte = query_hex(left->bytes[1]) * 16 + query_hex(left->bytes[2]);
        *left = text_after(*left, 3);
        return byte;
    }
    *left = text_after(*left, 1);
    return byte == '+' ? ' ' : byte;
}

/* One code point of UTF-8; a byte that begins none is taken for Latin-1, as
 * old applications send it. Beyond what has letters: 0xfffd. */
static int
next_point(struct reader *reader)
{
    int first = next_byte(reader);
    struct reader ahead = *reader;
    int more = first < 0xc2   ? 0
               : first < 0xe0 ? 1
               : first < 0xf0 ? 2
               : first < 0xf5 ? 3
                              : 0;
    int point = more == 0 ? first : first & (0x3f >> more);

    for (int i = 0; i < more; i++) {
        int byte = next_byte(&ahead);

        if ((byte & ~0x3f) != 0x80)
            return first;
        point = point << 6 | (byte & 0x3f);
    }
    if (more > 0)
        *reader = ahead;
    return point > 0xfffd ? 0xfffd : point;
}

/* -- names -- */

/* Letters of U+00C0 … U+017F without their accents; '.' where there is none.
 * Æ, Ĳ and Œ are two letters: the capitals stand for the first of them. */
static const char plain[] = "aaaaaaAceeeeiiii"
                            "dnooooo.ouuuuyts"
                            "aaaaaaAceeeeiiii"
                            "dnooooo.ouuuuyty"
                            "aaaaaaccccccccdd"
                            "ddeeeeeeeeeegggg"
                            "gggghhhhiiiiiiii"
                            "iiIIjjkkklllllll"
                            "lllnnnnnnnnnoooo"
                            "ooOOrrrrrrssssss"
                            "ssttttttuuuuuuuu"
                            "uuuuwwyyyzzzzzzs";
_Static_assert(sizeof(plain) == 0x180 - 0xc0 + 1, "one for each letter");

struct letters {
    uint64_t at;
    unsigned count;
};

static void
add_letter(struct letters *letters, char letter)
{
    if (letters->count == LETTERS)
        return;
    letters->at |= (uint64_t)(uint8_t)letter
                   << (8 * (LETTERS - 1 - letters->count));
    letters->count++;
}

static void
add_folded(struct letters *letters, char folded)
{
    switch (folded) {
    case 'A':
        add_letter(letters, 'a');
        add_letter(letters, 'e');
        break;
    case 'I':
        add_letter(letters, 'i');
        add_letter(letters, 'j');
        break;
    case 'O':
        add_letter(letters, 'o');
        add_letter(letters, 'e');
        break;
    case '.':
        break;
    default:
        add_letter(letters, folded);
        break;
    }
}

/* Several values ("Dupont,Durand"): the first decides. */
static bool
read_name(struct text value, uint64_t *ret_at)
{
    struct reader reader = {value};
    struct letters letters = {0};
    int point;

    while (letters.count < LETTERS && (point = next_point(&reader)) >= 0 &&
           point != ',') {
        if (point >= 'A' && point <= 'Z')
            point += 'a' - 'A';
        if (point >= 'a' && point <= 'z')
            add_letter(&letters, (char)point);
        else if (point >= 0xc0 && point < 0x180)
            add_folded(&letters, plain[point - 0xc0]);
    }
    *ret_at = letters.at;
    return letters.count > 0;
}

/* -- dates -- */

struct number {
    unsigned value, digits;
};

/* The runs of digits of a date, and nothing but it: at most three. */
static unsigned
date_numbers(struct text value, struct number numbers[3])
{
    struct reader reader = {value};
    unsigned count = 0;
    bool inside = false;
    int byte;

    while ((byte = next_byte(&reader)) >= 0 && byte != 'T' && byte != ',') {
        if (byte < '0' || byte > '9') {
            inside = false;
            continue;
        }
        if (!inside && count == 3)
            break; /* a time of day */
        if (!inside)
            numbers[count++] = (struct number){0, 0};
        inside = true;
        if (numbers[count - 1].digits++ < 8)
            numbers[count - 1].value =
                numbers[count - 1].value * 10 + (unsigned)(byte - '0');
    }
    return count;
}

static bool
is_year(unsigned value)
{
    return value >= YEAR_MIN && value <= YEAR_MAX;
}

/* 1980-03-25, 1980-03, 1980, 25/03/1980, 19800325, 25031980. */
static bool
civil_of(const struct number numbers[3], unsigned count, struct civil *civil)
{
    unsigned a = numbers[0].value, b = count > 1 ? numbers[1].value : 1;
    unsigned c = count > 2 ? numbers[2].value : 1;

    if (count == 1 && numbers[0].digits == 8) {
        if (is_year(a / 10000)) {
            b = a / 100 % 100;
            c = a % 100;
            a /= 10000;
        } else {
            c = a / 1000000;
            b = a / 10000 % 100;
            a %= 10000;
        }
    } else if (count == 3 && numbers[0].digits <= 2) {
        a = numbers[2].value;
        c = numbers[0].value;
    }
    if (count == 0 || !is_year(a) || b > 12 || c > 31)
        return false;
    *civil = (struct civil){.year = (int)a, .month = (int)b, .day = (int)c};
    return time_civil_valid(civil);
}

static bool
read_date(struct text value, uint64_t *ret_at)
{
    struct number numbers[3] = {{0, 0}, {0, 0}, {0, 0}};
    struct civil civil;

    if (!civil_of(numbers, date_numbers(value, numbers), &civil))
        return false;
    *ret_at = (uint64_t)(time_days(civil.year, civil.month, civil.day) +
                         DAYS_BEFORE_1970);
    return true;
}

/* -- identifiers and pages -- */

/* "system|value", "value", HL7's "value^^^authority": the value's digits. */
static bool
read_identifier(struct text value, uint64_t *ret_at)
{
    struct reader reader = {value};
    uint64_t number = 0;
    bool any = false;
    int byte;

    while ((byte = next_byte(&reader)) >= 0 && byte != ',' && byte != '^') {
        if (byte == '|') {
            number = 0;
            any = false;
        } else if (byte >= '0' && byte <= '9') {
            number = (number * 10 + (uint64_t)(byte - '0')) % DIGITS_MODULUS;
            any = true;
        }
    }
    *ret_at = number;
    return any;
}

static bool
read_page(struct text value, uint64_t *ret_at)
{
    uint64_t page;

    if (value.length > OFFSET_DIGITS_MAX ||
        text_to_u64(value, UINT64_MAX, &page) != OK)
        return false;
    *ret_at = page;
    return true;
}

/* -- names of parameters -- */

/* Lower case, decoded, without '_' and '-'. Longer ones than all that are
 * known are cut: they are none of them. */
static size_t
plain_word(struct text name, char word[WORD_BYTES_MAX])
{
    struct reader reader = {name};
    size_t length = 0;
    int byte;

    while (length < WORD_BYTES_MAX && (byte = next_byte(&reader)) >= 0) {
        if (byte >= 'A' && byte <= 'Z')
            byte += 'a' - 'A';
        if (byte != '_' && byte != '-')
            word[length++] = (char)byte;
    }
    return length;
}

static const struct word *
find_word(struct text given)
{
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (given.length == words[i].length &&
            memcmp(given.bytes, words[i].name, given.length) == 0)
            return &words[i];
    return NULL;
}

/* "patient:Patient.family:contains" → family; "patient:identifier" → the
 * identifier; "family:exact" → family. */
static const struct word *
word_of(struct text name)
{
    static const struct word no_word = {WORD(""), USE_NONE, 0};
    char bytes[WORD_BYTES_MAX];
    struct text word = {bytes, plain_word(name, bytes)}, head, modifier;
    const struct word *found;

    if (word.length == 0 || word.length == WORD_BYTES_MAX)
        return &no_word;
    for (size_t i = word.length; i-- > 0;) {
        if (word.bytes[i] == '.') {
            word = text_after(word, i + 1);
            break;
        }
    }
    if (text_split(word, ':', &head, &modifier) &&
        text_is(modifier, "identifier"))
        head = modifier;
    found = find_word(head);
    return found == NULL ? &no_word : found;
}

/* -- all together -- */

/* What was found of each use. */
struct found {
    bool is_set[USE_PERSON + 1];
    uint64_t at[USE_PERSON + 1];
    uint8_t rank[USE_PERSON + 1];
};

static bool
read_value(unsigned use, struct text value, uint64_t *ret_at)
{
    switch (use) {
    case USE_NAME:
        return read_name(value, ret_at);
    case USE_DATE:
        return read_date(value, ret_at);
    case USE_IDENTIFIER:
        return read_identifier(value, ret_at);
    case USE_PAGE:
        return read_page(value, ret_at);
    default:
        *ret_at = 0;
        return value.length > 0;
    }
}

static void
take_parameter(struct found *found, struct text name, struct text value)
{
    const struct word *word = word_of(name);
    uint64_t at;

    if (word->use == USE_NONE ||
        (found->is_set[word->use] && found->rank[word->use] <= word->rank) ||
        !read_value(word->use, value, &at))
        return;
    found->is_set[word->use] = true;
    found->at[word->use] = at;
    found->rank[word->use] = word->rank;
}

static uint32_t
digest(uint32_t sum, struct text text)
{
    for (size_t i = 0; i < text.length; i++)
        sum = (sum ^ (uint8_t)text.bytes[i]) * UINT32_C(16777619);
    return sum;
}

/* All but the page, in any order. Browsers' "_=1764051204" against caches
 * is not part of the search. */
static uint32_t
rest_of(struct text path, struct text parameters)
{
    uint32_t sum = digest(UINT32_C(2166136261), path);
    struct text name, value;

    while (query_next_parameter(&parameters, &name, &value)) {
        if (text_is(name, "_") || word_of(name)->use == USE_PAGE)
            continue;
        sum += digest(digest(digest(UINT32_C(2166136261), name), TEXT("=")),
                      value);
    }
    return sum;
}

/* "/Patient/42/Observation": of one person. */
static bool
path_has_person(struct text path)
{
    struct text segment;
    bool patient = false;

    while (query_next_segment(&path, &segment)) {
        if (patient && segment.bytes[0] != '_' && segment.bytes[0] != '$')
            return true;
        patient = text_is(segment, "Patient");
    }
    return false;
}

/* XML of a registry query and HL7 v2 are no requests. */
static bool
is_request(struct text query)
{
    struct text trimmed = text_trim(query);

    return trimmed.length > 0 && trimmed.bytes[0] != '<' &&
           trimmed.bytes[0] != '{' && !text_starts(trimmed, "MSH|") &&
           text_find_byte(trimmed, '=') < trimmed.length;
}

/* query_split() takes "ddn=25/03/1980" for a path, and what is before "://"
 * for a scheme: here a '=' decides that comes before all that a URL has. */
static void
split(struct text query, struct text *ret_path, struct text *ret_parameters)
{
    struct text base, trimmed = text_trim(query);

    for (size_t i = 0; i < trimmed.length; i++) {
        if (trimmed.bytes[i] == '=') {
            *ret_path = (struct text){"", 0};
            *ret_parameters = trimmed;
            return;
        }
        if (memchr("/? \n", trimmed.bytes[i], 4) != NULL)
            break;
    }
    query_split(query, &base, ret_path, ret_parameters);
}

static unsigned
kind_of(const struct found *found, struct text path)
{
    bool page = found->is_set[USE_PAGE];
    /* pages of one person's data are read as pages of a book */
    bool of_one = found->is_set[USE_PERSON] || found->is_set[USE_IDENTIFIER] ||
                  path_has_person(path);

    if (page && !of_one && found->at[USE_PAGE] > found->rank[USE_PAGE])
        return USE_PAGE;
    for (unsigned use = USE_NAME; use <= USE_IDENTIFIER; use++)
        if (found->is_set[use])
            return use;
    return page && !of_one ? USE_PAGE : USE_NONE;
}

void
query_place_of(struct text query, struct query_place *ret_place)
{
    static const uint8_t kinds[] = {QUERY_NONE, QUERY_NAME, QUERY_DATE,
                                    QUERY_IDENTIFIER, QUERY_OFFSET};
    struct text path, parameters, left, name, value;
    struct found found = {0};
    unsigned use;

    *ret_place = (struct query_place){0};
    if (!is_request(query))
        return;
    split(query, &path, &parameters);
    left = parameters;
    while (query_next_parameter(&left, &name, &value))
        take_parameter(&found, name, value);
    use = kind_of(&found, path);
    if (use == USE_NONE)
        return;
    ret_place->kind = kinds[use];
    ret_place->at = found.at[use];
    if (use == USE_PAGE)
        ret_place->rest = rest_of(path, parameters);
}
