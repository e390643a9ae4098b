# SPDX-License-Identifier: EUPL-1.2
# Objects go to $(B); dependencies are automatic. `make help` lists the rest.
B ?= build
CC ?= gcc
PKGS = openssl libsodium lmdb zlib libzstd expat
LIBS := $(shell pkg-config --libs $(PKGS)) -lm
WARN = -Wall -Wextra -Wshadow -Wconversion -Wsign-conversion -Wcast-qual \
  -Wwrite-strings -Wundef -Wvla -Wformat=2 -Wstrict-prototypes \
  -Wmissing-prototypes -Wimplicit-fallthrough -Wnull-dereference -Werror
HARD = -fstack-protector-strong -D_FORTIFY_SOURCE=3 -fPIE
OPT ?= -O2 -g
CFLAGS_ALL = -std=c11 -D_GNU_SOURCE -I. -isystem $(B)/gen $(WARN) $(OPT) $(HARD) \
  -fno-strict-aliasing -MMD -MP
LDFLAGS_ALL = -pie -Wl,-z,relro,-z,now
FOLDERS = base model codec ledger wire label ingest detect contain scope \
  incident notify phishing share store core console proc demo
SRC := $(sort $(foreach d,$(FOLDERS),$(wildcard $(d)/*.c)))
CLI := $(sort $(wildcard cli/*.c))
OBJ := $(SRC:%.c=$(B)/%.o)
CLIOBJ := $(CLI:%.c=$(B)/%.o)
UNIT := $(sort $(wildcard test/unit/*_test.c))
UNITBIN := $(UNIT:%.c=$(B)/%)

all: $(B)/vigie
$(B)/libvigie.a: $(OBJ)
	@rm -f $@; ar rcs $@ $(OBJ)
$(B)/vigie: $(CLIOBJ) $(B)/libvigie.a
	$(CC) $(OPT) $(LDFLAGS_ALL) -o $@ $(CLIOBJ) $(B)/libvigie.a $(LIBS)
$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -c -o $@ $<
$(B)/test/unit/%: $(B)/test/unit/%.o $(B)/libvigie.a
	$(CC) $(OPT) $(LDFLAGS_ALL) -o $@ $< $(B)/libvigie.a $(LIBS) -lcmocka
unit: $(UNITBIN)
	@for t in $(UNITBIN); do $$t || exit 1; done
clean:
	rm -rf $(B)
-include $(OBJ:.o=.d) $(CLIOBJ:.o=.d) $(UNITBIN:=.d)
.PHONY: all unit clean
.SECONDARY:
