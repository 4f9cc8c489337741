# dagtools: GNU make; "make help" says what can be asked for.

PREFIX  = /usr/local
DESTDIR =
CC      = cc
CFLAGS  = -O2 -g
LDFLAGS =
O       = build

# The library in layer order: a file may use those before it, never one
# behind it. test/house.bats reads this list.
LIB = buf name num words rec instant graph \
      tzrule tz cronset cron tick period slots \
      lang plan \
      dagfile \
      io names spool marker hist pool worker tree admit eval maker \
      archive known due runrec task exec change ids
PROG = dagparse dagsched dagq dagexec dagstat

WARN = -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes \
       -Wmissing-prototypes -Wwrite-strings -Wvla
PKGS = libarchive zlib
ALL_CFLAGS  = -std=c11 -D_GNU_SOURCE $(WARN) -Ilib -Icmd -MMD -MP \
              $(shell pkg-config --cflags $(PKGS)) $(CFLAGS)
ALL_LDFLAGS = $(LDFLAGS) $(shell pkg-config --libs $(PKGS))

LIBSRC = $(wildcard $(LIB:%=lib/%.c))
BINS   = $(patsubst cmd/%.c,$(O)/bin/%,$(wildcard $(PROG:%=cmd/%.c)))

all: $(BINS)

$(O)/bin/%: $(O)/cmd/%.o $(O)/cmd/prog.o $(O)/libdag.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -o $@ $^ $(ALL_LDFLAGS)

$(O)/libdag.a: $(LIBSRC:%.c=$(O)/%.o)
	@rm -f $@
	$(AR) rcs $@ $^

$(O)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

clean:
	rm -rf $(O)

-include $(wildcard $(O)/*/*.d)
.PHONY: all clean
.SECONDARY:
