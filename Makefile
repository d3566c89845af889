# SPDX-License-Identifier: GPL-2.0
# The two commands are `make run` and `make test`; `make help` lists the rest.

FLAVOR ?=
export FLAVOR
OUT := $(CURDIR)/build/out$(if $(FLAVOR),-$(FLAVOR))

help:
	@sed -n 's/^## //p' $(firstword $(MAKEFILE_LIST))

## make test          build, run every test in both homes, sum up (SUITES="abi maps" picks some;
##                    JIT=off and JIT=hardened run the kernel home's without, and with blinding)
test: kernel
	@series/suites.py $(SUITES)

## make test-host     only the suites that need no kernel
test-host: setup
	@series/kernel.sh headers
	@series/suites.py --home host $(SUITES)

## make host-test     those of them that take no more than seconds: not the proofs, the fuzzers, nor
##                    the bugs put back
host-test: setup
	@series/kernel.sh headers
	@series/suites.py --home host --quick $(SUITES)

## make host          bpf(2) as a library of a process, bpfcheck, and the conformance suite's plugin,
##                    in build/host and build/bpfcheck
host: setup
	@series/kernel.sh prepared
	@$(MAKE) -s -j$(shell nproc) -C tools/bpf/host
	@$(MAKE) -s -C tools/bpf/host/plugin
	@$(MAKE) -s -C tools/bpf/bpfcheck

## make fuzz TIME=60  each fuzzer for so many seconds
fuzz: host
	@$(MAKE) -s -C tools/testing/selftests/bpf/fuzz fuzz $(if $(TIME),TIME=$(TIME))

## make run           build, boot, and show what it does
run: kernel
	@series/run.sh

## make bench         what the verifier spends on some fifty objects, in a guest that counts
bench: kernel
	@$(MAKE) --no-print-directory -C tools/testing/selftests/bpf/bench bench

## make bench-jit     instructions of programs: interpreter, JIT without and with its rules
bench-jit: kernel host
	@$(MAKE) --no-print-directory -C tools/testing/selftests/bpf/bench bench-jit

## make bench-host    instructions that the host home takes: verification, maps, programs
bench-host: kernel host
	@$(MAKE) --no-print-directory -C tools/bpf/host/bench bench

## make bench-stock   builds a stock kernel, compares with it, writes the tables of jit.rst
bench-stock: kernel host
	@$(MAKE) --no-print-directory -C tools/testing/selftests/bpf/bench bench-stock

## make bench-verify  likewise for the verifier: time and memory, verifier_bench.rst
bench-verify: kernel
	@$(MAKE) --no-print-directory -C tools/testing/selftests/bpf/bench bench-verify

## make shell         a root shell in the guest
shell: kernel
	@series/guest.py --shell

## make guest CMD=... run a command in the guest
guest: kernel
	@series/guest.py -- bash -c '$(CMD)'

## make kernel        build the kernel image (FLAVOR=debug: sanitizers and lock checking)
kernel: setup
	@series/kernel.sh

## make -s image      print the path of the built bzImage (builds nothing)
image:
	@echo $(OUT)/arch/x86/boot/bzImage

## make -s vmlinux    print the path of the built vmlinux (builds nothing)
vmlinux:
	@echo $(OUT)/vmlinux

## make setup         install the Debian packages that are missing
setup:
	@series/setup.sh base

## make sync          lay this tree over build/src, building nothing
sync:
	@series/sync.sh

## make check         checkpatch --strict, sparse, coccicheck and W=1 on our files (CHECKS=sparse)
check: setup
	@series/setup.sh check
	@series/check.sh $(CHECKS)

## make corners       link a small kernel for each row of series/corners.txt (CORNERS="no-jit rt")
corners: setup
	@series/corners.sh $(CORNERS)

## make series        write numbered patches for `git am` to build/series, and try them
##                    (TRY=--build: build the result, too; TRY=--each: build after each patch)
series: setup
	@series/series.sh $(TRY)

## make clean         remove build/
clean:
	rm -rf build

.PHONY: help test test-host host-test host fuzz run bench bench-jit bench-host bench-stock bench-verify shell guest check corners series kernel image vmlinux setup sync clean
