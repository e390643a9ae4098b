/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The worker's connection to core: SOCK_SEQPACKET, greeted, opened again
 * with growing pauses, never waited for. What core sends is read as from a
 * hostile peer: one bad packet ends the connection.
 */
#include "door/door.h"

#include "base/time.h"
#include "wire/batch.h"

#define DOOR_PAUSE_MIN_MS 20
#define DOOR_PAUSE_MAX_MS 1000
#define DOOR_GREETING_MS 2000

typedef enum {
    DOOR_LINK_DOWN = 0,
    DOOR_LINK_GREETING, /* the welcome, then the standing orders */
    DOOR_LINK_ORDERS,
    DOOR_LINK_READY
} door_link_state_t;

static struct {
    door_link_state_t state;
    ngx_connection_t *connection;
    door_main_conf_t *conf;
    ngx_event_t timer; /* next try, or the end of the greeting */
    ngx_event_t broken, flush;
    ngx_uint_t blocked; /* no room in the socket */
    ngx_msec_t pause_ms;
    uint64_t started_us;
    ngx_log_t *log;
    ngx_uint_t said_down;
} door_link;

static u_char door_link_bytes[WIRE_PACKET_BYTES_MAX];

static void door_link_open(void);


/* From an event only: requests that waited are decided, and go on. */
static void
door_link_close(const char *why)
{
    door_loc_conf_t **lcf = door_link.conf->locations.elts;
    ngx_uint_t i;

    if (door_link.connection != NULL) {
        ngx_close_connection(door_link.connection);
        door_link.connection = NULL;
    }

    if (!door_link.said_down) {
        ngx_log_error(NGX_LOG_ERR, door_link.log, 0,
                      "vigie: core is away (%s)", why);
        door_link.said_down = 1;
    }

    door_link.state = DOOR_LINK_DOWN;
    door_queue_drop();
    door_link.blocked = 0;
    if (door_link.broken.posted) {
        ngx_delete_posted_event(&door_link.broken);
    }
    if (door_link.flush.posted) {
        ngx_delete_posted_event(&door_link.flush);
    }

    for (i = 0; i < door_link.conf->locations.nelts; i++) {
        lcf[i]->telling.number = 0;
    }

    ngx_add_timer(&door_link.timer, door_link.pause_ms);
    door_link.pause_ms = ngx_min(door_link.pause_ms * 2, DOOR_PAUSE_MAX_MS);

    door_ask_lost();
}


/* Messages go out together at the end of the turn: core is woken once. */
ngx_int_t
door_link_send(const void *message, size_t length)
{
    if (door_link.state == DOOR_LINK_DOWN || door_link.broken.posted
        || door_queue_add(message, length, door_link.log) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (door_link.state == DOOR_LINK_READY && !door_link.blocked) {
        ngx_post_event(&door_link.flush, &ngx_posted_next_events);
    }

    return NGX_OK;
}


/* NGX_AGAIN: no room, an event will come. NGX_ERROR: the connection is no
 * more. */
static ngx_int_t
door_link_flush(void)
{
    ngx_int_t rc = door_queue_send(door_link.connection->fd);

    door_link.blocked = rc == NGX_AGAIN;
    if (rc == NGX_AGAIN) {
        door_link.connection->write->ready = 0;
        if (ngx_handle_write_event(door_link.connection->write, 0) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return rc;
}


/* -- what was missed while core was away -- */

static void
door_link_tell(door_loc_conf_t *lcf)
{
    static u_char bytes[WIRE_PACKET_BYTES_MAX];
    struct wire_missed missed;
    size_t length;

    if (lcf->telling.number != 0) {
        return;
    }

    if (lcf->telling.from_us == 0) {
        if (lcf->missed.from_us == 0) {
            return;
        }
        lcf->telling = lcf->missed;
        ngx_memzero(&lcf->missed, sizeof(lcf->missed));
    }

    missed.number = door_ask_number();
    missed.from_us = lcf->telling.from_us;
    missed.to_us = lcf->telling.to_us;
    missed.released = lcf->telling.released;
    missed.refused = lcf->telling.refused;
    missed.persons = lcf->telling.persons;
    missed.service = (struct text){(char *) lcf->service.data,
                                   lcf->service.len};

    if (wire_missed_write(&missed, bytes, &length) == OK
        && door_link_send(bytes, length) == NGX_OK)
    {
        lcf->telling.number = missed.number;
    }
}


void
door_link_missed(void)
{
    door_loc_conf_t **lcf = door_link.conf->locations.elts;
    ngx_uint_t i;

    if (door_link.state != DOOR_LINK_READY) {
        return;
    }

    for (i = 0; i < door_link.conf->locations.nelts; i++) {
        door_link_tell(lcf[i]);
    }
}


/* It is recorded: it need not be said again. */
static void
door_link_told(uint64_t number)
{
    door_loc_conf_t **lcf = door_link.conf->locations.elts;
    ngx_uint_t i;

    for (i = 0; i < door_link.conf->locations.nelts; i++) {
        if (lcf[i]->telling.number == number) {
            ngx_memzero(&lcf[i]->telling, sizeof(lcf[i]->telling));
            door_link_tell(lcf[i]);
            return;
        }
    }
}


/* -- reading -- */

static void
door_link_ready(void)
{
    door_link.state = DOOR_LINK_READY;
    door_link.pause_ms = DOOR_PAUSE_MIN_MS;
    if (door_link.timer.timer_set) {
        ngx_del_timer(&door_link.timer);
    }

    if (door_link.said_down) {
        ngx_log_error(NGX_LOG_NOTICE, door_link.log, 0,
                      "vigie: core is there");
        door_link.said_down = 0;
    }

    if (door_link_flush() == NGX_ERROR) {
        ngx_post_event(&door_link.broken, &ngx_posted_events);
        return;
    }

    door_link_missed();
}


static const char *
door_link_welcomed(const u_char *bytes, size_t length)
{
    struct wire_welcome welcome;

    if (door_link.state != DOOR_LINK_GREETING
        || wire_welcome_read(bytes, length, &welcome) != OK)
    {
        return "it speaks nonsense";
    }

    if (welcome.version != WIRE_VERSION) {
        return "it speaks another version";
    }

    door_orders_begin(welcome.tag_key);
    door_link.state = DOOR_LINK_ORDERS;

    return NULL;
}


static const char *
door_link_message(const u_char *bytes, size_t length)
{
    struct wire_answer answer;
    struct wire_order order;

    switch (wire_type_of(bytes, length)) {

    case WIRE_WELCOME:
        return door_link_welcomed(bytes, length);

    case WIRE_ORDER:
        if (door_link.state < DOOR_LINK_ORDERS
            || wire_order_read(bytes, length, &order) != OK)
        {
            return "it speaks nonsense";
        }

        door_orders_add(&order, door_link.log);
        if (order.last_standing && door_link.state == DOOR_LINK_ORDERS) {
            door_link_ready();
        }

        return NULL;

    case WIRE_ANSWER:
        if (door_link.state != DOOR_LINK_READY
            || wire_answer_read(bytes, length, &answer) != OK)
        {
            return "it speaks nonsense";
        }

        if (!door_ask_answered(&answer)) {
            door_link_told(answer.number);
        }

        return NULL;

    default:
        return "it speaks nonsense";
    }
}


static void
door_link_read_handler(ngx_event_t *ev)
{
    ngx_connection_t *c = ev->data;
    struct text messages[WIRE_BATCH_MAX];
    const char *wrong;
    size_t count = 0, i;
    ssize_t n;

    for ( ;; ) {
        n = recv(c->fd, door_link_bytes, sizeof(door_link_bytes),
                 MSG_DONTWAIT|MSG_TRUNC);

        if (n == -1 && ngx_errno == NGX_EINTR) {
            continue;
        }

        if (n == -1 && ngx_errno == NGX_EAGAIN) {
            ev->ready = 0;
            if (ngx_handle_read_event(ev, 0) != NGX_OK) {
                door_link_close("no event can be had");
            }
            return;
        }

        if (n <= 0) {
            door_link_close("it closed the connection");
            return;
        }

        wrong = (size_t) n > sizeof(door_link_bytes)
                || wire_batch_read(door_link_bytes, (size_t) n, messages,
                                   &count) != OK
                ? "it speaks nonsense" : NULL;

        for (i = 0; wrong == NULL && i < count; i++) {
            wrong = door_link_message((const u_char *) messages[i].bytes,
                                      messages[i].length);
            if (door_link.connection != c || door_link.broken.posted) {
                return;
            }
        }

        if (wrong != NULL) {
            door_link_close(wrong);
            return;
        }
    }
}


/* Of the socket, and of the end of a turn. */
static void
door_link_write_handler(ngx_event_t *ev)
{
    (void) ev;
    if (door_link.state == DOOR_LINK_READY
        && door_link_flush() == NGX_ERROR)
    {
        door_link_close("it cannot be written to");
    }
}


static void
door_link_timer_handler(ngx_event_t *ev)
{
    (void) ev;
    if (door_link.state == DOOR_LINK_DOWN) {
        door_link_open();
    } else {
        door_link_close("it does not greet");
    }
}


static void
door_link_broken_handler(ngx_event_t *ev)
{
    (void) ev;
    door_link_close("it cannot be written to");
}


/* -- opening -- */

static ngx_int_t
door_link_connect(void)
{
    struct sockaddr_un address;
    ngx_connection_t *c;
    int fd;

    fd = socket(AF_UNIX, SOCK_SEQPACKET|SOCK_NONBLOCK|SOCK_CLOEXEC, 0);
    if (fd == -1) {
        return NGX_ERROR;
    }

    ngx_memzero(&address, sizeof(address));
    address.sun_family = AF_UNIX;
    ngx_memcpy(address.sun_path, door_link.conf->socket.data,
               door_link.conf->socket.len);

    if (connect(fd, (struct sockaddr *) &address, sizeof(address)) == -1) {
        (void) close(fd);
        return NGX_ERROR;
    }

    c = ngx_get_connection(fd, door_link.log);
    if (c == NULL) {
        (void) close(fd);
        return NGX_ERROR;
    }

    c->log = door_link.log;
    c->read->log = door_link.log;
    c->write->log = door_link.log;
    c->read->handler = door_link_read_handler;
    c->write->handler = door_link_write_handler;
    c->number = ngx_atomic_fetch_add(ngx_connection_counter, 1);
    door_link.connection = c;

    return ngx_handle_read_event(c->read, 0);
}


static void
door_link_open(void)
{
    struct wire_hello hello;
    size_t length;

    if (door_link_connect() != NGX_OK) {
        door_link_close("no connection");
        return;
    }

    hello.version = WIRE_VERSION;
    hello.pid = (uint32_t) ngx_pid;
    hello.started_us = door_link.started_us;

    if (wire_hello_write(&hello, door_link_bytes, &length) != OK
        || send(door_link.connection->fd, door_link_bytes, length,
                MSG_DONTWAIT|MSG_NOSIGNAL) != (ssize_t) length)
    {
        door_link_close("it cannot be written to");
        return;
    }

    door_link.state = DOOR_LINK_GREETING;
    ngx_add_timer(&door_link.timer, DOOR_GREETING_MS);
}


ngx_int_t
door_link_start(ngx_cycle_t *cycle, door_main_conf_t *conf)
{
    ngx_memzero(&door_link, sizeof(door_link));
    door_link.conf = conf;
    door_link.log = cycle->log;
    door_link.pause_ms = DOOR_PAUSE_MIN_MS;
    door_link.started_us = (uint64_t) time_now_us();
    door_queue_start();

    door_link.timer.handler = door_link_timer_handler;
    door_link.timer.data = &door_link;
    door_link.timer.log = cycle->log;
    door_link.timer.cancelable = 1;
    door_link.broken.handler = door_link_broken_handler;
    door_link.broken.data = &door_link;
    door_link.broken.log = cycle->log;
    door_link.flush.handler = door_link_write_handler;
    door_link.flush.data = &door_link;
    door_link.flush.log = cycle->log;

    door_link_open();

    return NGX_OK;
}


void
door_link_stop(void)
{
    door_loc_conf_t **lcf;
    ngx_uint_t i;

    if (door_link.conf == NULL) {
        return;
    }

    lcf = door_link.conf->locations.elts;
    for (i = 0; i < door_link.conf->locations.nelts; i++) {
        if (lcf[i]->missed.from_us != 0 || lcf[i]->telling.from_us != 0) {
            ngx_log_error(NGX_LOG_ALERT, door_link.log, 0,
                          "vigie: %uL answers released and %uL refused "
                          "without core were never told to it",
                          lcf[i]->missed.released + lcf[i]->telling.released,
                          lcf[i]->missed.refused + lcf[i]->telling.refused);
        }
    }

    if (door_link.connection != NULL) {
        if (door_link.state == DOOR_LINK_READY) {
            (void) door_link_flush();
        }

        ngx_close_connection(door_link.connection);
        door_link.connection = NULL;
    }
}
