# SPDX-License-Identifier: EUPL-1.2
# Objects go to $(B), with their dependencies. `make help` lists the targets.
# B=build-asan is the same with the address and undefined-behaviour
# sanitizers, B=build-fuzz the same with clang's fuzzer.
B ?= build
PREFIX ?= /usr/local
SECONDS ?= 600

PKGS = openssl libsodium lmdb zlib libzstd expat libmaxminddb
LIBS := $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lm
WARN = -Wall -Wextra -Wshadow -Wconversion -Wsign-conversion -Wcast-qual \
  -Wwrite-strings -Wundef -Wvla -Wformat=2 -Wstrict-prototypes \
  -Wmissing-prototypes -Wimplicit-fallthrough -Wnull-dereference -Werror
HARD = -fstack-protector-strong -D_FORTIFY_SOURCE=3
OPT = -O2 -g
ifeq ($(origin CC),default)
CC = gcc
endif

ifeq ($(notdir $(B)),build-asan)
# the ordinary build judges the warnings: those that follow values go wrong
# between the checks that the sanitizers put in
OPT = -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all \
  -fno-omit-frame-pointer -Wno-error -Wno-null-dereference \
  -Wno-format-truncation -Wno-maybe-uninitialized
HARD =
endif
ifeq ($(notdir $(B)),build-fuzz)
CC = clang
OPT = -O1 -g -fsanitize=fuzzer-no-link,address,undefined \
  -fno-sanitize-recover=all -fno-omit-frame-pointer -Wno-error
HARD =
endif

# The program itself is optimised across its files (LTO= goes without: quicker
# to link); tests and benches link the ordinary code in the same objects,
# which they have to say: gcc takes the other one wherever it finds it.
ifeq ($(notdir $(B)),build)
LTO ?= -flto=auto -ffat-lto-objects
endif
ifneq ($(LTO),)
# bounds that it cannot see through are taken for the largest ones
LTOLINK = $(LTO) -Wno-stringop-overread -Wno-stringop-overflow
endif

CFLAGS_ALL = -std=c11 -D_GNU_SOURCE -I. -isystem $(B)/gen $(WARN) $(OPT) \
  $(HARD) -fPIE -fno-strict-aliasing -MMD -MP
LDFLAGS_ALL = $(OPT) -pie -Wl,-z,relro,-z,now -Wl,--as-needed
PLAINLINK = $(LDFLAGS_ALL) -fno-lto

FOLDERS = base model codec ledger wire label ingest detect contain scope \
  incident notify phishing share store core console proc demo
SRC := $(sort $(foreach d,$(FOLDERS),$(wildcard $(d)/*.c)))
CLI := $(sort $(wildcard cli/*.c))
OBJ := $(SRC:%.c=$(B)/%.o)
CLIOBJ := $(CLI:%.c=$(B)/%.o)
UNIT := $(sort $(wildcard test/unit/*_test.c))
UNITBIN := $(UNIT:%.c=$(B)/%)
VECTORSBIN := $(patsubst %.c,$(B)/%,$(sort $(wildcard test/vectors/*_test.c)))
FAULTBIN := $(patsubst %.c,$(B)/%,$(sort $(wildcard test/fault/*_test.c)))
# helpers that tests share: any other .c beside them
HELPEROBJ := $(patsubst %.c,$(B)/%.o,$(filter-out %_test.c,\
  $(wildcard test/unit/*.c test/vectors/*.c test/fault/*.c test/help/*.c)))
FUZZ := $(sort $(wildcard test/fuzz/*_fuzz.c))
SEEDBIN := $(FUZZ:%.c=$(B)/%)
BENCHBIN := $(patsubst %.c,$(B)/%,$(sort $(wildcard bench/*.c)))
LOCALE := $(B)/locale/fr/LC_MESSAGES/vigie.mo

all: $(B)/vigie $(LOCALE)

help:
	@echo 'make            build/vigie and its French sentences'
	@echo 'make door       the nginx module, build/door/ (docs/door.md)'
	@echo 'make test       everything, sanitizers too: N passed, N failed'
	@echo 'make check      fast: unit tests, vectors, fuzz seeds, rules'
	@echo 'make unit       the unit tests alone'
	@echo 'make bench      figures against their targets (bench/README.md)'
	@echo 'make fuzz T=json [SECONDS=600]   one libFuzzer target (clang)'
	@echo 'make lint       clang-tidy over the sources'
	@echo 'make format     clang-format over the sources'
	@echo 'make install    PREFIX=/usr/local, DESTDIR; make uninstall'
	@echo 'make clean      removes build, build-asan, build-fuzz'

$(B)/libvigie.a: $(OBJ)
	@rm -f $@; ar rcs $@ $(OBJ)
$(B)/vigie: $(CLIOBJ) $(B)/libvigie.a
	@echo '  LINK $@'
	@$(CC) $(LDFLAGS_ALL) $(LTOLINK) -o $@ $(CLIOBJ) $(B)/libvigie.a $(LIBS)
$(B)/%.o: %.c
	@mkdir -p $(@D)
	@echo '  CC   $<'
	@$(CC) $(CFLAGS_ALL) $(LTO) -c -o $@ $<
$(LOCALE): $(sort $(wildcard po/fr/*.po))
	@mkdir -p $(@D)
	@msgcat --use-first --no-location $^ | msgfmt -o $@ -

# The most specific pattern wins: a program of test/fuzz gets the replayer,
# all others cmocka's.
$(B)/test/%_test: $(B)/test/%_test.o $(HELPEROBJ) $(B)/libvigie.a
	@$(CC) $(PLAINLINK) -o $@ $< $(HELPEROBJ) $(B)/libvigie.a $(LIBS) -lcmocka
ifeq ($(notdir $(B)),build-fuzz)
$(B)/test/fuzz/%_fuzz: $(B)/test/fuzz/%_fuzz.o $(B)/libvigie.a
	@$(CC) $(PLAINLINK) -fsanitize=fuzzer -o $@ $< $(B)/libvigie.a $(LIBS)
else
$(B)/test/fuzz/%_fuzz: $(B)/test/fuzz/%_fuzz.o $(B)/test/fuzz/replay_main.o \
    $(B)/libvigie.a
	@$(CC) $(PLAINLINK) -o $@ $< $(B)/test/fuzz/replay_main.o \
	  $(B)/libvigie.a $(LIBS)
endif
# what it measures is what is shipped
$(B)/bench/core_bench: PLAINLINK = $(LDFLAGS_ALL) $(LTOLINK)
$(B)/bench/%: $(B)/bench/%.o $(B)/libvigie.a
	@$(CC) $(PLAINLINK) -o $@ $< $(B)/libvigie.a $(LIBS) -ljansson

# The nginx module (docs/door.md): its own objects, since it is loaded into
# another program. nginx-dev's configure says how Debian's nginx was built.
NGINX ?= /usr/share/nginx/src
DOOR := $(B)/door/ngx_http_vigie_module.so
DOOROBJ := $(patsubst %.c,$(B)/pic/%.o,$(sort $(wildcard door/*.c)))
PICOBJ := $(patsubst %.c,$(B)/pic/%.o,$(sort $(foreach d,base model codec \
  wire label,$(wildcard $(d)/*.c))))
PIC = -fPIC -fvisibility=hidden
DOORINC = $(foreach d,src/core src/event src/event/modules src/os/unix \
  src/http src/http/modules,-isystem $(NGINX)/$(d)) -isystem $(B)/door/nginx
# as nginx's headers and idiom want it
DOORWARN = -Wno-conversion -Wno-sign-conversion -Wno-cast-qual \
  -Wno-cast-function-type

door: $(DOOR)
$(B)/door/nginx/ngx_auto_config.h: $(NGINX)/configure
	@mkdir -p $(B)/door
	@echo '  CONF $(NGINX)'
	@cd $(NGINX) && ./configure --with-compat \
	  --builddir=$(abspath $(B))/door/nginx >$(abspath $(B))/door/configure.log
$(B)/pic/door/%.o: door/%.c $(B)/door/nginx/ngx_auto_config.h
	@mkdir -p $(@D)
	@echo '  CC   $<'
	@$(CC) $(filter-out -fPIE,$(CFLAGS_ALL)) $(PIC) $(DOORINC) $(DOORWARN) \
	  -c -o $@ $<
$(B)/pic/%.o: %.c
	@mkdir -p $(@D)
	@echo '  CC   $< (pic)'
	@$(CC) $(filter-out -fPIE,$(CFLAGS_ALL)) $(PIC) -c -o $@ $<
$(DOOR): $(DOOROBJ) $(PICOBJ)
	@mkdir -p $(@D)
	@echo '  LINK $@'
	@rm -f $(B)/pic/libdoor.a; ar rcs $(B)/pic/libdoor.a $(PICOBJ)
	@$(CC) $(OPT) -shared -Wl,-z,relro,-z,now -Wl,--as-needed -Wl,--gc-sections \
	  -o $@ $(DOOROBJ) $(B)/pic/libdoor.a $(LIBS)

# What tools/run-tests runs, built.
unitbins: $(UNITBIN)
checkbins: $(UNITBIN) $(VECTORSBIN) $(SEEDBIN)
testbins: all checkbins $(FAULTBIN)
# script/setup brings nginx-dev; without it the door's tests say so.
ifneq ($(wildcard $(NGINX)/configure),)
ifneq ($(notdir $(B)),build-fuzz)
testbins benchbins: $(DOOR)
endif
endif
benchbins: all $(BENCHBIN)

test:
	@tools/run-tests test
check:
	@tools/run-tests check
unit: $(UNITBIN)
	@B=$(B) tools/run-tests unit
bench: benchbins
	@B=$(B) tools/run-bench
bench-detection-docs: all
	@VIGIE=$(B)/vigie tools/bench-detection-docs
fuzz:
	@test -n "$(T)" || { echo 'make fuzz T=NAME (test/fuzz/NAME_fuzz.c)'; exit 2; }
	@$(MAKE) --no-print-directory B=build-fuzz build-fuzz/test/fuzz/$(T)_fuzz
	@mkdir -p build-fuzz/corpus/$(T) test/fuzz/seeds/$(T)
	build-fuzz/test/fuzz/$(T)_fuzz -max_total_time=$(SECONDS) -timeout=20 \
	  -rss_limit_mb=2048 -artifact_prefix=build-fuzz/$(T)- \
	  -print_final_stats=1 build-fuzz/corpus/$(T) test/fuzz/seeds/$(T)
lint:
	@tools/lint $(SRC) $(CLI)
format:
	@command -v clang-format >/dev/null || script/setup lint
	clang-format -i $(wildcard $(foreach d,$(FOLDERS) cli bench test/unit \
	  test/fault test/vectors test/fuzz test/help,$(d)/*.[ch]))
# Where each file goes, under DESTDIR. The module goes where it was built.
UNITDIR ?= $(PREFIX)/lib/systemd/system
INSTALLED = $(PREFIX)/bin/vigie \
  $(PREFIX)/share/locale/fr/LC_MESSAGES/vigie.mo \
  $(PREFIX)/share/man/man1/vigie.1 $(PREFIX)/share/man/fr/man1/vigie.1 \
  $(PREFIX)/share/doc/vigie/examples/vigie.conf \
  $(PREFIX)/share/doc/vigie/examples/syslog.conf \
  $(PREFIX)/lib/sysusers.d/vigie.conf $(PREFIX)/lib/tmpfiles.d/vigie.conf \
  $(UNITDIR)/vigie.service $(PREFIX)/lib/vigie/ngx_http_vigie_module.so

install: all
	install -D -m 755 $(B)/vigie $(DESTDIR)$(PREFIX)/bin/vigie
	install -D -m 644 $(LOCALE) \
	  $(DESTDIR)$(PREFIX)/share/locale/fr/LC_MESSAGES/vigie.mo
	install -D -m 644 man/vigie.1 $(DESTDIR)$(PREFIX)/share/man/man1/vigie.1
	install -D -m 644 man/fr/vigie.1 \
	  $(DESTDIR)$(PREFIX)/share/man/fr/man1/vigie.1
	install -D -m 644 packaging/vigie.conf \
	  $(DESTDIR)$(PREFIX)/share/doc/vigie/examples/vigie.conf
	install -D -m 644 packaging/syslog.conf \
	  $(DESTDIR)$(PREFIX)/share/doc/vigie/examples/syslog.conf
	install -D -m 644 packaging/sysusers.conf \
	  $(DESTDIR)$(PREFIX)/lib/sysusers.d/vigie.conf
	install -D -m 644 packaging/tmpfiles.conf \
	  $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/vigie.conf
	install -d $(DESTDIR)$(UNITDIR)
	sed 's|/usr/bin/vigie|$(PREFIX)/bin/vigie|' packaging/vigie.service \
	  >$(DESTDIR)$(UNITDIR)/vigie.service
	chmod 644 $(DESTDIR)$(UNITDIR)/vigie.service
	test ! -f $(DOOR) || install -D -m 644 $(DOOR) \
	  $(DESTDIR)$(PREFIX)/lib/vigie/ngx_http_vigie_module.so
# Takes away these files only: never data, keys or a configuration.
uninstall:
	rm -f $(addprefix $(DESTDIR),$(INSTALLED))
clean:
	rm -rf build build-asan build-fuzz

-include $(DOOROBJ:.o=.d) $(PICOBJ:.o=.d)
-include $(OBJ:.o=.d) $(CLIOBJ:.o=.d) $(HELPEROBJ:.o=.d) $(UNITBIN:=.d) \
  $(VECTORSBIN:=.d) $(FAULTBIN:=.d) $(SEEDBIN:=.d) $(BENCHBIN:=.d)
.PHONY: all help door unitbins checkbins testbins benchbins test check unit bench \
  bench-detection-docs fuzz lint format install uninstall clean
.SECONDARY:
