# SPDX-License-Identifier: GPL-2.0
# Turns the fact files into C: one check a line, as rows and small functions
# that check.c runs; the rows of values go to rowfile. Input fields are
# separated by tabs.

BEGIN { FS = "\t" }

/^#/ || NF == 0 { next }

FILENAME ~ /expressions/ {
	rows = rows sprintf("\tEXPR(%s, %s),\n", $1, $2)
	next
}

$1 == "enum" {
	rows = rows sprintf("\tENUMERATOR(%s, %s),\n", $2, $3)
	if ($2 ~ /^BPF_FUNC_/)
		helpers = helpers sprintf("\t{ \"%s\", %s },\n", substr($2, 10), $3)
}

$1 == "macro" {
	printf("#ifndef %s\n#define MISSING_%s 1\n#else\n#define MISSING_%s 0\n#endif\n",
	       $2, $2, $2)
	rows = rows sprintf("\tMACRO(%s, %s),\n", $2, $3)
}

$1 == "type" || $1 == "tag" {
	rows = rows sprintf("\tSIZE(%s, %s),\n", $2, $1 == "tag" ? "4" : $3)
}

$1 == "member" {
	rows = rows sprintf("\tOFFSET(%s, %s, %s),\n", $2, $3, $4)
	if ($5 != "0")
		rows = rows sprintf("\tMEMBER_SIZE(%s, %s, %s),\n", $2, $3, $5)
}

$1 == "bits" {
	name = $2 "_" $3
	gsub(/[^A-Za-z0-9]/, "_", name)
	printf("BITFIELD(%s, %s, %s)\n", name, $2, $3)
	bits = bits sprintf("\t{ \"%s.%s\", %s, %d, %s },\n", $2, $3, name, $4 * 8 + $5, $6)
}

END {
	printf("%s", rows) > rowfile
	printf("static const struct bits_check bits[] = {\n%s};\n\n", bits)
	printf("static const struct helper_fact helper_facts[] = {\n%s};\n", helpers)
}
