# SPDX-License-Identifier: GPL-2.0
# Included by the Makefile of a suite, after it has set what it has:
#
#   TESTS   C programs, one a source file NAME.c, with the kernel's kselftest harness
#   BPFS    BPF objects, one a source file NAME.bpf.c; $(O)/NAME.bpf.o
#   EXTRA   more C sources that are linked into each program
#   LDLIBS  libraries (libbpf and what it needs is there already)
#
# The environment names where things are (see README.rst); without it they are guessed.

SUITE := $(CURDIR)
TOP ?= $(patsubst %/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))
KBPF ?= $(abspath $(TOP)/../../../..)
O ?= $(KBPF)/build/tests/$(patsubst $(TOP)/%,%,$(SUITE))
KSRC ?= $(KBPF)/build/src
KUSR ?= $(KBPF)/build/usr
KOUT ?= $(KBPF)/build/out
CLANG ?= clang-19

# The uapi of this tree before that of the host; the harness is the base's.
CPPFLAGS += -I$(SUITE) -I$(TOP) -isystem $(KUSR)/include -I$(KSRC)/tools/testing/selftests -D_GNU_SOURCE
CFLAGS += -O2 -g -Wall -Wextra -Wno-unused-parameter -Wno-missing-field-initializers -std=gnu11
LDLIBS += -lbpf -lelf -lz -lpthread

# Time limits of the harness, in a kernel that is slow.
SLOW ?= 1
ifneq ($(SLOW),1)
CPPFLAGS += -DSLOW=$(SLOW) -include $(TOP)/slow.h
endif

# BPF programs may include vmlinux.h, the types of the kernel that was built, or the uapi.
BPF_CFLAGS += -O2 -g -target bpf -mcpu=v3 -D__TARGET_ARCH_x86 -Wall -I$(SUITE) -I$(TOP) -I$(KOUT)/bpf \
	      -isystem $(KUSR)/include -idirafter /usr/include/x86_64-linux-gnu

PROGRAMS := $(addprefix $(O)/,$(TESTS))
OBJECTS := $(patsubst %,$(O)/%.bpf.o,$(BPFS))
HEADERS := $(wildcard $(SUITE)/*.h $(TOP)/*.h)

all: $(PROGRAMS) $(OBJECTS) $(O)/tests

$(PROGRAMS): $(O)/%: $(SUITE)/%.c $(EXTRA) $(HEADERS) | $(O)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(filter %.c,$^) -o $@ $(LDFLAGS) $(LDLIBS)

$(OBJECTS): $(O)/%.bpf.o: $(SUITE)/%.bpf.c $(HEADERS) | $(O)
	$(CLANG) $(BPF_CFLAGS) -c $< -o $@

# What run_tests.sh runs.
$(O)/tests: FORCE | $(O)
	@printf '%s\n' $(TESTS) >$@

$(O):
	mkdir -p $@

run: all
	O=$(O) $(TOP)/run_tests.sh

clean:
	rm -rf $(O)

FORCE:
.PHONY: all run clean FORCE
