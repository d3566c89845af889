#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
status=0
"$TOP/run_tests.sh" || status=1
./hooks.sh || status=1
exit $status
