/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What a location declares of its answers: how each content type is read, the
 * rules of JSON that is not FHIR, and whose data it shows where the bytes are
 * not read. Knows no request.
 */
#include "door/door.h"

#include "base/file.h"
#include "model/category.h"

static char door_duplicate[] = "is duplicate";

static ngx_conf_enum_t door_reads[] = {
    { ngx_string("fhir"), DOOR_READ_FHIR },
    { ngx_string("ndjson"), DOOR_READ_LINES },
    { ngx_string("json"), DOOR_READ_JSON },
    { ngx_string("route"), DOOR_READ_ROUTE },
    { ngx_string("unlabelled"), DOOR_READ_NOT },
    { ngx_string("nobody"), DOOR_READ_NONE },
    { ngx_null_string, 0 }
};

static const struct {
    ngx_str_t name;
    ngx_uint_t read;
} door_default_types[] = {
    { ngx_string("application/fhir+json"), DOOR_READ_FHIR },
    { ngx_string("application/json+fhir"), DOOR_READ_FHIR },
    { ngx_string("application/fhir+ndjson"), DOOR_READ_LINES },
    { ngx_string("application/ndjson"), DOOR_READ_LINES },
};


/* vigie_types TYPE=HOW …; */
char *
door_declared_types(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    door_loc_conf_t *lcf = conf;
    ngx_str_t *value = cf->args->elts;
    door_type_t *type;
    ngx_uint_t i, n;
    u_char *equal;

    if (lcf->types == NULL) {
        lcf->types = ngx_array_create(cf->pool, 4, sizeof(door_type_t));
        if (lcf->types == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    for (i = 1; i < cf->args->nelts; i++) {
        equal = ngx_strlchr(value[i].data, value[i].data + value[i].len, '=');
        n = 0;

        if (equal != NULL) {
            for ( /* void */ ; door_reads[n].name.len != 0; n++) {
                if (ngx_strcmp(equal + 1, door_reads[n].name.data) == 0) {
                    break;
                }
            }
        }

        if (equal == NULL || door_reads[n].name.len == 0) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "\"%V\": \"%V\" is not TYPE=fhir, =ndjson, "
                               "=json, =route, =unlabelled or =nobody",
                               &cmd->name, &value[i]);
            return NGX_CONF_ERROR;
        }

        type = ngx_array_push(lcf->types);
        if (type == NULL) {
            return NGX_CONF_ERROR;
        }

        type->name.data = value[i].data;
        type->name.len = equal - value[i].data;
        type->read = door_reads[n].value;
        ngx_strlow(type->name.data, type->name.data, type->name.len);
    }

    return NGX_CONF_OK;
}


/* vigie_rules FILE; */
char *
door_declared_rules(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    door_loc_conf_t *lcf = conf;
    ngx_str_t name = ((ngx_str_t *) cf->args->elts)[1];
    struct buffer text = {0};
    struct reason why = {0};
    enum result result;

    if (lcf->rules != NULL) {
        return door_duplicate;
    }

    lcf->rules = ngx_palloc(cf->pool, sizeof(struct label_rules));
    if (lcf->rules == NULL
        || ngx_conf_full_name(cf->cycle, &name, 1) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    result = file_load((char *) name.data, CONF_BYTES_MAX, &text);
    if (result == OK) {
        result = label_rules_parse(buffer_as_text(&text), &why, lcf->rules);
    }

    buffer_free(&text);
    if (result == OK && lcf->rules->count > 1) {
        return NGX_CONF_OK;
    }

    if (why.rule != NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\": %V:%uL: \"%s\": %s", &cmd->name, &name,
                           why.offset, why.field, why.rule);
    } else {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "\"%V\": %V: %s",
                           &cmd->name, &name, result == OK
                           ? "no rule in it" : result_name(result));
    }

    return NGX_CONF_ERROR;
}


/* vigie_shows CATEGORY …; */
char *
door_declared_shows(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    door_loc_conf_t *lcf = conf;
    ngx_str_t *value = cf->args->elts;
    struct text rest, name;
    ngx_uint_t i;
    uint16_t bit;

    if (lcf->shows != 0) {
        return door_duplicate;
    }

    for (i = 1; i < cf->args->nelts; i++) {
        rest = (struct text){(char *) value[i].data, value[i].len};

        do {
            (void) text_split(rest, ',', &name, &rest);
            if (category_parse(name, &bit) != OK) {
                ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                                   "\"%V\": \"%V\" is no category",
                                   &cmd->name, &value[i]);
                return NGX_CONF_ERROR;
            }
            lcf->shows |= bit;
        } while (rest.length > 0);
    }

    return NGX_CONF_OK;
}


static char *
door_default_types_set(ngx_conf_t *cf, door_loc_conf_t *lcf)
{
    ngx_uint_t i;
    door_type_t *type;

    lcf->types = ngx_array_create(cf->pool, 4, sizeof(door_type_t));
    if (lcf->types == NULL) {
        return NGX_CONF_ERROR;
    }

    for (i = 0; i < sizeof(door_default_types) / sizeof(*door_default_types);
         i++)
    {
        type = ngx_array_push(lcf->types);
        if (type == NULL) {
            return NGX_CONF_ERROR;
        }

        type->name = door_default_types[i].name;
        type->read = door_default_types[i].read;
    }

    return NGX_CONF_OK;
}


char *
door_declared_merge(ngx_conf_t *cf, door_loc_conf_t *prev,
                    door_loc_conf_t *lcf)
{
    if (lcf->types == NULL) {
        lcf->types = prev->types;
    }
    if (lcf->rules == NULL) {
        lcf->rules = prev->rules;
    }
    if (lcf->person == NULL) {
        lcf->person = prev->person;
    }
    if (lcf->shows == 0) {
        lcf->shows = prev->shows;
    }

    return lcf->types == NULL ? door_default_types_set(cf, lcf) : NGX_CONF_OK;
}


char *
door_declared_check(ngx_conf_t *cf, door_loc_conf_t *lcf)
{
    door_type_t *type = lcf->types->elts;
    ngx_uint_t i;

    for (i = 0; i < lcf->types->nelts; i++) {
        if (type[i].read == DOOR_READ_JSON && lcf->rules == NULL) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "\"vigie_types\": \"%V=json\" needs "
                               "\"vigie_rules\"", &type[i].name);
            return NGX_CONF_ERROR;
        }

        if (type[i].read == DOOR_READ_ROUTE
            && (lcf->person == NULL || lcf->shows == 0))
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "\"vigie_types\": \"%V=route\" needs "
                               "\"vigie_person\" and \"vigie_shows\"",
                               &type[i].name);
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}
