# dagtools: GNU make; "make help" says what can be asked for.

PREFIX  = /usr/local
DESTDIR =
CC      = cc
CFLAGS  = -O2 -g
LDFLAGS =
O       = build

# The library in layer order: a file may use those before it, never one
# behind it. test/house.bats reads this list.
# bytes, names, records; drawing in text
text    = buf hash text name nameset num words expand rec instant who term \
          screen table canvas route graph critical layout
# time zones, cron, calendars, what is due when
time    = tzrule tz cronset cron tick period rule trigger cause value each \
          arrival assetrule slotless calfile cal calslots slots
# the language: from a DAG file to a plan
lang    = become need launchwords lang langkeys plankind planline plan \
          planget planmap scope \
          resource params dagpath dagerr dagtext daglex dagparams daggroups \
          dagedges dageach dagcycle dagvalue dagclash dagsub dagcompile workdir \
          dagcache capture dagprog dagplace dagfile dot mermaid
# the spool: runs, markers, history, workers
spool   = io watch alarm names maps target spool state run scan runs marker \
          runfile hist outbox notify pool worker sharing known seen tree \
          batch verdict engine launcher launchers
# what follows from the states of tasks
follow  = outdir upvalues lend world worldenv child deadline stop fuse admit \
          revive items assets mapping decide due others needs gate gatefiles \
          whole glimpse eval simulate
# a task that runs: its world, its limits, its end
attempt = planstore maker stage kept cgroup holders \
          lease beat kill spawn attempt fence limit retry logtail made finish \
          lost deliver beside post ender launchlook launchpool launchsettle
# archives; what is swept, kept, purged
shelf   = larchive tar archive unpack retire latest renew replay sweep purge
# runs made, changed, withdrawn; the queue
change  = backfill backfills fillfile fillwait pace runrec param reach foreign \
          heldby change cancel redo again schedjob schedfill arrived schedfile \
          schedasset whyslot sched quiet source plancheck intake submake subdag \
          ahead duty supervisor aside \
          withdraw rights partname parts inspect check idtext \
          shelved ids ready peers settle solo launchgive launch launching \
          gatewatch queuescan offer dispatch executor
# what dagstat tells, draws, writes as pages
look    = past look usage order sign row filter view glance list notice logs \
          await holding late overdue forecast asked whygate whylaunch why \
          blocked \
          story contrast spans alike grid gantt boxes histback metrics html \
          badge tally stats page sight outlook places graphviz picture frame \
          timeline siterun sitetask sitedag sitealert sitehead sitesearch site
LIB     = $(text) $(time) $(lang) $(spool) $(follow) $(attempt) $(shelf) \
          $(change) $(look)
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
FAULTLIB = case actors book ledger work memo point victim
FAULTS = preload.so body sweep random walk power claims lost replay hung \
         swap
UNIT   = $(patsubst test/unit/%.c,$(O)/test/%,$(wildcard test/unit/*.c))
DEST   = $(DESTDIR)$(PREFIX)
SHARED = $(wildcard share/man/man?/*.[1-8] share/bash-completion/*/* \
           share/schema/*.json share/calendars/*[-a-z]days share/zsh/*/* share/fish/*/*)
NOTIFY = $(wildcard share/notify/* share/launch/*)
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
	@echo 'make torture    runs the fault suite at full scale: days; TORTURE=ci:'
	@echo '                what make check does, each errno at each call: half an hour'
	@echo 'make fuzz       runs the fuzz targets: FUZZ_TIME seconds each (60)'
	@echo 'make coverage   says what of lib/ the tests go through'
	@echo 'make sanitize   runs the tests under ASan and UBSan'
	@echo 'make slurm-test runs the tests with a real Slurm, time limits too'
	@echo 'make site-test  looks at the pages of dagstat --html in a browser'
	@echo 'make site-deps  installs what that needs (npm: into $(O)/site)'
	@echo 'make lint       looks over the sources and the manuals'
	@echo 'make bench      compares with make, ninja and others (hours)'
	@echo 'make bench-deps installs these others'
	@echo 'make guard      is a task dearer than written down? UPDATE=1: write'
	@echo 'make dist       packs the sources: $(O)/dagtools-$(VERSION).tar.gz'
	@echo 'make deb        makes a Debian package in $(O)'
	@echo 'make deb-test   tries it in a fresh Debian: root, debootstrap'
	@echo 'make clean      removes $(O)'
	@echo 'Variables: PREFIX DESTDIR CC CFLAGS LDFLAGS O'

$(O)/bin/dagq: $(patsubst cmd/%.c,$(O)/cmd/%.o,$(wildcard cmd/dagq?*.c))
$(O)/bin/dagexec: $(O)/cmd/foreground.o $(O)/cmd/elsewhere.o \
                   $(O)/cmd/worldshell.o $(O)/cmd/users.o $(O)/cmd/started.o
$(O)/bin/dagsched: $(O)/cmd/follow.o $(O)/cmd/followdags.o \
                    $(O)/cmd/fill.o $(O)/cmd/fills.o $(O)/cmd/show.o
$(O)/bin/dagstat: $(patsubst cmd/%.c,$(O)/cmd/%.o,$(wildcard cmd/stat*.c))
$(O)/bin/%: $(O)/cmd/%.o $(O)/cmd/prog.o $(O)/cmd/progress.o $(O)/libdag.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -o $@ $(filter %.o,$^) $(O)/libdag.a $(ALL_LDFLAGS)

$(O)/libdag.a: $(LIBSRC:%.c=$(O)/%.o) $(O)/sitefiles.o
	@rm -f $@
	$(AR) rcs $@ $^

# the stylesheet and the script of dagstat --html, as strings
$(O)/sitefiles.c: share/html/style.css share/html/script.js cmd/prog.h \
                    Makefile
	@mkdir -p $(@D)
	@for file in style.css script.js; do \
		echo "const char site_$${file%.*}[] ="; \
		(echo '/* dagtools $(VERSION) */'; cat share/html/$$file) | \
		    sed 's/["\\]/\\&/g; s/??/?\\?/g; s/.*/"&\\n"/'; \
		echo ';'; \
	done >$@.part && mv $@.part $@

$(O)/sitefiles.o: $(O)/sitefiles.c
	$(CC) -std=c11 $(CFLAGS) -c -o $@ $<

$(O)/%.o: %.c | $(O)/libraries
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

$(O)/test/%: test/unit/%.c $(O)/libdag.a | $(O)/libraries
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -o $@ $< $(O)/libdag.a $(ALL_LDFLAGS)

# the calls that these make fail, test/unit/fail.h
FAILING = getcwd malloc calloc realloc reallocarray free strdup asprintf realpath \
          fdopendir readdir fstat fstatat stat faccessat fstatfs mkdir \
          mkdirat mknodat utimensat futimens fsync syncfs ftruncate \
          renameat renameat2 flock fcntl close open syscall read pread write
$(O)/test/fail% $(O)/core/fail%: ALL_LDFLAGS += $(FAILING:%=-Wl,--wrap=%)

# the spool, the records, the parser: 95 % of their branches are gone through
# by these programs alone, test/coverage.bats
CORE = rec planline plan planget spool state run scan runs names io \
       dagerr dagtext daglex dagparams daggroups dagedges dageach dagcycle \
       dagvalue dagcompile dagfile
CORED = text moves toomuch failparse failspool failio parse records scan
COREO = $(CORE:%=$(O)/core/lib/%.o)

$(O)/core/lib/%.o: lib/%.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -O0 -g --coverage -c -o $@ $<

$(O)/core/%: test/unit/%.c $(COREO) $(O)/libdag.a
	$(CC) $(ALL_CFLAGS) -O0 -MF $@.d -o $@ $< $(COREO) $(O)/libdag.a \
	    --coverage $(ALL_LDFLAGS)

$(O)/core/%: test/fuzz/%.c test/fuzz/run.c $(COREO) $(O)/libdag.a
	$(CC) $(ALL_CFLAGS) -O0 -MF $@.d -o $@ $< test/fuzz/run.c $(COREO) \
	    $(O)/libdag.a --coverage $(ALL_LDFLAGS)

core: $(CORED:%=$(O)/core/%)

# what breaks the programs is not itself under the sanitizers
FAULTC = $(CC) -std=c11 -D_GNU_SOURCE $(WARN) -Wno-missing-field-initializers \
         -O2 -g -MMD -MP $(if $(findstring =address,$(CFLAGS)),-DSANITIZED)

PRELOAD = preload precalls prememory
$(O)/fault/preload.so: $(PRELOAD:%=test/fault/%.c) test/fault/preload.h \
                       test/fault/serve.h
	@mkdir -p $(@D)
	$(FAULTC) -fPIC -shared -o $@ $(filter %.c,$^)

$(O)/fault/%.o: test/fault/%.c
	@mkdir -p $(@D)
	$(FAULTC) -c -o $@ $<

# without the C library, where bare.h can
$(O)/fault/body: test/fault/body.c test/fault/bare.h
	@mkdir -p $(@D)
	$(FAULTC) -static $(if $(findstring x86_64,$(shell $(CC) -dumpmachine)), \
	    -nostdlib -fno-stack-protector -fno-tree-loop-distribute-patterns) \
	    -o $@ $<

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
	@if ! command -v clang >/dev/null; then echo 'skipped: no clang'; else \
		$(MAKE) --no-print-directory O=$(O)/clang CC=clang \
		    CFLAGS='$(SANITIZE) -fsanitize=fuzzer-no-link' fuzzers && \
		O=$(abspath $(O))/clang test/fuzz/fuzz $(FUZZES); fi

fuzzers: $(FUZZES:%=$(O)/fuzz/%)

units: $(UNIT)

faults: $(FAULTS:%=$(O)/fault/%) $(FUZZES:%=$(O)/seeds/%)

# TORTURE=full, or ci: as make check does it, but with each errno at each call
TORTURE = full
torture:
	@share/deps build check fuzz torture
	@$(MAKE) --no-print-directory all units faults
	@O=$(abspath $(O)) FAULT_SCALE=$(TORTURE) JOBS=1 LIMIT=0 \
	    test/run test/fault.bats test/world.bats
	@$(if $(filter full,$(TORTURE)),FUZZ_RUNS=100000000) \
	    $(MAKE) --no-print-directory fuzz

# what of lib/ the tests go through, by module
coverage:
	@mkdir -p $(O)/cov && $(CC) -c -o $(O)/cov/exit.o test/exit.c
	@$(MAKE) --no-print-directory O=$(O)/cov CFLAGS='-O0 -g --coverage' \
	    LDFLAGS='--coverage -Wl,--wrap=_exit $(abspath $(O))/cov/exit.o' \
	    all units faults core
	@O=$(abspath $(O))/cov LIMIT=0 test/run $(TESTS) || :
	@O=$(abspath $(O))/cov test/coverage

check:
	@share/deps build check
	@$(MAKE) --no-print-directory all units faults core
	@O=$(abspath $(O)) test/run

# the pages in a browser; the versions are those it was written with
site-deps:
	@share/deps build check site
	@mkdir -p $(O)/site
	@npm install --prefix $(O)/site --no-save --no-audit --no-fund \
	    --loglevel=error playwright-core@1.65.1 axe-core@4.14.1

site-test: site-deps
	@$(MAKE) --no-print-directory all
	@O=$(abspath $(O)) test/run test/site.bats test/browser.bats

# a real Slurm of its own, on the loopback; without it these tests are skipped
slurm-test:
	@share/deps build check slurm
	@$(MAKE) --no-print-directory all
	@O=$(abspath $(O)) SLURM=long LIMIT=0 test/run test/slurm.bats \
	    test/ssh.bats test/launch.bats test/lost.bats

# not those that look at the tree, count instructions, or sweep faults, nor
# tests that are long, nor under strace, where the leak check cannot work; of
# tables that make check goes through, an eighth
UNSANITIZED = fault world guard house manual weather deliver coverage browser \
              slurm ssh kubernetes
sanitize:
	@share/deps build check
	@$(MAKE) --no-print-directory O=$(O)/asan CFLAGS='$(SANITIZE)' \
	    all units $(O)/asan/fault/preload.so
	@O=$(abspath $(O))/asan SAMPLE=8 TAGS='!long,!traced' \
	    JOBS=$$(($$(nproc) + 2)) test/run $(filter-out \
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
	for f in $(NOTIFY); do \
		install -D -m 755 $$f '$(DEST)'/$$f || exit 1; done
	for f in $(UNITS); do \
		install -D -m 644 share/systemd/$$f \
		    '$(DEST)'/lib/systemd/system/$$f || exit 1; done

uninstall:
	cd '$(DEST)' && rm -f $(PROG:%=bin/%) $(SHARED) $(NOTIFY) \
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

deb-test: deb
	@test/chroot $(O)/dagtools_$(VERSION)_*.deb

clean:
	rm -rf $(O)

-include $(wildcard $(O)/*/*.d $(O)/core/lib/*.d)
.PHONY: all dist deb deb-test help deps units faults core fuzz fuzzers \
        coverage check slurm-test torture sanitize lint bench bench-deps guard demo \
        install uninstall clean
.SECONDARY:
