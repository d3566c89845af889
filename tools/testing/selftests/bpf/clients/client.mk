# SPDX-License-Identifier: GPL-2.0
# Included by the Makefile of a client's suite: builds the objects that the suite names in BPFS and
# the programs in TOOLS from ../progs into $O.

CLIENTS := $(patsubst %/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))
TOP ?= $(abspath $(CLIENTS)/..)
KBPF ?= $(abspath $(TOP)/../../../..)
O ?= $(KBPF)/build/tests/clients/$(notdir $(CURDIR))
KUSR ?= $(KBPF)/build/usr
CLANG ?= clang-19

all: $(patsubst %,$(O)/%.bpf.o,$(BPFS)) $(addprefix $(O)/,$(TOOLS))

$(O)/%.bpf.o: $(CLIENTS)/progs/%.bpf.c | $(O)
	$(CLANG) -O2 -g -target bpf -D__TARGET_ARCH_x86 -Wall -isystem $(KUSR)/include \
		-idirafter /usr/include/x86_64-linux-gnu -c $< -o $@

$(addprefix $(O)/,$(TOOLS)): $(O)/%: $(CLIENTS)/progs/%.c | $(O)
	$(CC) -O2 -Wall $< -o $@ -lbpf

$(O):
	mkdir -p $@

.PHONY: all
