// SPDX-License-Identifier: EUPL-1.2
// simdjson (Debian's package, bench only) behind two C functions: its DOM
// parse, and its on-demand walk over every value. bench/label.sh builds it.
#include <simdjson.h>

using namespace simdjson;

static dom::parser tree;
static ondemand::parser walker;
static padded_string copy;

static size_t
walk(ondemand::value value)
{
    size_t sum = 0;

    switch (value.type()) {
    case ondemand::json_type::object:
        for (auto field : value.get_object())
            sum += static_cast<size_t>(field.key().raw()[0]) +
                   walk(field.value());
        break;
    case ondemand::json_type::array:
        for (auto element : value.get_array())
            sum += walk(element.value());
        break;
    case ondemand::json_type::string:
        sum += value.get_string().value().size();
        break;
    default:
        sum += std::string_view(value.raw_json_token()).size();
    }
    return sum;
}

extern "C" void
peer_load(const char *bytes, size_t length)
{
    copy = padded_string(bytes, length);
}

extern "C" int
peer_parse()
{
    return tree.parse(copy).error() == SUCCESS ? 0 : 1;
}

extern "C" size_t
peer_walk()
{
    auto document = walker.iterate(copy);

    return walk(document.get_value());
}

extern "C" const char *
peer_name()
{
    static std::string name = get_active_implementation()->name();

    return name.c_str();
}
