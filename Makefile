# dagtools: GNU make; "make help" says what can be asked for.

PREFIX  = /usr/local
DESTDIR =
CC      = cc
CFLAGS  = -O2 -g
LDFLAGS =
O       = build

# The library in layer order: a file may use those before it, never one
# behind it. test/house.bats reads this list.
LIB = buf text table name num words rec instant graph \
      tzrule tz cronset cron tick period rule slots \
      trigger cause value lang plan params \
      dagpath dagerr dagtext daglex dagparams dagedges dagcompile \
      dagcache dagprog dagfile dot \
      io watch alarm names spool state run scan runs marker hist pool worker \
      tree admit again eval simulate planstore maker \
      world worldenv kept holders spawn attempt finish lost supervisor \
      tar archive unpack retire latest renew sweep \
      known due backfill runrec sched source plancheck seen \
      kill change cancel intake aside withdraw check \
      idtext ids ready peers settle queuescan dispatch executor \
      past look view glance list notice logs await holding why
PROG = dagparse dagsched dagq dagexec dagstat

WARN = -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes \
       -Wmissing-prototypes -Wwrite-strings -Wvla
PKGS = libarchive zlib
SANITIZE = -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined \
           -fno-sanitize-recover=undefined
ALL_CFLAGS  = -std=c11 -D_GNU_SOURCE $(WARN) -iquote lib -iquote cmd -MMD -MP \
              $(shell pkg-config --cflags $(PKGS) 2>/dev/null) $(CFLAGS)
ALL_LDFLAGS = $(LDFLAGS) $(shell pkg-config --libs $(PKGS) 2>/dev/null)

LIBSRC = $(wildcard $(LIB:%=lib/%.c))
UNIT   = $(patsubst test/unit/%.c,$(O)/test/%,$(wildcard test/unit/*.c))
DEST   = $(DESTDIR)$(PREFIX)
SHARED = $(wildcard share/man/man?/*.[1-8] share/bash-completion/*/*)
BINS   = $(patsubst cmd/%.c,$(O)/bin/%,$(wildcard $(PROG:%=cmd/%.c)))

all: $(BINS)
	@:

help:
	@echo 'make            builds the programs in $(O)/bin'
	@echo 'make demo       installs what is missing, builds, runs the example'
	@echo 'make check      installs what is missing, builds, runs all tests'
	@echo 'make deps       installs what is missing, no more'
	@echo 'make install    to DESTDIR PREFIX ($(PREFIX)): programs, manuals'
	@echo 'make uninstall  removes what install put there'
	@echo 'make sanitize   runs the tests under ASan and UBSan'
	@echo 'make lint       looks over the sources and the manuals'
	@echo 'make bench      compares with make, ninja and others (hours)'
	@echo 'make bench-deps installs these others'
	@echo 'make clean      removes $(O)'
	@echo 'Variables: PREFIX DESTDIR CC CFLAGS LDFLAGS O'

$(O)/bin/dagq: $(O)/cmd/dagqids.o
$(O)/bin/dagexec: $(O)/cmd/foreground.o
$(O)/bin/dagsched: $(O)/cmd/follow.o $(O)/cmd/followdags.o
$(O)/bin/dagstat: $(O)/cmd/statlog.o
$(O)/bin/%: $(O)/cmd/%.o $(O)/cmd/prog.o $(O)/libdag.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -o $@ $(filter %.o,$^) $(O)/libdag.a $(ALL_LDFLAGS)

$(O)/libdag.a: $(LIBSRC:%.c=$(O)/%.o)
	@rm -f $@
	$(AR) rcs $@ $^

$(O)/%.o: %.c | $(O)/libraries
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

$(O)/test/%: test/unit/%.c $(O)/libdag.a | $(O)/libraries
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -o $@ $< $(O)/libdag.a $(ALL_LDFLAGS)

$(O)/libraries:
	@pkg-config --exists $(PKGS) || { \
		echo 'make: a library is missing ($(PKGS)):' \
		    'say "make deps"' >&2; exit 1; }
	@mkdir -p $(@D) && touch $@

deps:
	@share/deps

units: $(UNIT)

check:
	@share/deps build check
	@$(MAKE) --no-print-directory all units
	@O=$(abspath $(O)) test/run

sanitize:
	@$(MAKE) --no-print-directory O=$(O)/asan CFLAGS='$(SANITIZE)' check

lint:
	@share/deps build lint
	@share/lint

bench:
	@share/deps build
	@O=$(abspath $(O)) test/bench/run

bench-deps:
	@share/deps bench

demo:
	@share/deps build demo
	@$(MAKE) --no-print-directory all
	@PATH=$(abspath $(O))/bin:$$PATH examples/weather/demo $(O)/demo

install: all
	install -d '$(DEST)/bin'
	install -m 755 $(BINS) '$(DEST)/bin'
	for f in $(SHARED); do \
		install -D -m 644 $$f '$(DEST)'/$$f || exit 1; done

uninstall:
	cd '$(DEST)' && rm -f $(PROG:%=bin/%) $(SHARED)

clean:
	rm -rf $(O)

-include $(wildcard $(O)/*/*.d)
.PHONY: all help deps units check sanitize lint bench bench-deps demo install \
        uninstall clean
.SECONDARY:
