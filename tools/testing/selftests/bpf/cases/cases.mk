# SPDX-License-Identifier: GPL-2.0
# What the programs that run case files are made of; ROOT and CASEDIR are set.
CASE_SRC := $(addprefix $(CASEDIR)/,asm.c case.c types.c load.c run.c) \
	    $(ROOT)/kernel/bpf/isa/insn.c $(ROOT)/kernel/bpf/isa/text.c
CASE_HEADERS := $(wildcard $(CASEDIR)/*.h $(ROOT)/kernel/bpf/isa/*.h)
CASE_FLAGS := -O1 -g -std=gnu11 -Wall -Wextra -Wno-unused-parameter -Wno-sign-compare \
	      -Wno-missing-field-initializers -Wno-override-init -Wno-parentheses -D_GNU_SOURCE -D__user= \
	      -I$(CASEDIR) -I$(ROOT)/tools/testing/selftests/bpf/isa/shim -I$(ROOT)/kernel/bpf \
	      -isystem $(ROOT)/include/uapi -idirafter $(ROOT)/include

# Case files, those that are written by scripts included; O is set.
GENERATED := $(addprefix $(O)/,ranges.case kinds.case args.case)
CASES := $(wildcard $(CASEDIR)/*.case) $(GENERATED)

$(GENERATED): $(O)/%.case: $(CASEDIR)/%.py $(CASEDIR)/kinds.py
	@mkdir -p $(@D)
	python3 -B $< >$@.new && mv $@.new $@
