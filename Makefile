# dagtools: GNU make; "make help" says what can be asked for.

PREFIX  = /usr/local
DESTDIR =
CC      = cc
CFLAGS  = -O2 -g
LDFLAGS =
O       = build

# The library in layer order: a file may use those before it, never one
# behind it. test/house.bats reads this list.
LIB = buf text name num words rec instant term screen table canvas route graph critical \
      layout \
      tzrule tz cronset cron tick period rule \
      trigger cause value calfile cal calslots slots lang plan params \
      dagpath dagerr dagtext daglex dagparams dagedges dagcompile \
      dagcache dagprog dagfile dot \
      io watch alarm names spool state run scan runs marker hist pool worker \
      tree admit revive glimpse eval simulate planstore maker \
      world worldenv kept holders spawn attempt finish lost supervisor \
      larchive tar archive unpack retire latest renew sweep purge \
      known due backfill backfills pace runrec kill param change cancel redo \
      again schedjob schedfill whyslot sched quiet source plancheck seen \
      intake aside withdraw inspect check \
      idtext ids ready peers settle queuescan dispatch executor \
      past look usage order sign row filter view glance list notice logs await \
      holding why blocked late story contrast grid gantt boxes
PROG = dagparse dagsched dagq dagexec dagstat

WARN = -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes \
       -Wmissing-prototypes -Wwrite-strings -Wvla
# libarchive is not linked but loaded, lib/larchive.h says why
PKGS = libarchive zlib
SANITIZE = -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined \
           -fno-sanitize-recover=undefined
ALL_CFLAGS  = -std=c11 -D_GNU_SOURCE $(WARN) -iquote lib -iquote cmd -MMD -MP \
              $(shell pkg-config --cflags $(PKGS) 2>/dev/null) $(CFLAGS)
ALL_LDFLAGS = $(LDFLAGS) $(shell pkg-config --libs zlib 2>/dev/null) -ldl

LIBSRC = $(wildcard $(LIB:%=lib/%.c))
FAULTLIB = case ledger work
FAULTS = preload.so body sweep random power claims lost replay
UNIT   = $(patsubst test/unit/%.c,$(O)/test/%,$(wildcard test/unit/*.c))
DEST   = $(DESTDIR)$(PREFIX)
SHARED = $(wildcard share/man/man?/*.[1-8] share/bash-completion/*/* \
           share/calendars/*[-a-z]days share/zsh/*/* share/fish/*/*)
UNITS  = $(notdir $(wildcard share/systemd/*))
VERSION = $(shell sed -n 's/^\#define DAG_VERSION "\(.*\)"/\1/p' cmd/prog.h)
DIST   = Makefile README INSTALL LICENSE cmd lib share test examples
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
	@echo 'make torture    runs the fault suite at full scale: hours'
	@echo 'make fuzz       runs the fuzz targets: FUZZ_TIME seconds each (60)'
	@echo 'make coverage   says what of lib/ the tests go through'
	@echo 'make sanitize   runs the tests under ASan and UBSan'
	@echo 'make lint       looks over the sources and the manuals'
	@echo 'make bench      compares with make, ninja and others (hours)'
	@echo 'make bench-deps installs these others'
	@echo 'make guard      is a task dearer than written down? UPDATE=1: write'
	@echo 'make dist       packs the sources: $(O)/dagtools-$(VERSION).tar.gz'
	@echo 'make deb        makes a Debian package in $(O)'
	@echo 'make clean      removes $(O)'
	@echo 'Variables: PREFIX DESTDIR CC CFLAGS LDFLAGS O'

$(O)/bin/dagq: $(patsubst cmd/%.c,$(O)/cmd/%.o,$(wildcard cmd/dagq?*.c))
$(O)/bin/dagexec: $(O)/cmd/foreground.o $(O)/cmd/worldshell.o
$(O)/bin/dagsched: $(O)/cmd/follow.o $(O)/cmd/followdags.o \
                    $(O)/cmd/fill.o $(O)/cmd/show.o
$(O)/bin/dagstat: $(patsubst cmd/%.c,$(O)/cmd/%.o,$(wildcard cmd/stat*.c))
$(O)/bin/%: $(O)/cmd/%.o $(O)/cmd/prog.o $(O)/cmd/progress.o $(O)/libdag.a
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

# what breaks the programs is not itself under the sanitizers
FAULTC = $(CC) -std=c11 -D_GNU_SOURCE $(WARN) -Wno-missing-field-initializers \
         -O2 -g -MMD -MP

$(O)/fault/preload.so: test/fault/preload.c
	@mkdir -p $(@D)
	$(FAULTC) -fPIC -shared -o $@ $<

$(O)/fault/%.o: test/fault/%.c
	@mkdir -p $(@D)
	$(FAULTC) -c -o $@ $<

$(O)/fault/body: test/fault/body.c
	@mkdir -p $(@D)
	$(FAULTC) -static -o $@ $<

$(O)/fault/%: $(O)/fault/%.o $(FAULTLIB:%=$(O)/fault/%.o)
	$(CC) -o $@ $^

$(O)/libraries:
	@pkg-config --exists $(PKGS) || { \
		echo 'make: a library is missing ($(PKGS)):' \
		    'say "make deps"' >&2; exit 1; }
	@mkdir -p $(@D) && touch $@

deps:
	@share/deps

# the fuzz targets: over their seeds and what is near them, by make check
FUZZES = parse records times archive scan

$(O)/seeds/%: test/fuzz/%.c test/fuzz/run.c $(O)/libdag.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MF $@.d -o $@ $< test/fuzz/run.c $(O)/libdag.a \
	    $(ALL_LDFLAGS)

# and with libFuzzer
$(O)/fuzz/%: test/fuzz/%.c $(O)/libdag.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -fsanitize=fuzzer -MF $@.d -o $@ $< \
	    $(O)/libdag.a $(ALL_LDFLAGS)

fuzz:
	@$(MAKE) --no-print-directory O=$(O)/clang CC=clang \
	    CFLAGS='$(SANITIZE) -fsanitize=fuzzer-no-link' fuzzers
	@O=$(abspath $(O))/clang test/fuzz/fuzz $(FUZZES)

fuzzers: $(FUZZES:%=$(O)/fuzz/%)

units: $(UNIT)

faults: $(FAULTS:%=$(O)/fault/%) $(FUZZES:%=$(O)/seeds/%)

torture:
	@share/deps build check
	@$(MAKE) --no-print-directory all units faults
	@O=$(abspath $(O)) FAULT_SCALE=full JOBS=1 \
	    test/run test/fault.bats test/world.bats
	@FUZZ_RUNS=100000000 $(MAKE) --no-print-directory fuzz

# what of lib/ the tests go through, by module
coverage:
	@mkdir -p $(O)/cov && $(CC) -c -o $(O)/cov/exit.o test/exit.c
	@$(MAKE) --no-print-directory O=$(O)/cov CFLAGS='-O0 -g --coverage' \
	    LDFLAGS='--coverage -Wl,--wrap=_exit $(abspath $(O))/cov/exit.o' \
	    all units faults
	@O=$(abspath $(O))/cov test/run $(TESTS) || :
	@O=$(abspath $(O))/cov test/coverage

check:
	@share/deps build check
	@$(MAKE) --no-print-directory all units faults
	@O=$(abspath $(O)) test/run

# not those that look at the tree, count instructions, or preload faults
UNSANITIZED = fault world guard house manual weather
sanitize:
	@share/deps build check
	@$(MAKE) --no-print-directory O=$(O)/asan CFLAGS='$(SANITIZE)' \
	    all units faults
	@O=$(abspath $(O))/asan test/run $(filter-out \
	    $(UNSANITIZED:%=test/%.bats),$(wildcard test/*.bats))

lint:
	@share/deps build lint
	@share/lint

bench:
	@share/deps build
	@O=$(abspath $(O)) test/bench/run

guard: all
	@O=$(abspath $(O)) test/bench/guard $(if $(UPDATE),--update)

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
	for f in $(UNITS); do \
		install -D -m 644 share/systemd/$$f \
		    '$(DEST)'/lib/systemd/system/$$f || exit 1; done

uninstall:
	cd '$(DEST)' && rm -f $(PROG:%=bin/%) $(SHARED) \
	    $(UNITS:%=lib/systemd/system/%)

# the same files give the same bytes
dist:
	@mkdir -p $(O)
	tar --sort=name --owner=0 --group=0 --numeric-owner \
	    --mtime=@$(or $(SOURCE_DATE_EPOCH),0) \
	    --transform='flags=r;s,^,dagtools-$(VERSION)/,' \
	    -cf - $(DIST) | gzip -9n >$(O)/dagtools-$(VERSION).tar.gz

deb: all
	rm -rf $(O)/deb
	@$(MAKE) --no-print-directory -s PREFIX=/usr \
	    DESTDIR=$(abspath $(O))/deb install
	share/deb $(VERSION) $(O)/deb $(O)

clean:
	rm -rf $(O)

-include $(wildcard $(O)/*/*.d)
.PHONY: all dist deb help deps units faults check torture sanitize lint bench bench-deps \
        guard demo install \
        uninstall clean
.SECONDARY:
